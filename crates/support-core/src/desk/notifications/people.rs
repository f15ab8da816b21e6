//! Who is told of what happened.

use super::super::{
    Desk, Error, Planned,
    documents::add,
    plan::not_about_a_ticket,
    relay::{Heard, Story},
};
use crate::{
    domain::{
        actor::{Actor, Signature},
        announcement::AnnouncementKind,
        delivery::Attempt,
        event::{Cause, Event, Fact},
        id::{AgentId, CustomerId, TicketId},
        notification::{Notification, NotificationState, Person, Preferences, Topic, Way},
        ticket::Ticket,
        webhook::Webhook,
    },
    ports::{StoreError, Write},
};
use chrono::TimeDelta;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Notifications that were made of something.
struct Made;

not_about_a_ticket!(Made);

/// Who is told what, and about what.
struct Notice {
    person: Person,
    topic: Topic,
    about: Option<Uuid>,
}

impl Desk {
    /// Makes notifications of a batch of what happened.
    pub(in crate::desk) async fn tell_people(&self, batch: &[&Story]) -> Vec<Heard> {
        let mut heard = Vec::with_capacity(batch.len());
        for story in batch {
            let at = self.now();
            heard.push(match self.notify_of(story).await {
                Ok(()) => Heard::Taken(Attempt { at, took_ms: 0, status: None, error: None }),
                // One row that cannot be read shall not keep everybody from being told.
                Err(error @ Error::Store(StoreError::Corrupt { .. })) => {
                    let attempt = Attempt { at, took_ms: 0, status: None, error: Some(error.to_string()) };
                    Heard::Refused(attempt, TimeDelta::zero())
                }
                // Nothing can be told to anybody while the store cannot be written.
                Err(error) => Heard::NotNow(error.to_string()),
            });
        }
        heard
    }

    async fn notify_of(&self, story: &Story) -> Result<(), Error> {
        let (notices, ticket, at) = match story {
            Story::Event { event, ticket, message } => {
                let gone = message.as_ref().is_none_or(|message| message.deleted_at.is_some());
                (notices_of(event, ticket, gone), Some(ticket.id), event.at)
            }
            Story::Thing { announced, .. } => {
                let topic = match announced.kind {
                    AnnouncementKind::CallbackScheduled
                    | AnnouncementKind::CallbackRescheduled
                    | AnnouncementKind::CallbackCancelled => Topic::Callback,
                    AnnouncementKind::ReviewRequested => Topic::ReviewRequest,
                    _ => return Ok(()),
                };
                let person = announced.customer.map(Person::Customer);
                let notice = person.map(|person| Notice { person, topic, about: Some(announced.about) });
                (notice.into_iter().collect(), None, announced.at)
            }
        };
        if notices.is_empty() {
            return Ok(());
        }
        let cause = story.source().id();
        let plan = || async {
            let mut writes = Vec::new();
            for notice in &notices {
                writes.extend(self.plan_notice(notice, cause, ticket, at).await?);
            }
            Ok(Planned::writing(writes, Made))
        };
        self.run(&Actor::system("notifications"), plan).await.map(|_| ())
    }

    /// What somebody is told on all their ways; what they were told of the same before is not told again.
    async fn plan_notice(
        &self,
        notice: &Notice,
        cause: Uuid,
        ticket: Option<TicketId>,
        at: chrono::DateTime<chrono::Utc>,
    ) -> Result<Vec<Write>, Error> {
        let wishes = self.preferences_of(notice.person).await?.map(|held| held.value);
        let mut writes = Vec::new();
        for way in self.ways(wishes.as_ref(), notice.topic) {
            let key = Notification::key(cause, notice.person, way);
            if self.held_by_key::<Notification>(&key).await?.is_some() {
                continue;
            }
            let state = self.first_state(wishes.as_ref(), way, notice.topic);
            writes.push(add(&Notification {
                id: self.0.ids.id(at).into(),
                person: notice.person,
                way,
                topic: notice.topic,
                ticket,
                about: notice.about,
                cause,
                at,
                state,
            })?);
        }
        Ok(writes)
    }

    fn first_state(&self, wishes: Option<&Preferences>, way: Way, topic: Topic) -> NotificationState {
        let now = self.now();
        if way == Way::InApp {
            return NotificationState::Told { at: now, to: None, read: None };
        }
        let at = wishes.map_or(now, |wishes| wishes.due(way, topic, now));
        NotificationState::Due { at, attempts: 0 }
    }

    /// On which ways somebody is told of a topic: those that they want, of those that this desk has.
    fn ways(&self, wishes: Option<&Preferences>, topic: Topic) -> BTreeSet<Way> {
        let wanted = wishes.and_then(|wishes| wishes.topics.get(&topic).cloned());
        let mut ways = wanted.unwrap_or_else(|| self.profile().notifications.ways(topic));
        ways.retain(|way| *way == Way::InApp || self.0.channels.contains_key(way));
        ways
    }

    /// A notification of a customer that comes of no event: it is committed with what it tells of. None where this desk
    /// tells people nothing by itself.
    pub(in crate::desk) async fn plan_telling(
        &self,
        customer: CustomerId,
        topic: Topic,
        cause: Uuid,
        ticket: Option<TicketId>,
    ) -> Result<Vec<Write>, Error> {
        if !self.0.notifies {
            return Ok(Vec::new());
        }
        let notice = Notice { person: Person::Customer(customer), topic, about: Some(cause) };
        self.plan_notice(&notice, cause, ticket, self.now()).await
    }

    /// Tells whoever set up an address that it was switched off.
    pub(in crate::desk) fn plan_notice_of_webhook(&self, webhook: &Webhook) -> Result<Vec<Write>, Error> {
        let Some(id) = webhook.created_by.id.filter(|_| self.0.notifies) else { return Ok(Vec::new()) };
        let (now, person) = (self.now(), Person::Agent(AgentId(id)));
        let cause = self.0.ids.id(now);
        let ways = self.ways(None, Topic::WebhookDisabled).into_iter();
        ways.map(|way| {
            add(&Notification {
                id: self.0.ids.id(now).into(),
                person,
                way,
                topic: Topic::WebhookDisabled,
                ticket: None,
                about: Some(webhook.id.uuid()),
                cause,
                at: now,
                state: self.first_state(None, way, Topic::WebhookDisabled),
            })
        })
        .collect()
    }
}

/// Who is told of an entry of a trail. Nobody is told of what they did themselves, but that their ticket has come in.
fn notices_of(event: &Event, ticket: &Ticket, message_is_gone: bool) -> Vec<Notice> {
    let customer = |topic, about| vec![Notice { person: Person::Customer(ticket.customer), topic, about }];
    let staff = |topic, about| staff_of(ticket, &event.actor, None).map(|id| agent_notice(id, topic, about)).collect();
    match &event.fact {
        Fact::TicketOpened { .. } => customer(Topic::TicketReceived, None),
        _ if ticket.deleted_at.is_some() => Vec::new(),
        Fact::MessageAdded { .. } | Fact::NoteAdded { .. } if message_is_gone => Vec::new(),
        Fact::MessageAdded { message } if event.actor.role.is_staff() => {
            customer(Topic::ReplySent, Some(message.uuid()))
        }
        Fact::MessageAdded { message } => staff(Topic::CustomerReplied, Some(message.uuid())),
        Fact::NoteAdded { message } => staff(Topic::NoteAdded, Some(message.uuid())),
        // Where it ends, or moves because somebody answered, that is what is told.
        Fact::StatusChanged { .. }
            if event.cause == Cause::Request && !ticket.phase.is_done() && event.actor.role.is_staff() =>
        {
            customer(Topic::StatusChanged, None)
        }
        Fact::Resolved { .. } if event.actor.role.is_staff() => customer(Topic::TicketResolved, None),
        Fact::Closed { .. } if event.actor.role.is_staff() => customer(Topic::TicketClosed, None),
        Fact::Reopened { .. } => staff(Topic::TicketReopened, None),
        Fact::Rated { .. } => {
            let agent = ticket.assignee.as_ref().map(|agent| agent.id);
            agent.map(|id| agent_notice(id, Topic::TicketRated, None)).into_iter().collect()
        }
        Fact::Assigned { to: Some(agent), .. } if event.actor.id != Some(agent.id.uuid()) => {
            vec![agent_notice(agent.id, Topic::TicketAssigned, None)]
        }
        Fact::Escalated { to, .. } => {
            let to = to.as_ref().map(|agent| agent.id);
            staff_of(ticket, &event.actor, to).map(|id| agent_notice(id, Topic::TicketEscalated, None)).collect()
        }
        Fact::SlaAtRisk { .. } => staff(Topic::SlaAtRisk, None),
        Fact::SlaBreached { .. } => staff(Topic::SlaBreached, None),
        _ => Vec::new(),
    }
}

fn agent_notice(id: AgentId, topic: Topic, about: Option<Uuid>) -> Notice {
    Notice { person: Person::Agent(id), topic, about }
}

/// Whoever works on a ticket or watches it, and one more; not whoever did it.
fn staff_of(ticket: &Ticket, actor: &Signature, more: Option<AgentId>) -> impl Iterator<Item = AgentId> + use<> {
    let assignee = ticket.assignee.as_ref().map(|agent| agent.id);
    let watchers = ticket.watchers.iter().map(|agent| agent.id);
    let all: BTreeSet<AgentId> = assignee.into_iter().chain(more).chain(watchers).collect();
    let own = actor.id.filter(|_| actor.role.is_staff());
    all.into_iter().filter(move |id| Some(id.uuid()) != own)
}
