//! The words of what somebody is told, found when it is told.

use super::super::{Desk, Error};
use crate::domain::{
    access::{Action, Decision},
    actor::{Actor, Role},
    callback::Callback,
    document::Kept,
    event::{Event, Fact},
    feedback::Survey,
    id::{MessageId, TicketId},
    notification::{Notification, Story, Topic},
    ticket::Ticket,
    webhook::{Webhook, WebhookState},
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

impl Desk {
    /// What there is to say of something to somebody, as they may read it now.
    pub(in crate::desk) async fn story_for(&self, reader: &Actor, told: &Notification) -> Result<Story, Error> {
        let bare = Story {
            topic: told.topic,
            at: told.at,
            ticket: told.ticket,
            number: None,
            subject: None,
            actor: None,
            text: None,
            data: Map::new(),
        };
        match told.ticket {
            Some(ticket) => self.story_of_ticket(reader, told, ticket, bare).await,
            None => self.story_of_thing(told, bare).await,
        }
    }

    async fn story_of_ticket(
        &self,
        reader: &Actor,
        told: &Notification,
        id: TicketId,
        bare: Story,
    ) -> Result<Story, Error> {
        let found = self.0.store.ticket(id).await?.filter(|ticket| ticket.deleted_at.is_none());
        let may =
            |ticket: &Ticket, action| self.0.access.decide(reader, action, Some(ticket.holding())) == Decision::Allow;
        let Some(ticket) = found.filter(|ticket| may(ticket, Action::Read)) else { return Ok(bare) };
        let internal = may(&ticket, Action::ReadTrail);
        let mut story = Story { number: Some(ticket.number.clone()), subject: Some(ticket.subject.clone()), ..bare };
        let says = matches!(told.topic, Topic::ReplySent | Topic::CustomerReplied | Topic::NoteAdded);
        if let (true, Some(about)) = (says, told.about) {
            let message = self.0.store.message(id, MessageId(about)).await?;
            let readable = message.filter(|message| message.deleted_at.is_none() && (internal || !message.internal));
            if let Some(message) = readable {
                story.actor = Some(message.author.name).filter(|name| !name.is_empty());
                story.text = Some(message.body);
            }
        }
        let assignee = ticket.assignee.as_ref().map(|agent| agent.name.as_str()).filter(|name| !name.is_empty());
        let mut data = json!({
            "status": ticket.status,
            "priority": ticket.priority,
            "assignee": assignee,
            "resolution": ticket.resolution.as_ref().map(|resolution| &resolution.summary),
        });
        match told.topic {
            Topic::TicketRated => {
                data["rating"] = json!(ticket.satisfaction.as_ref().and_then(|said| said.rating));
                story.text = ticket.satisfaction.as_ref().and_then(|said| said.feedback.clone());
            }
            Topic::SlaAtRisk | Topic::SlaBreached => data["dueAt"] = json!(ticket.pace.due),
            Topic::Survey => data["surveyId"] = json!(told.about),
            _ => {}
        }
        story.data = object(data);
        if told.topic.is_for_staff() || matches!(told.topic, Topic::TicketResolved | Topic::TicketClosed) {
            let happened = self.event_of(id, told.cause.into()).await?;
            let happened = if internal { happened } else { happened.and_then(Event::for_customer) };
            if let Some(event) = happened {
                tell_of(&event, &mut story);
            }
        }
        Ok(story)
    }

    async fn story_of_thing(&self, told: &Notification, bare: Story) -> Result<Story, Error> {
        let Some(about) = told.about else { return Ok(bare) };
        let story = match told.topic {
            Topic::Callback => self.read::<Callback>(about).await?.map(|callback| Story {
                subject: Some(callback.topic.clone()),
                data: object(json!({
                    "scheduledTime": callback.slot.start, "timeZone": callback.time_zone, "status": callback.status,
                    "callbackId": callback.id,
                })),
                ..bare.clone()
            }),
            Topic::WebhookDisabled => self.read::<Webhook>(about).await?.map(|webhook| {
                let why = match &webhook.state {
                    WebhookState::Disabled { why, .. } => Some(why.clone()),
                    WebhookState::Enabled => None,
                };
                let name = webhook.description.clone().unwrap_or_else(|| webhook.url.clone());
                let data = object(json!({ "reason": why, "webhookId": webhook.id }));
                Story { subject: Some(name), data, ..bare.clone() }
            }),
            Topic::Survey => self.read::<Survey>(about).await?.map(|survey| {
                let data = object(json!({ "surveyId": survey.id, "ticketId": survey.ticket }));
                Story { data, ..bare.clone() }
            }),
            _ => None,
        };
        Ok(story.unwrap_or(bare))
    }

    async fn read<T: Kept>(&self, id: Uuid) -> Result<Option<T>, Error> {
        Ok(self.held::<T>(id).await?.map(|held| held.value))
    }
}

/// Who did it, and what else the trail knows of it.
fn tell_of(event: &Event, story: &mut Story) {
    if event.actor.role != Role::System && story.actor.is_none() {
        story.actor = Some(event.actor.name.clone()).filter(|name| !name.is_empty());
    }
    match &event.fact {
        Fact::Escalated { reason, .. } => story.data.insert("reason".to_owned(), json!(reason)),
        Fact::Reopened { reason } => story.data.insert("reason".to_owned(), json!(reason)),
        Fact::SlaAtRisk { clock, due, .. } | Fact::SlaBreached { clock, due, .. } => {
            story.data.insert("dueAt".to_owned(), json!(due));
            story.data.insert("clock".to_owned(), json!(clock))
        }
        _ => None,
    };
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
