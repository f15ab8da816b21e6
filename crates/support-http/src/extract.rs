//! What stands in paths and queries.

use crate::{App, fields::Fields, problem::Problem};
use axum::{
    extract::{FromRequestParts, Query, RawPathParams},
    http::request::Parts,
};
use serde_json::Value;
use support_core::{
    desk::{self, Desk, documents::Paging, tickets::TicketRef},
    domain::id::{
        AgentId, ArticleId, AttachmentId, CallbackId, CustomerId, DeliveryId, EntryId, InquiryId, MessageId,
        NotificationId, OperationId, ReviewId, TimeEntryId, WebhookId,
    },
};
use uuid::Uuid;

/// The ticket that the path names, by id or by number.
pub(crate) struct Which(pub(crate) TicketRef);

impl FromRequestParts<App> for Which {
    type Rejection = Problem;

    /// What can be neither id nor number is a ticket that does not exist.
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        match named(parts, app, "ticket").await {
            Some(name) if name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_graphic()) => {
                Ok(Self(TicketRef::from(name)))
            }
            _ => Err(desk::Error::NotFound.into()),
        }
    }
}

/// Another thing that the path names, by its id.
pub(crate) struct Named<T>(pub(crate) T);

/// Things that paths name by their id.
pub(crate) trait InPath: From<Uuid> {
    /// What the path calls it.
    const NAME: &'static str;
}

macro_rules! in_path {
    ($($name:literal: $id:ty,)*) => {$(
        impl InPath for $id {
            const NAME: &'static str = $name;
        }
    )*};
}

in_path! {
    "agent": AgentId,
    "article": ArticleId,
    "attachment": AttachmentId,
    "callback": CallbackId,
    "customer": CustomerId,
    "delivery": DeliveryId,
    "entry": EntryId,
    "inquiry": InquiryId,
    "message": MessageId,
    "notification": NotificationId,
    "operation": OperationId,
    "review": ReviewId,
    "time": TimeEntryId,
    "webhook": WebhookId,
}

impl<T: InPath> FromRequestParts<App> for Named<T> {
    type Rejection = Problem;

    /// What is no id is a thing that does not exist.
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let id = named(parts, app, T::NAME).await.and_then(|name| name.parse::<Uuid>().ok());
        Ok(Self(id.ok_or(desk::Error::NotFound)?.into()))
    }
}

/// A part of the path by its name. The host may nest the router under parameters of its own, which come first: the last
/// of that name is ours.
async fn named(parts: &mut Parts, app: &App, name: &str) -> Option<String> {
    let named = RawPathParams::from_request_parts(parts, app).await.ok()?;
    named.iter().filter(|(key, _)| *key == name).last().map(|(_, value)| value.to_owned())
}

/// A part of the path that is text, by its name; what could be no name of ours is one of nothing.
pub(crate) async fn word(parts: &mut Parts, app: &App, name: &str) -> Result<String, Problem> {
    let word = named(parts, app, name).await.filter(|word| {
        let plain = |c: char| !c.is_control() && !c.is_whitespace();
        (1..=200).contains(&word.len()) && word.chars().all(plain)
    });
    word.ok_or_else(|| desk::Error::NotFound.into())
}

/// The parameters of the query, not yet read.
pub(crate) struct Params(pub(crate) Fields);

impl FromRequestParts<App> for Params {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        // A query is pairs of text whatever it holds: reading it as such cannot fail.
        let pairs = Query::<Vec<(String, String)>>::from_request_parts(parts, app).await;
        let pairs = pairs.map(|Query(pairs)| pairs).unwrap_or_default();
        let texts = pairs.into_iter().map(|(name, text)| (name, Value::String(text)));
        Ok(Self(Fields::new(texts)))
    }
}

/// The query of what takes no parameters: a filter that nobody reads would show everything.
pub(crate) struct NoParams;

impl FromRequestParts<App> for NoParams {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Params(fields) = Params::from_request_parts(parts, app).await?;
        fields.end_of_query().map_err(Problem::parameters)?;
        Ok(Self)
    }
}

/// Which numbered page of a list.
pub(crate) fn paging(fields: &mut Fields, desk: &Desk) -> Paging {
    let most = desk.profile().limits.page;
    let limit = fields.field(&["limit"]).count(most).unwrap_or(most.min(20));
    let number = fields.field(&["page"]).count(u32::MAX).unwrap_or(1);
    Paging { number, limit }
}

/// Which stretch of a list that goes on behind an id.
pub(crate) struct Behind<T> {
    pub(crate) after: Option<T>,
    pub(crate) limit: u32,
}

impl<T: From<Uuid>> FromRequestParts<App> for Behind<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Params(mut fields) = Params::from_request_parts(parts, app).await?;
        let most = app.desk.profile().limits.page;
        let after = fields.field(&["after"]).id();
        let limit = fields.field(&["limit"]).count(most).unwrap_or(most);
        fields.end_of_query().map_err(Problem::parameters)?;
        Ok(Self { after, limit })
    }
}
