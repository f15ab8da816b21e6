//! What is to be told, as the store holds it now.

use super::super::{Desk, Error, documents::Held};
use crate::{
    domain::{
        announcement::{Announced, Announcement, AnnouncementKind, Audience},
        delivery::Source,
        document::{Document, DocumentKind},
        event::{Event, Fact},
        id::{MessageId, TicketId},
        message::Message,
        sink::SinkState,
        ticket::Ticket,
    },
    ports::{StoreError, documents::DocumentQuery},
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use uuid::Uuid;

/// Reads that are under way at once: on a server each is a round trip.
const AT_ONCE: usize = 16;

/// Something that happened, with all that is needed to tell it.
#[derive(Debug, Clone)]
pub(in crate::desk) enum Story {
    /// On a ticket.
    Event {
        /// The entry.
        event: Event,
        /// The ticket as it is now.
        ticket: Arc<Ticket>,
        /// The message that it tells of, as it reads now.
        message: Option<Message>,
    },
    /// Beside tickets.
    Thing {
        /// That it happened.
        announced: Announced,
        /// To what; none where that is gone.
        thing: Option<Document>,
    },
}

impl Story {
    pub(in crate::desk) fn source(&self) -> Source {
        match self {
            Self::Event { event, .. } => Source::Event { event: event.id, ticket: event.ticket },
            Self::Thing { announced, .. } => Source::Thing { announced: announced.id.uuid(), about: announced.about },
        }
    }

    pub(in crate::desk) fn kind(&self) -> AnnouncementKind {
        match self {
            Self::Event { event, .. } => AnnouncementKind::of_event(event),
            Self::Thing { announced, .. } => announced.kind,
        }
    }

    /// As it is told to this audience; none where it is not.
    pub(in crate::desk) fn announcement(&self, desk: &Desk, audience: Audience) -> Option<Announcement> {
        let rule = &desk.profile().events;
        match self {
            Self::Event { event, ticket, message } => {
                Announcement::of_event(event, ticket, message.as_ref(), rule, audience)
            }
            Self::Thing { announced, thing } => Some(Announcement::of_thing(announced, thing.as_ref(), rule)),
        }
    }
}

/// What can be told of some events, and those whose ticket cannot be read.
pub(super) struct Stories {
    pub(super) stories: Vec<Story>,
    pub(super) unreadable: Vec<Event>,
}

/// What a delivery tells of.
pub(super) enum Found {
    Story(Box<Story>),
    Gone,
    Unreadable,
}

enum Read {
    Ticket(Arc<Ticket>),
    Nothing,
    Unreadable,
}

/// Words that cannot be read are told as none: that something happened counts more.
fn readable<T>(read: Result<Option<T>, StoreError>) -> Result<Option<T>, StoreError> {
    match read {
        Err(StoreError::Corrupt { .. }) => Ok(None),
        other => other,
    }
}

/// What comes next for a listener: first of the trails, then of what happened beside them, each in its order.
#[derive(Debug, Default)]
pub(super) struct Next {
    pub(super) events: Vec<Event>,
    pub(super) things: Vec<Announced>,
}

impl Desk {
    /// What comes behind a listener's state.
    pub(super) async fn next_for(&self, state: &SinkState, limit: u32) -> Result<Next, Error> {
        let events = self.0.store.placed_events(state.event, limit).await?;
        let query = DocumentQuery {
            after: Some((i64::try_from(state.thing).unwrap_or(i64::MAX), Uuid::max())),
            ..DocumentQuery::rising(DocumentKind::Announcement, Announced::PLACED, limit)
        };
        let things = self.held_list::<Announced>(&query).await?.items;
        Ok(Next { events, things: things.into_iter().map(|held| held.value).collect() })
    }

    /// All that is needed to tell of these events. What is on a ticket that is not there any more is told to nobody.
    pub(super) async fn stories_of(&self, events: Vec<Event>) -> Result<Stories, Error> {
        let ids: BTreeSet<TicketId> = events.iter().map(|event| event.ticket).collect();
        let mut reads = Vec::with_capacity(ids.len());
        for id in ids {
            reads.push(self.ticket_to_tell(id));
        }
        let tickets: BTreeMap<TicketId, Read> =
            stream::iter(reads).buffer_unordered(AT_ONCE).try_collect::<Vec<_>>().await?.into_iter().collect();
        let (mut told, mut unreadable) = (Vec::with_capacity(events.len()), Vec::new());
        for event in events {
            match tickets.get(&event.ticket) {
                Some(Read::Ticket(ticket)) => told.push(self.with_message(event, ticket.clone())),
                Some(Read::Unreadable) => unreadable.push(event),
                Some(Read::Nothing) | None => {}
            }
        }
        let stories = stream::iter(told).buffered(AT_ONCE).try_collect().await?;
        Ok(Stories { stories, unreadable })
    }

    async fn ticket_to_tell(&self, id: TicketId) -> Result<(TicketId, Read), Error> {
        match self.0.store.ticket(id).await {
            Ok(Some(ticket)) => Ok((id, Read::Ticket(Arc::new(ticket)))),
            Ok(None) => Ok((id, Read::Nothing)),
            // One row that cannot be read, or whose key this node lacks, shall not keep the others waiting.
            Err(StoreError::Corrupt { .. }) => Ok((id, Read::Unreadable)),
            Err(error) => Err(Error::from(error)),
        }
    }

    async fn with_message(&self, event: Event, ticket: Arc<Ticket>) -> Result<Story, Error> {
        let message = match message_of(&event.fact) {
            Some(id) => readable(self.0.store.message(event.ticket, id).await)?,
            None => None,
        };
        Ok(Story::Event { event, ticket, message })
    }

    /// All that is needed to tell of something beside tickets.
    pub(super) async fn story_of(&self, announced: Announced) -> Result<Story, Error> {
        let thing = match announced.thing() {
            Some(kind) => readable(self.0.store.document(kind, announced.about).await)?,
            None => None,
        };
        Ok(Story::Thing { announced, thing })
    }

    /// What a delivery tells of.
    pub(super) async fn story_at(&self, source: Source) -> Result<Found, Error> {
        match source {
            Source::Event { event, ticket } => {
                let Some(found) = self.event_of(ticket, event).await? else { return Ok(Found::Gone) };
                let Stories { mut stories, unreadable } = self.stories_of(vec![found]).await?;
                Ok(match stories.pop() {
                    Some(story) => Found::Story(Box::new(story)),
                    None if unreadable.is_empty() => Found::Gone,
                    None => Found::Unreadable,
                })
            }
            Source::Thing { announced, .. } => {
                let held: Option<Held<Announced>> = self.held(announced).await?;
                let Some(held) = held else { return Ok(Found::Gone) };
                Ok(Found::Story(Box::new(self.story_of(held.value).await?)))
            }
        }
    }

    /// An entry of a trail.
    pub(in crate::desk) async fn event_of(
        &self,
        ticket: TicketId,
        id: crate::domain::id::EventId,
    ) -> Result<Option<Event>, Error> {
        let mut query = crate::ports::events::EventQuery { ticket, after: None, limit: 500 };
        loop {
            let slice = self.0.store.events(&query).await?;
            if let Some(found) = slice.items.iter().find(|event| event.id == id) {
                return Ok(Some(found.clone()));
            }
            match slice.items.last().filter(|_| slice.more) {
                Some(last) => query.after = Some(last.id),
                None => return Ok(None),
            }
        }
    }
}

fn message_of(fact: &Fact) -> Option<MessageId> {
    match fact {
        Fact::MessageAdded { message } | Fact::NoteAdded { message } | Fact::MessageEdited { message, .. } => {
            Some(*message)
        }
        _ => None,
    }
}
