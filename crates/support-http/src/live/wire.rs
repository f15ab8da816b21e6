//! What streams say.

use super::look::{Closing, Told};
use crate::wire::Moment;
use serde::Serialize;
use serde_json::{Value, json};
use support_core::{
    desk::live::{Changed, Update},
    domain::presence::Present,
};
use uuid::Uuid;

/// One thing that a stream says: an event of a stream of events, or a frame of a websocket.
pub(super) struct Said {
    /// By which whoever comes back says what they heard last.
    pub(super) id: Option<Uuid>,
    pub(super) event: &'static str,
    pub(super) data: Value,
}

/// Something that happened to a ticket.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChangedBody<'a> {
    event_id: Uuid,
    ticket_id: Uuid,
    ticket_number: &'a str,
    /// As in the trail.
    r#type: &'static str,
    message_id: Option<Uuid>,
    at: Moment,
}

/// Somebody at a ticket.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PresentBody<'a> {
    id: Option<Uuid>,
    name: &'a str,
    role: &'static str,
    state: &'static str,
    until: Moment,
}

impl<'a> From<&'a Changed> for ChangedBody<'a> {
    fn from(changed: &'a Changed) -> Self {
        Self {
            event_id: changed.event.uuid(),
            ticket_id: changed.ticket.uuid(),
            ticket_number: &changed.number,
            r#type: changed.what,
            message_id: changed.message.map(support_core::domain::id::MessageId::uuid),
            at: Moment(changed.at),
        }
    }
}

impl<'a> From<&'a Present> for PresentBody<'a> {
    fn from(present: &'a Present) -> Self {
        Self {
            id: present.who.id,
            name: &present.who.name,
            role: present.who.role.as_str(),
            state: present.doing.as_str(),
            until: Moment(present.until),
        }
    }
}

impl From<&Told> for Said {
    fn from(told: &Told) -> Self {
        let (id, event, data) = match told {
            Told::Update(Update::Changed(changed)) => {
                (Some(changed.event.uuid()), "changed", json!(ChangedBody::from(changed)))
            }
            Told::Update(Update::Present(ticket, present)) => {
                let present: Vec<PresentBody<'_>> = present.iter().map(PresentBody::from).collect();
                (None, "presence", json!({ "ticketId": ticket.uuid(), "present": present }))
            }
            Told::Update(Update::Lost(ticket)) => (None, "lost", json!({ "ticketId": ticket.uuid() })),
            Told::Update(Update::Resync) => (None, "resync", json!({})),
            Told::Closed(closing) => (None, "closed", json!({ "reason": closing.as_str() })),
        };
        Self { id, event, data }
    }
}

impl Closing {
    fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::Gone => "gone",
            Self::Unavailable => "unavailable",
            Self::Shutdown => "shutdown",
        }
    }
}
