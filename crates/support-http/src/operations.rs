//! Merging, splitting and linking tickets over HTTP.

use crate::{
    Answer, App,
    auth::Caller,
    body::{Body, FromFields},
    extract::{Named, Params, Which},
    fields::Fields,
    openapi::{ChangeProblems, ListProblems},
    problem::Problem,
    terms::{Reply, Terms},
    wire::{Moment, ticket::TicketBody},
};
use axum::{
    Json,
    extract::{OriginalUri, State},
    http::{StatusCode, Uri, header},
    response::IntoResponse,
};
use serde::Serialize;
use serde_json::Value;
use support_core::{
    desk::{
        Desk,
        operations::{Listed, Operated},
        tickets::TicketRef,
    },
    domain::{
        actor::Actor,
        fault::Fault,
        id::{MessageId, OperationId},
        operation::{Deed, Operation, Relation},
    },
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

/// The routes of operations.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(merge_ticket))
        .routes(routes!(split_ticket))
        .routes(routes!(link_ticket))
        .routes(routes!(list_operations))
        .routes(routes!(undo_operation))
}

/// Something that was done to two tickets.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Operation)]
pub(crate) struct OperationBody<'a> {
    /// Its id, by which it is undone.
    id: Uuid,
    /// `merge`, `split` or `link`.
    #[schema(example = "merge")]
    kind: &'static str,
    /// The ticket it was done from.
    ticket_id: Uuid,
    /// The other: merged into, split off, or linked to.
    other_ticket_id: Uuid,
    /// In which way the other is linked: `relates_to`, `duplicates`, `blocks` or `parent_of`.
    #[serde(skip_serializing_if = "Option::is_none")]
    relation: Option<&'static str>,
    /// How many messages moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    messages: Option<usize>,
    /// Who did it.
    by: &'a str,
    /// When.
    at: Moment,
    /// When it was undone.
    undone_at: Option<Moment>,
}

impl<'a> From<&'a Operation> for OperationBody<'a> {
    fn from(operation: &'a Operation) -> Self {
        let (kind, relation, messages) = match &operation.deed {
            Deed::Merge { messages, .. } => ("merge", None, Some(messages.len())),
            Deed::Split { messages } => ("split", None, Some(messages.len())),
            Deed::Link { relation } => ("link", Some(relation.as_str()), None),
        };
        Self {
            id: operation.id.uuid(),
            kind,
            ticket_id: operation.ticket.uuid(),
            other_ticket_id: operation.other.uuid(),
            relation,
            messages,
            by: &operation.by.name,
            at: Moment(operation.at),
            undone_at: operation.undone.as_ref().map(|undone| Moment(undone.at)),
        }
    }
}

/// What was done, and both tickets afterwards.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Done<'a> {
    /// What was done.
    operation: OperationBody<'a>,
    /// The ticket it was done from.
    ticket: TicketBody<'a>,
    /// The other.
    other_ticket: TicketBody<'a>,
}

fn done(status: StatusCode) -> impl Fn(&Desk, &Actor, &Operated) -> Reply {
    move |desk, actor, operated| {
        let body = Done {
            operation: OperationBody::from(&operated.operation),
            ticket: TicketBody::changed(desk, actor, &operated.ticket),
            other_ticket: TicketBody::changed(desk, actor, &operated.other),
        };
        Reply::json(status, &body)
    }
}

/// A ticket by its id or number.
fn ticket(field: &str, text: &str) -> Result<TicketRef, Fault> {
    if text.len() <= 64 && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(TicketRef::from(text))
    } else {
        Err(Fault::new(field, "must be the id or the number of a ticket"))
    }
}

/// Into which ticket.
#[derive(ToSchema)]
pub(crate) struct MergeTicket {
    /// The id or number of the ticket that stays; also `targetTicketId` or `ticketId`.
    #[schema(value_type = String)]
    into: Option<TicketRef>,
}

impl FromFields for MergeTicket {
    fn from_fields(fields: &mut Fields) -> Self {
        Self { into: fields.field(&["into", "targetTicketId", "ticketId"]).required().checked(ticket) }
    }
}

/// Lets a ticket go up in another one of the same customer
///
/// Its messages move there, and it closes as a duplicate.
#[utoipa::path(post, path = "/tickets/{ticket}/merge", tag = "Handling", request_body = MergeTicket,
    params(("ticket" = String, Path, description = "The id or number of the ticket that goes")),
    responses((status = 200, description = "What was done", body = Done), ChangeProblems))]
pub(crate) async fn merge_ticket(
    Caller(actor): Caller,
    Which(ticket): Which,
    terms: Terms,
    Body(wanted, names): Body<MergeTicket>,
) -> Answer {
    let asked = terms.answering(&actor, done(StatusCode::OK));
    // A body without it was refused above.
    let into = wanted.into.unwrap_or_else(|| TicketRef::Number(String::new()));
    asked.answer(names.restore(asked.desk.operations().merge(&actor, ticket, into).await))
}

/// Which messages become a ticket of their own.
#[derive(ToSchema)]
pub(crate) struct SplitTicket {
    /// The subject of the new ticket.
    #[schema(value_type = String)]
    subject: Option<String>,
    /// The ids of the messages; also `messageIds`.
    #[schema(value_type = Vec<Uuid>)]
    messages: Vec<MessageId>,
}

impl FromFields for SplitTicket {
    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            messages: fields.field(&["messages", "messageIds"]).required().ids().unwrap_or_default(),
            subject: fields.field(&["subject"]).required().text(),
        }
    }
}

/// Makes a ticket of its own of some messages
#[utoipa::path(post, path = "/tickets/{ticket}/split", tag = "Handling", request_body = SplitTicket,
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 201, description = "What was done; `otherTicket` is the new one", body = Done,
        headers(("Location" = String, description = "The new ticket"))), ChangeProblems))]
pub(crate) async fn split_ticket(
    Caller(actor): Caller,
    Which(ticket): Which,
    OriginalUri(here): OriginalUri,
    terms: Terms,
    Body(wanted, names): Body<SplitTicket>,
) -> Answer {
    let done = done(StatusCode::CREATED);
    let asked = terms.answering(&actor, move |desk, actor, operated: &Operated| {
        done(desk, actor, operated).with(&header::LOCATION, beside(&here, operated))
    });
    let subject = wanted.subject.unwrap_or_default();
    asked.answer(names.restore(asked.desk.operations().split(&actor, ticket, wanted.messages, &subject).await))
}

/// The new ticket, seen from `…/tickets/{ticket}/split`.
fn beside(here: &Uri, operated: &Operated) -> String {
    let tickets = here.path().trim_end_matches('/').rsplitn(3, '/').last().unwrap_or_default();
    format!("{tickets}/{}", operated.other.id)
}

/// To which ticket, and in which way.
#[derive(ToSchema)]
pub(crate) struct LinkTicket {
    /// The id or number of the other ticket; also `other`, `to` or `linkedTicketId`.
    #[schema(value_type = String)]
    ticket: Option<TicketRef>,
    /// `relates_to` (as without), `duplicates`, `blocks` or `parent_of`; also `type`.
    #[schema(value_type = Option<String>)]
    relation: Option<Relation>,
}

impl FromFields for LinkTicket {
    fn from_fields(fields: &mut Fields) -> Self {
        let names = ["ticket", "other", "to", "linkedTicketId", "ticketId"];
        Self {
            ticket: fields.field(&names).required().checked(ticket),
            relation: fields.field(&["relation", "type"]).checked(Relation::find),
        }
    }
}

/// Says that two tickets have to do with each other
#[utoipa::path(post, path = "/tickets/{ticket}/link", tag = "Handling", request_body = LinkTicket,
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 201, description = "What was done", body = Done), ChangeProblems))]
pub(crate) async fn link_ticket(
    Caller(actor): Caller,
    Which(ticket): Which,
    terms: Terms,
    Body(wanted, names): Body<LinkTicket>,
) -> Answer {
    let asked = terms.answering(&actor, done(StatusCode::CREATED));
    let other = wanted.ticket.unwrap_or_else(|| TicketRef::Number(String::new()));
    let relation = wanted.relation.unwrap_or(Relation::RelatesTo);
    asked.answer(names.restore(asked.desk.operations().link(&actor, ticket, other, relation).await))
}

/// Takes back what was done to two tickets
///
/// As far as nothing was built upon it since, and once. `If-Match` is about the ticket it was done from.
#[utoipa::path(post, path = "/operations/{operation}/undo", tag = "Handling",
    params(("operation" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "What was undone", body = Done), ChangeProblems))]
pub(crate) async fn undo_operation(
    Caller(actor): Caller,
    Named(operation): Named<OperationId>,
    terms: Terms,
) -> Answer {
    let asked = terms.answering(&actor, done(StatusCode::OK));
    asked.answer(asked.desk.operations().undo(&actor, operation).await)
}

/// What was done to a ticket and others.
#[derive(Serialize, ToSchema)]
pub(crate) struct OperationList<'a> {
    /// In the order in which it was done.
    operations: Vec<ListedOperation<'a>>,
}

/// Something that was done, and the ticket on its other side.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListedOperation<'a> {
    /// What was done.
    #[serde(flatten)]
    operation: OperationBody<'a>,
    /// The number of the ticket on the other side.
    #[schema(value_type = String)]
    linked_ticket_number: &'a str,
    /// Its subject.
    linked_ticket_subject: &'a str,
    /// Its status.
    #[schema(value_type = String)]
    linked_ticket_status: Value,
}

impl<'a> From<&'a Listed> for ListedOperation<'a> {
    fn from(listed: &'a Listed) -> Self {
        Self {
            operation: OperationBody::from(&listed.operation),
            linked_ticket_number: &listed.other.number,
            linked_ticket_subject: &listed.other.subject,
            linked_ticket_status: Value::String(listed.other.status.to_string()),
        }
    }
}

/// Lists what was done to a ticket and others: merges, splits and links
#[utoipa::path(get, path = "/tickets/{ticket}/operations", tag = "Handling", params(
    ("ticket" = String, Path, description = "Its id or its number"),
    ("limit" = Option<u32>, Query, description = "The most; as many as the profile allows as without"),
), responses((status = 200, description = "What was done", body = OperationList), ListProblems))]
pub(crate) async fn list_operations(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Which(ticket): Which,
    Params(mut fields): Params,
) -> Answer {
    let most = desk.profile().limits.page;
    let limit = fields.field(&["limit"]).count(most).unwrap_or(most);
    fields.end_of_query().map_err(Problem::parameters)?;
    let listed = desk.operations().list(&actor, ticket, limit).await?;
    let operations = listed.iter().map(ListedOperation::from).collect();
    Ok(Json(OperationList { operations }).into_response())
}
