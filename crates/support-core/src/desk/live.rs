//! What happens while somebody looks on: changes of tickets as they are committed, and who else is there.
//!
//! What is told says where to look, never what is to be seen: whoever hears of a change reads the ticket by the same rules as
//! everybody. Nothing is kept; whoever was away for a while reads anew ([`Update::Resync`]).

mod hub;
mod wire;

pub use hub::Watch;
pub(in crate::desk) use hub::{Happened, Hub};

use super::{Desk, Error, tickets::TicketRef};
use crate::{
    domain::{
        access::{Action, Decision},
        actor::Actor,
        event::{Event, Fact},
        id::{EventId, TicketId},
        presence::{Presence, Present},
        ticket::Ticket,
    },
    ports::bus::Heard,
};
use chrono::{DateTime, Utc};
use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

/// Looking on. From [`Desk::live`].
#[derive(Debug, Clone, Copy)]
pub struct Live<'a>(pub(super) &'a Desk);

/// What somebody who looks on is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Update {
    /// Something happened to a ticket.
    Changed(Changed),
    /// A ticket that they could see is theirs to see no more.
    Lost(TicketId),
    /// Others are at a ticket, or have gone: all who are there now.
    Present(TicketId, Vec<Present>),
    /// Something may have been missed: read anew what is on the screen.
    Resync,
}

/// Something that happened to a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Which entry of its trail; whoever comes back can go on behind it.
    pub event: EventId,
    /// On which ticket.
    pub ticket: TicketId,
    /// What people call that.
    pub number: String,
    /// What happened, as the trail names it.
    pub what: &'static str,
    /// The message that it is about.
    pub message: Option<crate::domain::id::MessageId>,
    /// When.
    pub at: DateTime<Utc>,
}

/// Entries of a trail that are told to somebody who comes back; with more, they read anew.
const CAUGHT_UP: u32 = 200;
/// After the others could not be heard.
const PAUSE: Duration = Duration::from_secs(2);

impl Live<'_> {
    /// Looks at a ticket. With `after`, the last that was heard before, what has happened since comes first.
    ///
    /// # Errors
    /// A ticket that is not there or not theirs.
    #[tracing::instrument(name = "live.ticket", skip_all, fields(ticket, actor))]
    pub async fn ticket(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        after: Option<EventId>,
    ) -> Result<Watch, Error> {
        let id = self.0.load(actor, &ticket.into(), Action::Read).await?.id;
        // From here on nothing is missed; what is read below may come twice, and is known by its id.
        let watch = self.0.0.hub.watch(self.0.clone(), actor.clone(), Some(id));
        let Some(after) = after else { return Ok(watch) };
        let query = crate::ports::events::EventQuery { ticket: id, after: Some(after), limit: CAUGHT_UP };
        let missed = self.0.0.store.events(&query).await?;
        let found = self.0.0.store.ticket(id).await?.ok_or(Error::NotFound)?;
        // Of what is no entry of this trail nobody knows what came behind it.
        if missed.more || missed.items.is_empty() && self.0.event_of(id, after).await?.is_none() {
            watch.say(Update::Resync);
            return Ok(watch);
        }
        for event in &missed.items {
            watch.say_all(self.0.updates(actor, event, &found));
        }
        Ok(watch)
    }

    /// Looks at all that the actor may see, whatever they come to be allowed to see meanwhile.
    ///
    /// # Errors
    /// Actors who may not list tickets.
    pub fn all(self, actor: &Actor) -> Result<Watch, Error> {
        self.0.authorise(actor, Action::List)?;
        Ok(self.0.0.hub.watch(self.0.clone(), actor.clone(), None))
    }

    /// Whether somebody may still look on as they do. A stream asks that every second, and ends where it is no more so.
    ///
    /// # Errors
    /// Why they may not; failures of the store.
    #[tracing::instrument(name = "live.may_still", skip_all, fields(ticket, actor))]
    pub async fn may_still(self, actor: &Actor, watch: &Watch) -> Result<(), Error> {
        match watch.ticket() {
            Some(ticket) => self.0.load(actor, &ticket.into(), Action::Read).await.map(|_| ()),
            None => self.0.authorise(actor, Action::List),
        }
    }

    /// Says what somebody does at a ticket. It is believed for [`PATIENCE`](crate::domain::presence::PATIENCE), so it is said again
    /// as long as it is so.
    ///
    /// # Errors
    /// A ticket that is not there or not theirs.
    #[tracing::instrument(name = "live.present", skip_all, fields(ticket, actor))]
    pub async fn present(self, actor: &Actor, ticket: impl Into<TicketRef>, doing: Presence) -> Result<(), Error> {
        let ticket = self.0.load(actor, &ticket.into(), Action::Read).await?;
        let present = Present::new(actor, doing, self.0.now());
        self.0.0.hub.present(ticket.id, &present, self.0.now());
        if self.0.0.bus.is_some() {
            self.0.0.hub.send(wire::present(self.0.0.hub.node(self.0), ticket.id, &present));
        }
        Ok(())
    }

    /// Who is at a ticket now, as the actor may know.
    ///
    /// # Errors
    /// A ticket that is not there or not theirs.
    #[tracing::instrument(name = "live.who", skip_all, fields(ticket, actor))]
    pub async fn who(self, actor: &Actor, ticket: impl Into<TicketRef>) -> Result<Vec<Present>, Error> {
        let ticket = self.0.load(actor, &ticket.into(), Action::Read).await?;
        Ok(self.0.0.hub.present_at(ticket.id, actor, self.0.now()))
    }

    /// Hears what other nodes say, and tells them what happens here, until `shutdown` comes. The workers do it; a node
    /// without workers calls it itself. Without a bus there is nothing to do.
    pub async fn listen(self, shutdown: impl Future<Output = ()>) {
        let mut shutdown = pin!(shutdown);
        let (mut hearing, mut saying) = (pin!(self.hear()), pin!(self.say()));
        poll_fn(|cx| {
            if shutdown.as_mut().poll(cx).is_ready() {
                return Poll::Ready(());
            }
            let _: (Poll<()>, Poll<()>) = (hearing.as_mut().poll(cx), saying.as_mut().poll(cx));
            Poll::Pending
        })
        .await;
    }

    async fn say(self) {
        let Some(bus) = &self.0.0.bus else { return std::future::pending().await };
        loop {
            let hub = &self.0.0.hub;
            let word = hub.next_word(|| wire::lost(hub.node(self.0))).await;
            if bus.say(&word).await.is_err() {
                // The others may have heard everybody else all the time, and notice nothing by themselves.
                hub.has_lost_words();
                self.0.0.timer.sleep(PAUSE).await;
            }
        }
    }

    async fn hear(self) {
        let Some(bus) = &self.0.0.bus else { return std::future::pending().await };
        loop {
            match bus.hear().await {
                Ok(Heard::Word(word)) => self.heard(&word).await,
                Ok(Heard::Gap) => self.0.0.hub.resync(),
                Err(_) => self.0.0.timer.sleep(PAUSE).await,
            }
        }
    }

    /// What another node said. What cannot be read is of another release: whoever looks on reads anew.
    async fn heard(self, word: &str) {
        let hub = &self.0.0.hub;
        let Some(word) = wire::read(word) else { return hub.resync() };
        if word.node == hub.node(self.0) {
            return;
        }
        match word.said {
            wire::Said::Lost => hub.resync(),
            wire::Said::Present { ticket, present } => hub.present(ticket, &present, self.0.now()),
            wire::Said::Happened { ticket, after, count } => {
                match self.0.happened_elsewhere(ticket, after, count).await {
                    Ok(Some(happened)) => hub.tell(self.0, &happened),
                    Ok(None) => {}
                    Err(_) => hub.resync(),
                }
            }
        }
    }
}

impl Desk {
    /// Tells whoever looks on what was committed here.
    pub(super) fn tell_live(&self, events: &[Event], ticket: &Ticket) {
        let hub = &self.0.hub;
        if hub.is_watched() {
            hub.tell(self, &Happened { events: events.to_vec(), ticket: Arc::new(ticket.clone()) });
        }
        if let (Some(first), true) = (events.first(), self.0.bus.is_some()) {
            hub.send(wire::happened(hub.node(self), ticket.id, first.id, events.len()));
        }
    }

    /// What another node has committed; none where nobody here looks on.
    async fn happened_elsewhere(
        &self,
        ticket: TicketId,
        first: EventId,
        count: u32,
    ) -> Result<Option<Happened>, Error> {
        if !self.0.hub.is_watched() {
            return Ok(None);
        }
        let Some(found) = self.0.store.ticket(ticket).await? else { return Ok(None) };
        let query = crate::ports::events::EventQuery { ticket, after: Some(first), limit: count };
        let behind = self.0.store.events(&query).await?.items.into_iter();
        let first = self.event_of(ticket, first).await?;
        let events = first.into_iter().chain(behind.take(count.saturating_sub(1) as usize)).collect();
        Ok(Some(Happened { events, ticket: Arc::new(found) }))
    }

    /// What somebody who looks on is told of an event: nothing of what is not for them.
    pub(in crate::desk) fn updates(&self, actor: &Actor, event: &Event, ticket: &Ticket) -> Vec<Update> {
        let holding = ticket.holding();
        if self.0.access.decide(actor, Action::Read, Some(holding)) != Decision::Allow {
            return lost(actor, event).into_iter().collect();
        }
        let event = if self.0.access.decide(actor, Action::ReadTrail, Some(holding)) == Decision::Allow {
            Some(event.clone())
        } else {
            event.clone().for_customer()
        };
        event.map(|event| Update::Changed(changed(&event, ticket))).into_iter().collect()
    }
}

/// Whoever had a ticket and may not see it any more is told that, and nothing else.
fn lost(actor: &Actor, event: &Event) -> Option<Update> {
    let Fact::Assigned { from, .. } = &event.fact else { return None };
    // One that nobody had was everybody's to see.
    let was_theirs = actor.agent_id().is_some_and(|id| from.as_ref().is_none_or(|from| from.id == id));
    was_theirs.then_some(Update::Lost(event.ticket))
}

fn changed(event: &Event, ticket: &Ticket) -> Changed {
    let message = match &event.fact {
        Fact::MessageAdded { message }
        | Fact::NoteAdded { message }
        | Fact::MessageEdited { message, .. }
        | Fact::MessageDeleted { message, .. } => Some(*message),
        _ => None,
    };
    Changed {
        event: event.id,
        ticket: ticket.id,
        number: ticket.number.clone(),
        what: event.fact.name(),
        message,
        at: event.at,
    }
}
