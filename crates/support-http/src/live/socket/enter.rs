//! Whose websocket it is.

use super::{
    super::{
        doors::Slot,
        look::{Last, Look, Target},
        origin,
    },
    session::{self, End},
};
use crate::{App, auth::SignedIn, problem::Problem, rates::Principal};
use axum::{
    extract::{
        FromRequestParts,
        ws::{Message, WebSocket},
    },
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use serde::Deserialize;
use std::time::Duration;
use support_core::{desk, domain::actor::Actor};
use tokio::{sync::OwnedSemaphorePermit, time::timeout};

/// So long a socket may wait with its key.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a request for a websocket shows of who it comes from.
pub(crate) enum Credentials {
    /// Somebody, and what showed it.
    Known(Actor, Box<Parts>),
    /// Nothing yet; and the place in which they wait with their key.
    Unknown(Waiting),
}

/// A place for a socket that has not said yet whose it is.
pub(crate) struct Waiting {
    _permit: OwnedSemaphorePermit,
    _slot: Option<Slot>,
}

impl FromRequestParts<App> for Credentials {
    type Rejection = Problem;

    /// After the upgrade was taken out of the request: the copy of the request would hold the connection.
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        if let Some(key) = key(&parts.headers) {
            let (actor, proof) = app.streams.keys.redeem(key).ok_or(desk::Error::Unauthenticated)?;
            return Ok(Self::Known(actor, Box::new(proof)));
        }
        match SignedIn::find(parts, app).await.0? {
            Actor::Guest => Waiting::at(parts, app).map(Self::Unknown),
            actor => {
                origin::check(parts, &app.streams.settings.origins)?;
                Ok(Self::Known(actor, Box::new(parts.clone())))
            }
        }
    }
}

/// The key among the subprotocols.
fn key(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).find_map(|word| word.trim().strip_prefix("key."))
}

impl Waiting {
    fn at(parts: &Parts, app: &App) -> Result<Self, Problem> {
        app.streams.is_open()?;
        let full = |_| Problem::too_many(PATIENCE.as_secs());
        let permit = app.streams.strangers.clone().try_acquire_owned().map_err(full)?;
        // Those of whom nothing is known are many; none of them shall keep the others out.
        let slot = match app.rates.stranger(parts) {
            Principal::Anybody => None,
            address => Some(app.streams.doors.enter(address)?),
        };
        Ok(Self { _permit: permit, _slot: slot })
    }
}

/// The first frame of a socket that has shown nothing before.
#[derive(Deserialize)]
struct FirstFrame {
    key: String,
}

/// Serves a socket as soon as it has shown a key; ends it if it shows none in time.
pub(super) async fn wait_for_key(mut socket: WebSocket, app: &App, place: Waiting, target: Target, last: Last) {
    let first = timeout(PATIENCE, socket.recv()).await;
    let found = match first {
        Ok(Some(Ok(Message::Text(text)))) => {
            let frame = serde_json::from_str::<FirstFrame>(&text).ok();
            frame.and_then(|frame| app.streams.keys.redeem(&frame.key))
        }
        Ok(Some(Ok(_))) | Err(_) => None,
        Ok(None | Some(Err(_))) => return,
    };
    let Some((actor, proof)) = found else { return session::end(&mut socket, End::SignedOut).await };
    let looked = Look::at(app, actor, proof, target, last).await;
    drop(place);
    match looked {
        Ok(look) => session::serve(socket, app, look).await,
        Err(problem) => {
            let end = match problem.status() {
                StatusCode::UNAUTHORIZED => End::SignedOut,
                StatusCode::NOT_FOUND | StatusCode::FORBIDDEN => End::Gone,
                StatusCode::TOO_MANY_REQUESTS => End::TooMany,
                _ => End::Unavailable,
            };
            session::end(&mut socket, end).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_key_stands_among_the_protocols() {
        let of = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(line));
            }
            key(&headers).map(str::to_owned)
        };
        assert_eq!(of(&["support-desk, key.a-B_9"]).as_deref(), Some("a-B_9"));
        assert_eq!(of(&["support-desk", "key.x"]).as_deref(), Some("x"));
        assert_eq!(of(&["key."]).as_deref(), Some(""));
        assert_eq!((of(&[]), of(&["support-desk"]), of(&["monkey.x"])), (None, None, None));
    }
}
