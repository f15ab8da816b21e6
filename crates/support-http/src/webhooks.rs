//! Addresses that are told what happens, over HTTP (S3, "Integration Points").

mod keep;
mod try_out;

use crate::{App, terms::Reply, wire::Moment};
use axum::http::{StatusCode, header};
use serde::Serialize;
use std::collections::BTreeSet;
use support_core::domain::{
    announcement::{Audience, Naming},
    fault::Fault,
    webhook::{Webhook, WebhookState},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

/// The routes of addresses that are told what happens.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(keep::list_webhooks, keep::create_webhook))
        .routes(routes!(try_out::list_webhook_events))
        .routes(routes!(keep::read_webhook, keep::edit_webhook, keep::remove_webhook))
        .routes(routes!(keep::rotate_webhook_secret))
        .routes(routes!(try_out::test_webhook))
        .routes(routes!(try_out::list_webhook_deliveries))
}

/// An address, and what it is told.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Webhook)]
pub(crate) struct WebhookBody<'a> {
    /// Its id.
    id: Uuid,
    /// Where to.
    url: &'a str,
    /// What for.
    description: Option<&'a str>,
    /// What it wants to hear; everything where empty.
    events: BTreeSet<&'static str>,
    /// `outside` hears nothing of what only staff may know; `staff` hears all.
    audience: &'static str,
    /// Whether it is told anything.
    enabled: bool,
    /// `enabled` or `disabled`.
    status: &'static str,
    /// Since when it is not.
    disabled_at: Option<Moment>,
    /// Why not.
    disabled_reason: Option<&'a str>,
    /// Until when the secret before the last one signs, too.
    previous_secret_until: Option<Moment>,
    /// When it was set up.
    created_at: Moment,
    /// When it was last changed.
    updated_at: Moment,
}

impl<'a> WebhookBody<'a> {
    fn new(webhook: &'a Webhook, naming: Naming) -> Self {
        let disabled = match &webhook.state {
            WebhookState::Enabled => None,
            WebhookState::Disabled { at, why } => Some((*at, why.as_str())),
        };
        Self {
            id: webhook.id.uuid(),
            url: &webhook.url,
            description: webhook.description.as_deref(),
            events: webhook.events.iter().map(|kind| kind.name(naming)).collect(),
            audience: word(webhook.audience),
            enabled: disabled.is_none(),
            status: if disabled.is_none() { "enabled" } else { "disabled" },
            disabled_at: disabled.map(|(at, _)| Moment(at)),
            disabled_reason: disabled.map(|(_, why)| why),
            previous_secret_until: webhook.secrets.iter().find_map(|secret| secret.until).map(Moment),
            created_at: Moment(webhook.created_at),
            updated_at: Moment(webhook.updated_at),
        }
    }
}

const AUDIENCES: [Audience; 2] = [Audience::Outside, Audience::Staff];

fn word(audience: Audience) -> &'static str {
    match audience {
        Audience::Outside => "outside",
        Audience::Staff => "staff",
    }
}

fn audience(field: &str, text: &str) -> Result<Audience, Fault> {
    let found = AUDIENCES.into_iter().find(|audience| word(*audience) == text);
    found.ok_or_else(|| Fault::unknown(field, text, AUDIENCES.map(word)))
}

/// An address, and what its requests are signed with from now on.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WebhookWithSecret<'a> {
    #[serde(flatten)]
    webhook: WebhookBody<'a>,
    /// What requests are signed with (Standard Webhooks). It is shown this once, and is absent where the request is repeated.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'a str>,
}

/// The answer to whoever had a secret made. The one that is kept for repetitions of the request holds none: it would lie in
/// the store for everybody to read who can read that.
fn told_once(status: StatusCode, webhook: &Webhook, naming: Naming, shown: bool) -> Reply {
    let secret = webhook.secrets.first().map(|secret| secret.value.as_str()).filter(|_| shown);
    let body = WebhookWithSecret { webhook: WebhookBody::new(webhook, naming), secret };
    Reply::json(status, &body).with(&header::CACHE_CONTROL, NO_STORE)
}

const NO_STORE: &str = "no-store";
