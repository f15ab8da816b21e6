use super::links::Shorthands;
use crate::{
    Answer,
    auth::Caller,
    body::{FromFields, Unchecked},
    fields::{Fields, Names},
    openapi::ChangeProblems,
    problem::Problem,
    rates::CountedOpening,
    terms::{Reply, Terms},
    wire::ticket::TicketBody,
};
use axum::{
    extract::OriginalUri,
    http::{StatusCode, Uri, header},
};
use serde::Serialize;
use serde_json::{Map, Value};
use support_core::{
    desk::{Desk, messages::Posted, tickets::NewTicket},
    domain::{
        actor::Actor,
        id::CustomerId,
        message::{Attachment, Draft},
        span::Span,
        ticket::{Contact, NewReach, Opening, Related, Source},
    },
};
use utoipa::ToSchema;

/// A request for help. Every field may also be written in `snake_case`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct OpenTicket {
    /// In one line.
    #[schema(value_type = String)]
    subject: Option<String>,
    /// What is wrong; also `message`, `content` or `body`.
    #[schema(value_type = String)]
    description: Option<String>,
    /// A category of the profile; also `topic` or `categoryId`.
    category: Option<String>,
    /// A priority of the profile. From a customer it is a wish, which the profile may lower.
    priority: Option<String>,
    /// `web`, `email`, `phone` or `chat`.
    #[schema(value_type = Option<String>)]
    source: Option<Source>,
    /// `email`, `phone` or `either`.
    #[schema(value_type = Option<String>)]
    preferred_contact: Option<Contact>,
    /// The customer's mail address; also `email`.
    contact_email: Option<String>,
    /// The customer's phone number; also `phone`.
    contact_phone: Option<String>,
    /// The language it is written in, as a tag such as `en`.
    language: Option<String>,
    /// Values of the profile's custom fields; also `customFields`.
    #[schema(value_type = Option<Object>)]
    fields: Option<Map<String, Value>>,
    /// Words to find it by.
    tags: Option<Vec<String>>,
    /// The host's own data.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Map<String, Value>>,
    /// Links: strings, or objects with `url` and `fileName`.
    #[schema(value_type = Option<Vec<Value>>)]
    attachments: Vec<Attachment>,
    /// Things of the host that it is about: objects with `kind` and `id`.
    #[schema(value_type = Option<Vec<Object>>)]
    related: Vec<Related>,
    /// For whom staff open it.
    #[schema(value_type = Option<Uuid>)]
    customer_id: Option<CustomerId>,
    /// Their name, where the host's directory does not tell it; also `contactName`.
    customer_name: Option<String>,
    #[serde(flatten)]
    links: Shorthands,
}

impl FromFields for OpenTicket {
    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            subject: fields.field(&["subject"]).text(),
            description: fields.field(&["description", "message", "content", "body"]).text(),
            category: fields.field(&["category", "topic", "categoryId"]).text(),
            priority: fields.field(&["priority"]).text(),
            source: fields.field(&["source"]).checked(Source::find),
            preferred_contact: fields.field(&["preferredContact"]).checked(Contact::find),
            contact_email: fields.field(&["contactEmail", "email"]).text(),
            contact_phone: fields.field(&["contactPhone", "phone"]).text(),
            language: fields.field(&["language"]).text(),
            fields: fields.field(&["fields", "customFields"]).object(),
            tags: fields.field(&["tags"]).texts(),
            metadata: fields.field(&["metadata"]).object(),
            attachments: fields.field(&["attachments"]).attachments(),
            related: fields.field(&["related"]).related().unwrap_or_default(),
            customer_id: fields.field(&["customerId"]).id(),
            customer_name: fields.field(&["customerName", "contactName"]).text(),
            links: Shorthands::from_fields(fields),
        }
    }
}

impl OpenTicket {
    /// What the desk takes. Ids that have a field of their own become links; `names` learns where each came from.
    fn into_new_ticket(self, names: &mut Names) -> NewTicket {
        let mut related = self.related;
        self.links.add_to(&mut related, names);
        NewTicket {
            opening: Opening {
                subject: self.subject.unwrap_or_default(),
                message: Draft { body: self.description.unwrap_or_default(), attachments: self.attachments },
                category: self.category,
                priority: self.priority,
                source: self.source,
                contact: self.preferred_contact,
                reach: NewReach { email: self.contact_email, phone: self.contact_phone },
                language: self.language,
                fields: self.fields.unwrap_or_default(),
                tags: self.tags.unwrap_or_default(),
                metadata: self.metadata.unwrap_or_default(),
                related,
                ..Opening::default()
            },
            customer: self.customer_id,
            customer_name: self.customer_name,
        }
    }
}

/// A ticket that was just opened.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OpenedTicket<'a> {
    #[serde(flatten)]
    ticket: TicketBody<'a>,
    /// How soon somebody answers, where the profile promises it.
    #[schema(example = "24 hours")]
    #[serde(skip_serializing_if = "Option::is_none")]
    estimated_response: Option<String>,
}

impl<'a> OpenedTicket<'a> {
    fn new(ticket: TicketBody<'a>, posted: &Posted) -> Self {
        let policy = posted.ticket.sla.policy();
        let target = policy.and_then(|policy| policy.targets.first_response);
        Self { ticket, estimated_response: target.map(in_words) }
    }
}

/// Opens a ticket
///
/// Staff name the customer for whom they open it.
#[utoipa::path(post, path = "/tickets", tag = "Tickets", request_body = OpenTicket, responses(
    (status = 201, description = "The ticket", body = OpenedTicket, headers(("Location" = String))),
    ChangeProblems,
))]
pub(crate) async fn open_ticket(
    Caller(actor): Caller,
    _: CountedOpening,
    OriginalUri(here): OriginalUri,
    terms: Terms,
    Unchecked(wanted, mut names, unread): Unchecked<OpenTicket>,
) -> Answer {
    let ticket = wanted.into_new_ticket(&mut names);
    if !unread.0.is_empty() {
        let checked = names.restore(terms.desk().tickets().check(&actor, ticket).await);
        return Err(Problem::all_of(unread, checked));
    }
    let asked = terms.answering(&actor, move |desk, actor, posted| opened(&here, desk, actor, posted));
    asked.answer(names.restore(asked.desk.tickets().open(&actor, ticket).await))
}

fn opened(here: &Uri, desk: &Desk, actor: &Actor, posted: &Posted) -> Reply {
    let location = format!("{}/{}", here.path().trim_end_matches('/'), posted.ticket.id);
    let ticket = TicketBody::changed(desk, actor, &posted.ticket);
    let ticket = ticket.with_messages(desk, std::slice::from_ref(&posted.message), false);
    let opened = OpenedTicket::new(ticket, posted);
    let reply = Reply::json(StatusCode::CREATED, &opened).with(&header::LOCATION, location);
    opened.ticket.tag(reply, actor)
}

/// A target as people say it: in days from three whole ones on, else in hours or minutes.
fn in_words(target: Span) -> String {
    const DAY: i64 = 86_400;
    let (count, unit) = match target.seconds() {
        days if days >= 3 * DAY && days % DAY == 0 => (days / DAY, "day"),
        hours if hours % 3_600 == 0 => (hours / 3_600, "hour"),
        minutes if minutes % 60 == 0 => (minutes / 60, "minute"),
        seconds => (seconds, "second"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_targets_as_people_do() {
        for (target, words) in [
            ("15m", "15 minutes"),
            ("1h", "1 hour"),
            ("90m", "90 minutes"),
            ("24h", "24 hours"),
            ("2d", "48 hours"),
            ("72h", "3 days"),
            ("5d", "5 days"),
            ("73h", "73 hours"),
            ("45s", "45 seconds"),
        ] {
            assert_eq!(in_words(target.parse().unwrap()), words);
        }
    }
}
