//! A websocket from its opening to its end.

use super::super::{
    look::{Closing, Look, Told},
    speak::presence,
    wire::Said,
};
use crate::{App, rates::Rate};
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::StreamExt as _;
use governor::{DefaultDirectRateLimiter, RateLimiter};
use serde::Deserialize;
use serde_json::json;
use std::{pin::pin, time::Duration};
use support_core::{
    desk::Desk,
    domain::{actor::Actor, id::TicketId},
};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

/// So long somebody may take to read a frame.
const PATIENCE: Duration = Duration::from_secs(10);
/// Frames over the limit that are borne with.
const BORNE: u32 = 50;

/// Why a websocket ends, in the codes of the protocol and of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Nobody is signed in, or not any more.
    SignedOut,
    /// It is not there, or not theirs.
    Gone,
    /// They have too many streams open.
    TooMany,
    /// Nobody can say whether they may.
    Unavailable,
    /// The server shuts down.
    Shutdown,
    /// They would not stop sending.
    Flood,
}

impl End {
    fn code(self) -> (u16, &'static str) {
        match self {
            Self::SignedOut => (4401, "nobody is signed in"),
            Self::Gone => (4403, "it is not there, or not yours"),
            Self::TooMany => (4429, "too many streams"),
            Self::Unavailable => (1013, "try again later"),
            Self::Shutdown => (1001, "the server shuts down"),
            Self::Flood => (1008, "too many frames"),
        }
    }
}

impl From<Closing> for End {
    fn from(closing: Closing) -> Self {
        match closing {
            Closing::SignedOut => Self::SignedOut,
            Closing::Gone => Self::Gone,
            Closing::Unavailable => Self::Unavailable,
            Closing::Shutdown => Self::Shutdown,
        }
    }
}

/// Says why, and goes.
pub(super) async fn end(socket: &mut WebSocket, end: End) {
    let (code, reason) = end.code();
    let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
    // Who does not read it is gone all the same.
    let _ = send(socket, Message::Close(Some(frame))).await;
}

/// Sends a frame. Whoever does not take it in time is not there.
async fn send(socket: &mut WebSocket, message: Message) -> Result<(), Lost> {
    match timeout(PATIENCE, socket.send(message)).await {
        Ok(Ok(())) => Ok(()),
        _ => Err(Lost),
    }
}

/// The other side is not there any more.
struct Lost;

/// What happens next.
enum Step {
    Told(Option<Told>),
    Ping,
    Heard(Option<Result<Message, axum::Error>>),
}

/// Tells what happens and hears what somebody does, until one side ends it.
pub(super) async fn serve(mut socket: WebSocket, app: &App, look: Look) {
    let settings = &app.streams.settings;
    let mut speaker = Speaker::new(app, &look, settings.frames);
    let mut told = pin!(look.stream());
    let every = settings.ping.max(Duration::from_millis(1));
    let mut ping = interval_at(Instant::now() + every, every);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_heard = true;
    loop {
        let step = tokio::select! {
            // Whoever may not hear more is not heard, either.
            biased;
            told = told.next() => Step::Told(told),
            _ = ping.tick() => Step::Ping,
            frame = socket.recv() => Step::Heard(frame),
        };
        let done = match step {
            Step::Told(Some(Told::Closed(closing))) => return end(&mut socket, closing.into()).await,
            Step::Told(Some(told)) => send(&mut socket, framed(&told)).await,
            // Nothing at all came since it was last asked.
            Step::Ping if !is_heard => return,
            Step::Ping => {
                is_heard = false;
                send(&mut socket, Message::Ping(axum::body::Bytes::new())).await
            }
            Step::Heard(Some(Ok(Message::Close(_)))) => {
                // The answer that RFC 6455 (5.5.1) asks for is written when the next frame is waited for.
                let _ = timeout(PATIENCE, socket.recv()).await;
                return;
            }
            Step::Told(None) | Step::Heard(None | Some(Err(_))) => return,
            Step::Heard(Some(Ok(frame))) => {
                is_heard = true;
                match speaker.hear(&frame).await {
                    Heard::Taken => Ok(()),
                    Heard::Refused(why) => send(&mut socket, refusal(why)).await,
                    Heard::Flood => return end(&mut socket, End::Flood).await,
                }
            }
        };
        if done.is_err() {
            return;
        }
    }
}

fn framed(told: &Told) -> Message {
    let Said { id, event, data } = told.into();
    let frame = match id {
        Some(id) => json!({ "event": event, "id": id, "data": data }),
        None => json!({ "event": event, "data": data }),
    };
    Message::text(frame.to_string())
}

/// What is wrong with a frame: always one of a few words, whatever the server knows.
fn refusal(why: &'static str) -> Message {
    Message::text(json!({ "event": "error", "data": { "message": why } }).to_string())
}

/// Somebody who sends frames.
struct Speaker {
    desk: Desk,
    actor: Actor,
    ticket: Option<TicketId>,
    frames: DefaultDirectRateLimiter,
    over: u32,
}

/// What became of a frame.
enum Heard {
    Taken,
    Refused(&'static str),
    Flood,
}

/// A frame.
#[derive(Deserialize)]
struct Frame {
    r#type: String,
}

impl Speaker {
    fn new(app: &App, look: &Look, frames: Rate) -> Self {
        let frames = RateLimiter::direct(frames.quota());
        Self { desk: app.desk.clone(), actor: look.actor().clone(), ticket: look.ticket(), frames, over: 0 }
    }

    async fn hear(&mut self, frame: &Message) -> Heard {
        // Pings count, too: each of them is answered.
        if self.frames.check().is_err() {
            self.over += 1;
            return if self.over > BORNE { Heard::Flood } else { Heard::Refused("too many frames; wait a little") };
        }
        let text = match frame {
            Message::Text(text) => text,
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => return Heard::Taken,
            Message::Binary(_) => return Heard::Refused(UNKNOWN),
        };
        let said = serde_json::from_str::<Frame>(text).ok().and_then(|frame| presence(&frame.r#type));
        let Some(doing) = said else { return Heard::Refused(UNKNOWN) };
        let Some(ticket) = self.ticket else { return Heard::Refused("say it on the stream of the ticket") };
        match self.desk.live().present(&self.actor, ticket, doing).await {
            Ok(()) => Heard::Taken,
            Err(_) => Heard::Refused("it could not be told"),
        }
    }
}

const UNKNOWN: &str = "a frame is {\"type\": …} with viewing, typing, typing_note or gone";
