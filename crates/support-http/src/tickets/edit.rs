use super::links::{EditedLinks, Shorthands};
use crate::{
    Answer,
    auth::Caller,
    body::{Body, FromFields},
    extract::Which,
    fields::Fields,
    openapi::ChangeProblems,
    terms::Terms,
    wire::ticket::TicketBody,
};
use serde_json::{Map, Value};
use support_core::domain::{
    actor::AgentRef,
    id::AgentId,
    ticket::{Contact, Edit, NewReach, Related},
};
use utoipa::ToSchema;

/// What shall be different. What is absent stays as it is; lists and objects are replaced whole.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct EditTicket {
    /// Another subject.
    subject: Option<String>,
    /// Another category; also `topic`.
    category: Option<String>,
    /// These tags and no others.
    tags: Option<Vec<String>>,
    /// This metadata and no other.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Map<String, Value>>,
    /// These links and no others: objects with `kind` and `id`.
    #[schema(value_type = Option<Vec<Object>>)]
    related: Option<Vec<Related>>,
    #[serde(flatten)]
    links: Shorthands,
    /// `email`, `phone` or `either`.
    #[schema(value_type = Option<String>)]
    preferred_contact: Option<Contact>,
    /// Another mail address, empty for none; also `email`.
    contact_email: Option<String>,
    /// Another phone number, empty for none; also `phone`.
    contact_phone: Option<String>,
    /// Another language, as a tag such as `en`.
    language: Option<String>,
    /// Other values of these custom fields, `null` for none; also `customFields`.
    #[schema(value_type = Option<Object>)]
    fields: Option<Map<String, Value>>,
    /// A status of the profile, one step along the workflow.
    status: Option<String>,
    /// A priority of the profile.
    priority: Option<String>,
    /// An agent, or `null` for nobody; also `agentId`.
    #[schema(value_type = Option<Uuid>)]
    #[expect(clippy::option_option, reason = "absent, nobody and somebody are three different wishes")]
    assigned_to: Option<Option<AgentId>>,
}

impl FromFields for EditTicket {
    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            subject: fields.field(&["subject"]).text(),
            category: fields.field(&["category", "topic", "categoryId"]).text(),
            tags: fields.field(&["tags"]).texts(),
            metadata: fields.field(&["metadata"]).object(),
            related: fields.field(&["related"]).related(),
            links: Shorthands::from_fields(fields),
            preferred_contact: fields.field(&["preferredContact"]).checked(Contact::find),
            contact_email: fields.field(&["contactEmail", "email"]).text(),
            contact_phone: fields.field(&["contactPhone", "phone"]).text(),
            language: fields.field(&["language"]).text(),
            fields: fields.field(&["fields", "customFields"]).object(),
            status: fields.field(&["status"]).text(),
            priority: fields.field(&["priority"]).text(),
            assigned_to: fields.field(&["assignedTo", "agentId", "assignedAgentId"]).id_or_nobody(),
        }
    }
}

impl EditTicket {
    /// What the desk takes, and the links apart: what becomes of those may depend on the ticket.
    fn into_edit(self) -> (Edit, EditedLinks) {
        // The desk asks the directory for the name.
        let unnamed = |id| AgentRef { id, name: String::new() };
        let edit = Edit {
            status: self.status,
            priority: self.priority,
            assignee: self.assigned_to.map(|agent| agent.map(unnamed)),
            subject: self.subject,
            category: self.category,
            tags: self.tags,
            metadata: self.metadata,
            related: None,
            contact: self.preferred_contact,
            reach: NewReach { email: self.contact_email, phone: self.contact_phone },
            language: self.language,
            fields: self.fields.unwrap_or_default(),
        };
        (edit, EditedLinks { all: self.related, some: self.links })
    }
}

/// Changes several things of a ticket at once
///
/// An id in a field of its own takes the place of the first link of its kind; links of other kinds stay.
#[utoipa::path(method(patch, put), path = "/tickets/{ticket}", tag = "Handling", request_body = EditTicket,
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 200, description = "The ticket", body = TicketBody), ChangeProblems))]
pub(crate) async fn edit_ticket(
    Caller(actor): Caller,
    Which(ticket): Which,
    terms: Terms,
    Body(wanted, mut names): Body<EditTicket>,
) -> Answer {
    let (mut edit, links) = wanted.into_edit();
    let (links, read) = links.settle(terms.desk(), &actor, &ticket, &mut names).await?;
    edit.related = links;
    let asked = terms.since_read(read).ticket(&actor);
    asked.answer(names.restore(asked.desk.tickets().edit(&actor, ticket, edit).await))
}
