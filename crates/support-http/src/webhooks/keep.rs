use super::{WebhookBody, WebhookWithSecret, audience, told_once};
use crate::{
    Answer,
    auth::Caller,
    body::{Body, FromFields},
    extract::{Named, NoParams, Params, paging},
    fields::Fields,
    link::Listed,
    openapi::{ChangeProblems, ListProblems, ReadProblems},
    problem::Problem,
    terms::{Reply, Terms},
    wire::page::NumberedPage,
};
use axum::{
    Json,
    extract::{OriginalUri, State},
    http::{StatusCode, header},
    response::IntoResponse as _,
};
use serde::Serialize;
use support_core::{
    desk::Desk,
    domain::{
        announcement::{Audience, Naming},
        id::WebhookId,
        webhook::{Webhook, WebhookEdit},
    },
};
use utoipa::ToSchema;

/// An address that is set up or changed; what is absent stays as it is.
#[derive(ToSchema)]
pub(crate) struct EditWebhook {
    /// Where to, with `https://`.
    url: Option<String>,
    /// What for; `null` for nothing.
    description: Option<String>,
    /// What it wants to hear, by the names of `/webhooks/events`; none or `null` for everything.
    events: Option<Vec<String>>,
    /// `outside` (as without) or `staff`.
    #[schema(value_type = Option<String>)]
    audience: Option<Audience>,
    /// Whether it is told anything.
    enabled: Option<bool>,
}

impl FromFields for EditWebhook {
    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            url: fields.field(&["url", "endpoint"]).text(),
            description: fields.field(&["description"]).text_or_none().map(Option::unwrap_or_default),
            events: fields.field(&["events", "eventTypes"]).texts_or_none().map(Option::unwrap_or_default),
            audience: fields.field(&["audience"]).checked(audience),
            enabled: fields.field(&["enabled", "active", "isActive"]).flag(),
        }
    }
}

impl From<EditWebhook> for WebhookEdit {
    fn from(edit: EditWebhook) -> Self {
        let EditWebhook { url, description, events, audience, enabled } = edit;
        Self { url, description, events, audience, enabled }
    }
}

fn naming(desk: &Desk) -> Naming {
    desk.profile().events.naming
}

/// Sets up an address that is told what happens, for admins
///
/// It hears what happens from now on. The secret that its requests are signed with stands in this answer alone.
#[utoipa::path(post, path = "/webhooks", tag = "Webhooks", request_body = EditWebhook, responses(
    (status = 201, description = "The address and its secret", body = WebhookWithSecret, headers(("Location" = String))),
    ChangeProblems))]
pub(crate) async fn create_webhook(
    Caller(actor): Caller,
    OriginalUri(here): OriginalUri,
    terms: Terms,
    Body(wanted, names): Body<EditWebhook>,
) -> Answer {
    let naming = naming(terms.desk());
    let created = move |webhook: &Webhook, shown| {
        let location = format!("{}/{}", here.path().trim_end_matches('/'), webhook.id);
        told_once(StatusCode::CREATED, webhook, naming, shown).with(&header::LOCATION, location)
    };
    let write = created.clone();
    let asked = terms.answering(&actor, move |_, _, webhook: &Webhook| write(webhook, false));
    let webhook = names.restore(asked.desk.webhooks().create(&actor, wanted.into()).await)?;
    Ok(created(&webhook, true).into_response())
}

/// A page of addresses.
#[derive(Serialize, ToSchema)]
pub(crate) struct WebhookList<'a> {
    /// The latest first.
    webhooks: Vec<WebhookBody<'a>>,
    /// Where the page stands.
    pagination: NumberedPage,
}

/// Lists the addresses that are told what happens, for admins
#[utoipa::path(get, path = "/webhooks", tag = "Webhooks", params(
    ("page" = Option<u32>, Query, description = "From 1"),
    ("limit" = Option<u32>, Query, description = "Rows of a page; 20 as without"),
), responses((status = 200, description = "The addresses", body = WebhookList), ListProblems))]
pub(crate) async fn list_webhooks(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    listed: Listed,
    Params(mut fields): Params,
) -> Answer {
    let paging = paging(&mut fields, &desk);
    fields.end_of_query().map_err(Problem::parameters)?;
    let page = desk.webhooks().list(&actor, paging).await.map_err(Problem::of_query)?;
    let pagination = NumberedPage::new(paging, page.total);
    let links = pagination.links(&listed);
    let webhooks = page.items.iter().map(|webhook| WebhookBody::new(webhook, naming(&desk))).collect();
    Ok((links, Json(WebhookList { webhooks, pagination })).into_response())
}

/// An address, and how it does.
#[derive(Serialize, ToSchema)]
pub(crate) struct WebhookStanding<'a> {
    #[serde(flatten)]
    webhook: WebhookBody<'a>,
    /// How many announcements wait to be told, or to be tried again.
    waiting: u64,
    /// How many were given up, and are kept.
    dead: u64,
}

/// Reads an address that is told what happens, for admins
#[utoipa::path(get, path = "/webhooks/{webhook}", tag = "Webhooks",
    params(("webhook" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The address", body = WebhookStanding), ReadProblems))]
pub(crate) async fn read_webhook(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Named(webhook): Named<WebhookId>,
    _: NoParams,
) -> Answer {
    let found = desk.webhooks().get(&actor, webhook).await?;
    let (waiting, dead) = (found.waiting, found.dead);
    Ok(Json(WebhookStanding { webhook: WebhookBody::new(&found.webhook, naming(&desk)), waiting, dead })
        .into_response())
}

/// Changes an address that is told what happens, for admins
///
/// One that is switched on again hears what happens from now on, and what waits for it.
#[utoipa::path(patch, path = "/webhooks/{webhook}", tag = "Webhooks", request_body = EditWebhook,
    params(("webhook" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The address", body = WebhookBody), ChangeProblems))]
pub(crate) async fn edit_webhook(
    Caller(actor): Caller,
    Named(webhook): Named<WebhookId>,
    terms: Terms,
    Body(wanted, names): Body<EditWebhook>,
) -> Answer {
    let asked = terms.answering(&actor, |desk, _, webhook: &Webhook| {
        Reply::json(StatusCode::OK, &WebhookBody::new(webhook, naming(desk)))
    });
    asked.answer(names.restore(asked.desk.webhooks().edit(&actor, webhook, wanted.into()).await))
}

/// Takes an address away, for admins
///
/// What waits for it is told to nobody.
#[utoipa::path(delete, path = "/webhooks/{webhook}", tag = "Webhooks",
    params(("webhook" = Uuid, Path, description = "Its id")),
    responses((status = 204, description = "It is gone"), ChangeProblems))]
pub(crate) async fn remove_webhook(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Named(webhook): Named<WebhookId>,
) -> Answer {
    desk.webhooks().remove(&actor, webhook).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Makes a new secret, for admins
///
/// The one before signs beside it for another day. The new one stands in this answer alone.
#[utoipa::path(post, path = "/webhooks/{webhook}/rotate-secret", tag = "Webhooks",
    params(("webhook" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The address and its secret", body = WebhookWithSecret), ChangeProblems))]
pub(crate) async fn rotate_webhook_secret(
    Caller(actor): Caller,
    Named(webhook): Named<WebhookId>,
    terms: Terms,
) -> Answer {
    let naming = naming(terms.desk());
    let asked =
        terms.answering(&actor, move |_, _, webhook: &Webhook| told_once(StatusCode::OK, webhook, naming, false));
    let webhook = asked.desk.webhooks().rotate_secret(&actor, webhook).await?;
    Ok(told_once(StatusCode::OK, &webhook, naming, true).into_response())
}
