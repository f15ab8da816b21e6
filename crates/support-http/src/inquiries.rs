//! Questions that are asked and logged, over HTTP.

use crate::{
    Answer, App,
    auth::{Anyone, Caller},
    body::{Body, FromFields},
    events::SignatureBody,
    extract::{Named, NoParams, Params, paging},
    fields::Fields,
    link::Listed,
    openapi::{ChangeProblems, ListProblems, ReadProblems},
    problem::Problem,
    rates::CountedOpening,
    terms::{Reply, Terms},
    wire::{Moment, page::NumberedPage, ticket::TicketBody},
};
use axum::{
    Json,
    extract::{OriginalUri, State},
    http::{StatusCode, header},
    response::IntoResponse as _,
};
use serde::Serialize;
use support_core::{
    desk::{Desk, messages::Posted},
    domain::{
        actor::Actor,
        fault::Fault,
        id::{CustomerId, InquiryId},
        inquiry::{Inquiry, InquiryState, NewInquiry},
        ticket::Source,
    },
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

/// The routes of inquiries.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(log_inquiry, list_inquiries))
        .routes(routes!(read_inquiry))
        .routes(routes!(convert_inquiry))
        .routes(routes!(dismiss_inquiry))
}

/// A question.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct LogInquiry {
    /// The question; also `content`, `body`, `description` or `question`.
    #[schema(value_type = String)]
    message: Option<String>,
    /// In one line; the beginning of the question as without.
    subject: Option<String>,
    /// What to call whoever asks.
    name: Option<String>,
    /// Where to answer; whoever is not signed in has to say.
    email: Option<String>,
    /// For staff: how it came in, `web`, `email`, `phone` or `chat`; also `source`.
    #[schema(value_type = Option<String>)]
    channel: Option<Source>,
    /// For staff: whose it is.
    #[schema(value_type = Option<Uuid>)]
    customer_id: Option<CustomerId>,
}

impl FromFields for LogInquiry {
    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            message: fields.field(&["message", "content", "body", "description", "question"]).required().text(),
            subject: fields.field(&["subject"]).text(),
            name: fields.field(&["name", "contactName"]).text(),
            email: fields.field(&["email", "contactEmail"]).text(),
            channel: fields.field(&["channel", "source"]).checked(Source::find),
            customer_id: fields.field(&["customerId"]).id(),
        }
    }
}

/// A question that was logged.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Inquiry)]
pub(crate) struct InquiryBody<'a> {
    /// Its id.
    inquiry_id: Uuid,
    /// The same.
    id: Uuid,
    /// `open`, `converted` or `dismissed`.
    status: &'static str,
    /// How it came in.
    channel: &'static str,
    /// In one line.
    subject: &'a str,
    /// The question.
    message: &'a str,
    /// What whoever asked is called.
    name: Option<&'a str>,
    /// Where to answer.
    email: Option<&'a str>,
    /// Whose it is, where they are known.
    customer_id: Option<Uuid>,
    /// The ticket it became.
    ticket_id: Option<Uuid>,
    /// When it was logged.
    created_at: Moment,
    /// For staff: who logged it.
    #[serde(skip_serializing_if = "Option::is_none")]
    logged_by: Option<SignatureBody<'a>>,
}

impl<'a> InquiryBody<'a> {
    fn new(inquiry: &'a Inquiry, staff: bool) -> Self {
        let ticket_id = match inquiry.state {
            InquiryState::Converted { ticket } => Some(ticket.uuid()),
            InquiryState::Open | InquiryState::Dismissed => None,
        };
        Self {
            inquiry_id: inquiry.id.uuid(),
            id: inquiry.id.uuid(),
            status: inquiry.state.as_str(),
            channel: inquiry.channel.as_str(),
            subject: &inquiry.subject,
            message: &inquiry.message,
            name: inquiry.name.as_deref(),
            email: inquiry.email.as_deref(),
            customer_id: inquiry.customer.map(support_core::domain::id::CustomerId::uuid),
            ticket_id,
            created_at: Moment(inquiry.created_at),
            logged_by: staff.then(|| SignatureBody::from(&inquiry.logged_by)),
        }
    }
}

/// Asks a question, or logs one that was asked
///
/// Whoever is not signed in says where to answer.
#[utoipa::path(post, path = "/inquiries", tag = "Inquiries", security((), ("bearer" = [])), request_body = LogInquiry,
    responses((status = 201, description = "The question", body = InquiryBody), ChangeProblems))]
pub(crate) async fn log_inquiry(
    Anyone(actor): Anyone,
    _: CountedOpening,
    terms: Terms,
    Body(asked, names): Body<LogInquiry>,
) -> Answer {
    let inquiry = NewInquiry {
        customer: asked.customer_id,
        name: asked.name,
        email: asked.email,
        channel: asked.channel,
        subject: asked.subject,
        message: asked.message.unwrap_or_default(),
    };
    let asked = terms.answering(&actor, |_, actor: &Actor, inquiry: &Inquiry| {
        Reply::json(StatusCode::CREATED, &InquiryBody::new(inquiry, actor.is_staff()))
    });
    asked.answer(names.restore(asked.desk.inquiries().log(&actor, inquiry).await))
}

/// A page of questions.
#[derive(Serialize, ToSchema)]
pub(crate) struct InquiryList<'a> {
    /// The latest first.
    inquiries: Vec<InquiryBody<'a>>,
    /// Where the page stands.
    pagination: NumberedPage,
}

fn status(field: &str, word: &str) -> Result<String, Fault> {
    let known = InquiryState::WORDS.contains(&word);
    if known { Ok(word.to_owned()) } else { Err(Fault::unknown(field, word, InquiryState::WORDS)) }
}

/// Lists the questions, for staff
#[utoipa::path(get, path = "/inquiries", tag = "Inquiries", params(
    ("channel" = Option<String>, Query, description = "That came in so: `web`, `email`, `phone` or `chat`; also `source`"),
    ("status" = Option<String>, Query, description = "`open`, `converted` or `dismissed`; all as without"),
    ("page" = Option<u32>, Query, description = "From 1"),
    ("limit" = Option<u32>, Query, description = "Rows of a page; 20 as without"),
), responses((status = 200, description = "The questions", body = InquiryList), ListProblems))]
pub(crate) async fn list_inquiries(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    listed: Listed,
    Params(mut fields): Params,
) -> Answer {
    let channel = fields.field(&["channel", "source"]).checked(Source::find);
    let status = fields.field(&["status", "state"]).checked(status);
    let paging = paging(&mut fields, &desk);
    fields.end_of_query().map_err(Problem::parameters)?;
    let page = desk.inquiries().list(&actor, channel, status.as_deref(), paging).await.map_err(Problem::of_query)?;
    let pagination = NumberedPage::new(paging, page.total);
    let links = pagination.links(&listed);
    let inquiries = page.items.iter().map(|inquiry| InquiryBody::new(inquiry, true)).collect();
    Ok((links, Json(InquiryList { inquiries, pagination })).into_response())
}

/// Reads a question, for staff
#[utoipa::path(get, path = "/inquiries/{inquiry}", tag = "Inquiries",
    params(("inquiry" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The question", body = InquiryBody), ReadProblems))]
pub(crate) async fn read_inquiry(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Named(inquiry): Named<InquiryId>,
    _: NoParams,
) -> Answer {
    let inquiry = desk.inquiries().get(&actor, inquiry).await?;
    Ok(Json(InquiryBody::new(&inquiry, true)).into_response())
}

/// Makes a ticket of a question, for whoever asked it
#[utoipa::path(post, path = "/inquiries/{inquiry}/convert", tag = "Inquiries",
    params(("inquiry" = Uuid, Path, description = "Its id")),
    responses((status = 201, description = "The ticket", body = TicketBody, headers(("Location" = String))),
        ChangeProblems))]
pub(crate) async fn convert_inquiry(
    Caller(actor): Caller,
    Named(inquiry): Named<InquiryId>,
    OriginalUri(here): OriginalUri,
    terms: Terms,
) -> Answer {
    let mount = here.path().trim_end_matches('/').rsplitn(4, '/').last().unwrap_or_default().to_owned();
    let asked = terms.answering(&actor, move |desk, actor, posted: &Posted| {
        let ticket = TicketBody::changed(desk, actor, &posted.ticket);
        let ticket = ticket.with_messages(desk, std::slice::from_ref(&posted.message), false);
        let location = format!("{mount}/tickets/{}", posted.ticket.id);
        ticket.reply(StatusCode::CREATED, actor).with(&header::LOCATION, location)
    });
    asked.answer(asked.desk.inquiries().convert(&actor, inquiry).await)
}

/// Puts a question away that needs nothing more
#[utoipa::path(post, path = "/inquiries/{inquiry}/dismiss", tag = "Inquiries",
    params(("inquiry" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The question", body = InquiryBody), ChangeProblems))]
pub(crate) async fn dismiss_inquiry(Caller(actor): Caller, Named(inquiry): Named<InquiryId>, terms: Terms) -> Answer {
    let asked = terms
        .answering(&actor, |_, _, inquiry: &Inquiry| Reply::json(StatusCode::OK, &InquiryBody::new(inquiry, true)));
    asked.answer(asked.desk.inquiries().dismiss(&actor, inquiry).await)
}
