//! Looking on, whatever way it is told: one stream of what happens, which ends when it has to.

use super::{doors::Slot, keys::same};
use crate::{App, auth::AuthError, problem::Problem, rates::Principal};
use axum::http::request::Parts;
use futures_util::{Stream, stream};
use std::{collections::VecDeque, time::Duration};
use support_core::{
    desk::{
        self,
        live::{Update, Watch},
        tickets::TicketRef,
    },
    domain::{
        actor::Actor,
        id::{EventId, TicketId},
        presence::Present,
    },
};
use tokio::{
    sync::watch,
    time::{Instant, Interval, MissedTickBehavior, interval_at, timeout},
};

/// After so long without an answer whether somebody may look on, they may not. Meanwhile they are told nothing.
const PATIENCE: Duration = Duration::from_secs(5);

/// Somebody who looks on.
pub(super) struct Look {
    app: App,
    actor: Actor,
    proof: Parts,
    watch: Watch,
    /// What is told before anything else.
    ready: VecDeque<Update>,
    /// Who they were last told is there.
    present: Vec<Present>,
    ticks: Interval,
    drained: watch::Receiver<bool>,
    _slot: Slot,
}

/// What they look at.
#[derive(Debug, Clone)]
pub(super) enum Target {
    /// A ticket.
    Ticket(TicketRef),
    /// All that they may see.
    All,
}

/// What they heard last.
#[derive(Debug, Clone, Copy)]
pub(super) enum Last {
    /// Nothing: they come for the first time.
    None,
    /// This.
    Event(EventId),
    /// Something that nobody can say what came behind.
    Unknown,
}

/// What they are told.
pub(super) enum Told {
    /// What happened.
    Update(Update),
    /// That this is the end.
    Closed(Closing),
}

/// Why a stream ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closing {
    /// Their sign-in is not valid any more, or somebody else's now.
    SignedOut,
    /// What they look at is not there any more, or not theirs to see.
    Gone,
    /// Nobody can say whether they may go on.
    Unavailable,
    /// The server shuts down.
    Shutdown,
}

impl Look {
    /// Lets somebody look on, if they may, and have not too many streams open.
    pub(super) async fn at(app: &App, actor: Actor, proof: Parts, target: Target, last: Last) -> Result<Self, Problem> {
        app.streams.is_open()?;
        let principal = Principal::of(&actor).ok_or(desk::Error::Unauthenticated)?;
        let slot = app.streams.doors.enter(principal)?;
        let (mut ready, mut present) = (VecDeque::new(), Vec::new());
        let live = app.desk.live();
        let watch = match (target, last) {
            (Target::Ticket(ticket), Last::Event(after)) => live.ticket(&actor, ticket, Some(after)).await?,
            (Target::Ticket(ticket), _) => live.ticket(&actor, ticket, None).await?,
            (Target::All, _) => live.all(&actor)?,
        };
        let resumed = matches!((last, watch.ticket()), (Last::Event(_), Some(_)));
        if !resumed && !matches!(last, Last::None) {
            ready.push_back(Update::Resync);
        }
        if let Some(ticket) = watch.ticket() {
            present = live.who(&actor, ticket).await?;
            if !present.is_empty() {
                ready.push_back(Update::Present(ticket, present.clone()));
            }
        }
        let settings = &app.streams.settings;
        // An interval of nothing would be a panic.
        let every = settings.recheck.max(Duration::from_millis(1));
        let mut ticks = interval_at(Instant::now() + every, every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let drained = settings.drain.listen();
        Ok(Self { app: app.clone(), actor, proof, watch, ready, present, ticks, drained, _slot: slot })
    }

    /// The ticket that they look at; none where it is all of them.
    pub(super) fn ticket(&self) -> Option<TicketId> {
        self.watch.ticket()
    }

    pub(super) fn actor(&self) -> &Actor {
        &self.actor
    }

    /// All that they are told, up to why it ends.
    ///
    /// Whoever stops waiting for the next word in favour of something else loses none, and puts off no question whether they
    /// may go on: that goes on where it was.
    pub(super) fn stream(self) -> impl Stream<Item = Told> + Send {
        stream::unfold(Some(self), async |look| {
            let mut look = look?;
            let told = look.next().await;
            let goes_on = matches!(told, Told::Update(_));
            Some((told, goes_on.then_some(look)))
        })
    }

    async fn next(&mut self) -> Told {
        if let Some(update) = self.ready.pop_front() {
            return Told::Update(update);
        }
        loop {
            tokio::select! {
                // Whether they may comes before what they would hear: a client that has not read for long has missed questions.
                biased;
                () = over(&mut self.drained) => return Told::Closed(Closing::Shutdown),
                _ = self.ticks.tick() => {
                    let asked = timeout(PATIENCE, self.ask_again()).await.unwrap_or(Err(Closing::Unavailable));
                    match asked {
                        Ok(None) => {}
                        Ok(Some(update)) => return Told::Update(update),
                        Err(closing) => return Told::Closed(closing),
                    }
                }
                update = self.watch.next() => {
                    if let Update::Present(_, present) = &update {
                        // Who learned that something is different would know that somebody did what they may not see.
                        if *present == self.present {
                            continue;
                        }
                        self.present.clone_from(present);
                    }
                    return Told::Update(update);
                }
            }
        }
    }

    /// Whether they may go on, and whether somebody has gone without a word.
    async fn ask_again(&mut self) -> Result<Option<Update>, Closing> {
        let actor = self.app.auth.actor(&self.proof).await.map_err(|error| match error {
            AuthError::Invalid(_) => Closing::SignedOut,
            AuthError::Unavailable => Closing::Unavailable,
        })?;
        if !same(&actor, &self.actor) {
            return Err(Closing::SignedOut);
        }
        let live = self.app.desk.live();
        live.may_still(&self.actor, &self.watch).await.map_err(|error| closing(&error))?;
        let Some(ticket) = self.watch.ticket().filter(|_| !self.present.is_empty()) else { return Ok(None) };
        let present = live.who(&self.actor, ticket).await.map_err(|error| closing(&error))?;
        if present == self.present {
            return Ok(None);
        }
        self.present.clone_from(&present);
        Ok(Some(Update::Present(ticket, present)))
    }
}

fn closing(error: &desk::Error) -> Closing {
    match error {
        desk::Error::NotFound | desk::Error::Forbidden(_) => Closing::Gone,
        desk::Error::Unauthenticated => Closing::SignedOut,
        _ => Closing::Unavailable,
    }
}

/// Waits until the server shuts down.
async fn over(drained: &mut watch::Receiver<bool>) {
    // The settings hold the other end for as long as there is a stream.
    let _ = drained.wait_for(|closed| *closed).await;
}
