use super::{AgentBody, Moment, message::MessageBody, sla::SlaBody};
use crate::{etag, terms::Reply};
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use support_core::{
    desk::Desk,
    domain::{
        actor::Actor,
        id::TicketId,
        key::{CategoryKey, PriorityKey, StatusKey},
        message::Message,
        ticket::{Contact, Related, Resolution, Satisfaction, Source, Ticket},
    },
};
use utoipa::ToSchema;
use uuid::Uuid;

/// A ticket.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Ticket)]
pub(crate) struct TicketBody<'a> {
    /// Its id.
    ticket_id: Uuid,
    /// The same.
    id: Uuid,
    /// What people call it.
    ticket_number: &'a str,
    /// In one line.
    subject: &'a str,
    /// The first message that the customer can read; absent in answers without messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    /// What it is about.
    #[schema(value_type = Option<String>)]
    topic: Option<&'a CategoryKey>,
    /// The same.
    #[schema(value_type = Option<String>)]
    category: Option<&'a CategoryKey>,
    /// Where it stands, in a word of the profile.
    #[schema(value_type = String)]
    status: &'a StatusKey,
    /// What that means, in a word that all profiles share.
    phase: &'static str,
    /// How urgent it is.
    #[schema(value_type = String)]
    priority: &'a PriorityKey,
    /// How it came in.
    source: &'static str,
    /// How the customer wants to be reached.
    preferred_contact: Option<&'static str>,
    /// Their mail address, as far as the ticket itself knows it.
    contact_email: Option<&'a str>,
    /// Their phone number, as far as the ticket itself knows it.
    contact_phone: Option<&'a str>,
    /// The language it is written in, as a short tag.
    language: Option<&'a str>,
    /// Whose it is.
    customer_id: Uuid,
    /// Their name.
    customer_name: &'a str,
    /// Who works on it.
    assigned_to: Option<AgentBody<'a>>,
    /// Words to find it by.
    #[schema(value_type = Vec<String>)]
    tags: &'a BTreeSet<String>,
    /// Values of the profile's custom fields; customers are told those that are not internal.
    #[schema(value_type = Object)]
    fields: &'a Map<String, Value>,
    /// Things of the host that it is about.
    related: Vec<RelatedBody<'a>>,
    /// The first vehicle among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    vehicle: Option<ThingBody<'a>>,
    /// Its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    vehicle_id: Option<&'a str>,
    /// The first purchase among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    purchase_id: Option<&'a str>,
    /// The first booking among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    related_booking: Option<&'a str>,
    /// The ticket in which it went up.
    merged_into: Option<Uuid>,
    /// When it was opened.
    created_at: Moment,
    /// When it was last touched.
    updated_at: Moment,
    /// When staff first answered.
    first_response_at: Option<Moment>,
    /// When it was resolved.
    resolved_at: Option<Moment>,
    /// When it was closed.
    closed_at: Option<Moment>,
    /// How it was solved.
    resolution: Option<ResolutionBody<'a>>,
    /// What the customer says of the help.
    satisfaction: Option<SatisfactionBody<'a>>,
    /// Its messages, oldest first; absent in answers to changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    messages: Option<Vec<MessageBody<'a>>>,
    /// Whether the ticket has more messages than these.
    #[serde(skip_serializing_if = "Option::is_none")]
    has_more_messages: Option<bool>,
    /// What only staff see.
    #[serde(flatten)]
    #[schema(value_type = Internals)]
    internals: Option<Internals<'a>>,
}

/// What only staff see of a ticket; absent for everybody else.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TicketInternals)]
pub(crate) struct Internals<'a> {
    /// Rises with every change, those that customers may not know of too.
    #[schema(required = false)]
    version: u64,
    /// How often it was raised.
    #[schema(required = false)]
    escalation_level: u32,
    /// Which team it was handed to.
    team: Option<&'a str>,
    /// The host's own data.
    #[schema(value_type = Object, required = false)]
    metadata: &'a Map<String, Value>,
    /// The tier of the customer.
    customer_tier: Option<&'a str>,
    /// Staff who want to hear of it.
    #[schema(required = false)]
    watchers: Vec<AgentBody<'a>>,
    /// When it was deleted.
    deleted_at: Option<Moment>,
    /// Who opened it; none for the system.
    created_by: Option<Uuid>,
    /// When a running clock is due.
    sla_deadline: Option<Moment>,
    /// How its clocks do.
    #[schema(required = false)]
    sla: SlaBody,
}

/// A thing of the host that a ticket is about.
#[derive(Serialize, ToSchema)]
#[schema(as = Related)]
pub(crate) struct RelatedBody<'a> {
    /// What kind of thing.
    kind: &'a str,
    /// Which one.
    id: &'a str,
    /// What to call it.
    label: Option<&'a str>,
}

/// A thing of the host whose kind is plain.
#[derive(Serialize, ToSchema)]
#[schema(as = Thing)]
pub(crate) struct ThingBody<'a> {
    /// Which one.
    id: &'a str,
    /// What to call it.
    label: Option<&'a str>,
}

/// How a ticket was solved.
#[derive(Serialize, ToSchema)]
#[schema(as = Resolution)]
pub(crate) struct ResolutionBody<'a> {
    /// In which way.
    #[schema(example = "solved")]
    r#type: &'static str,
    /// What was done.
    summary: &'a str,
    /// What staff should know; only staff are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<&'a str>,
}

/// What a customer says of the help.
#[derive(Serialize, ToSchema)]
#[schema(as = Satisfaction)]
pub(crate) struct SatisfactionBody<'a> {
    /// One to five.
    rating: Option<u8>,
    /// Yes or no.
    satisfied: Option<bool>,
    /// In words.
    feedback: Option<&'a str>,
}

impl<'a> TicketBody<'a> {
    /// The ticket after a change, as the actor may see it.
    pub(crate) fn changed(desk: &Desk, actor: &Actor, ticket: &'a Ticket) -> Self {
        Self::new(desk, ticket, desk.sees_own_change(actor, ticket))
    }

    /// The ticket without messages; with what only staff see if `internal`. Otherwise it must be as its customer may see
    /// it ([`Ticket::for_customer`]): what the desk answers is.
    pub(crate) fn new(desk: &Desk, ticket: &'a Ticket, internal: bool) -> Self {
        let first = |kind: &str| ticket.related.iter().find(|thing| thing.kind == kind);
        let id_of_first = |kind: &str| first(kind).map(|thing| thing.id.as_str());
        Self {
            ticket_id: ticket.id.uuid(),
            id: ticket.id.uuid(),
            ticket_number: &ticket.number,
            subject: &ticket.subject,
            description: None,
            topic: ticket.category.as_ref(),
            category: ticket.category.as_ref(),
            status: &ticket.status,
            phase: ticket.phase.as_str(),
            priority: &ticket.priority,
            source: Source::as_str(ticket.source),
            preferred_contact: ticket.contact.map(Contact::as_str),
            contact_email: ticket.reach.email.as_deref(),
            contact_phone: ticket.reach.phone.as_deref(),
            language: ticket.language.as_deref(),
            customer_id: ticket.customer.uuid(),
            customer_name: &ticket.customer_name,
            assigned_to: ticket.assignee.as_ref().map(AgentBody::from),
            tags: &ticket.tags,
            fields: &ticket.fields,
            related: ticket.related.iter().map(RelatedBody::from).collect(),
            vehicle: first("vehicle").map(ThingBody::from),
            vehicle_id: id_of_first("vehicle"),
            purchase_id: id_of_first("purchase"),
            related_booking: id_of_first("booking"),
            merged_into: ticket.merged_into.map(TicketId::uuid),
            created_at: Moment(ticket.created_at),
            updated_at: Moment(ticket.updated_at),
            first_response_at: ticket.first_response_at.map(Moment),
            resolved_at: ticket.resolved_at.map(Moment),
            closed_at: ticket.closed_at.map(Moment),
            resolution: ticket.resolution.as_ref().map(|resolution| ResolutionBody::new(resolution, internal)),
            satisfaction: ticket.satisfaction.as_ref().map(SatisfactionBody::from),
            messages: None,
            has_more_messages: None,
            internals: internal.then(|| Internals::new(desk, ticket)),
        }
    }

    /// The answer that shows it to the actor.
    pub(crate) fn reply(&self, status: StatusCode, actor: &Actor) -> Reply {
        self.tag(Reply::json(status, self), actor)
    }

    /// An answer that shows the ticket to the actor, with the tag of its state.
    pub(crate) fn tag(&self, reply: Reply, actor: &Actor) -> Reply {
        match &self.internals {
            Some(internals) if actor.is_staff() => etag::tagged(reply, internals.version),
            _ => etag::tagged(reply, self.updated_at.0.timestamp_millis()),
        }
    }

    /// With its messages from the first on.
    pub(crate) fn with_messages(self, desk: &'a Desk, messages: &'a [Message], more: bool) -> Self {
        let internal = self.internals.is_some();
        let body = |message| MessageBody::new(desk.profile(), message, internal);
        Self {
            // A note may stand first after messages have moved here; what the ticket says is what its customer reads.
            description: messages.iter().find(|message| !message.internal).map(|message| message.body.as_str()),
            messages: Some(messages.iter().map(body).collect()),
            has_more_messages: Some(more),
            ..self
        }
    }
}

impl<'a> Internals<'a> {
    fn new(desk: &Desk, ticket: &'a Ticket) -> Self {
        let state = SlaBody::state(ticket.pace.at(desk.now()));
        Self {
            version: ticket.version,
            escalation_level: ticket.escalation_level,
            team: ticket.team.as_deref(),
            metadata: &ticket.metadata,
            customer_tier: ticket.customer_tier.as_deref(),
            watchers: ticket.watchers.iter().map(AgentBody::from).collect(),
            deleted_at: ticket.deleted_at.map(Moment),
            created_by: ticket.opened_by.id,
            sla_deadline: ticket.pace.due.map(Moment),
            sla: state.with_clocks(&desk.tickets().sla(ticket)),
        }
    }
}

impl<'a> ResolutionBody<'a> {
    fn new(resolution: &'a Resolution, internal: bool) -> Self {
        Self {
            r#type: resolution.kind.as_str(),
            summary: &resolution.summary,
            notes: resolution.notes.as_deref().filter(|_| internal),
        }
    }
}

impl<'a> From<&'a Related> for RelatedBody<'a> {
    fn from(thing: &'a Related) -> Self {
        Self { kind: &thing.kind, id: &thing.id, label: thing.label.as_deref() }
    }
}

impl<'a> From<&'a Related> for ThingBody<'a> {
    fn from(thing: &'a Related) -> Self {
        Self { id: &thing.id, label: thing.label.as_deref() }
    }
}

impl<'a> From<&'a Satisfaction> for SatisfactionBody<'a> {
    fn from(said: &'a Satisfaction) -> Self {
        Self { rating: said.rating, satisfied: said.satisfied, feedback: said.feedback.as_deref() }
    }
}
