//! What staff do with calls.

use super::{CallbackBody, asked};
use crate::{
    Answer,
    auth::Caller,
    body::{Body, FromFields},
    extract::Named,
    fields::Fields,
    openapi::ChangeProblems,
    terms::{Reply, Terms},
};
use axum::http::StatusCode;
use serde::Serialize;
use support_core::domain::{callback::Callback, id::CallbackId};
use utoipa::ToSchema;

/// How a call went.
#[derive(ToSchema)]
pub(crate) struct EndCallback {
    /// In words; also `outcome`.
    notes: Option<String>,
}

impl FromFields for EndCallback {
    const OPTIONAL: bool = true;

    fn from_fields(fields: &mut Fields) -> Self {
        Self { notes: fields.field(&["notes", "outcome", "note"]).text() }
    }
}

/// Says that a phone call was made
#[utoipa::path(post, path = "/callbacks/{callback}/complete", tag = "Callbacks", request_body = EndCallback,
    params(("callback" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The call", body = CallbackBody), ChangeProblems))]
pub(crate) async fn complete_callback(
    Caller(actor): Caller,
    Named(callback): Named<CallbackId>,
    terms: Terms,
    Body(said, names): Body<EndCallback>,
) -> Answer {
    let asked = asked(terms, &actor);
    asked.answer(names.restore(asked.desk.callbacks().end(&actor, callback, true, said.notes).await))
}

/// Says that a phone call was missed
#[utoipa::path(post, path = "/callbacks/{callback}/miss", tag = "Callbacks", request_body = EndCallback,
    params(("callback" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The call", body = CallbackBody), ChangeProblems))]
pub(crate) async fn miss_callback(
    Caller(actor): Caller,
    Named(callback): Named<CallbackId>,
    terms: Terms,
    Body(said, names): Body<EndCallback>,
) -> Answer {
    let asked = asked(terms, &actor);
    asked.answer(names.restore(asked.desk.callbacks().end(&actor, callback, false, said.notes).await))
}

/// A call that has begun.
#[derive(Serialize, ToSchema)]
pub(crate) struct StartedCallback<'a> {
    #[serde(flatten)]
    callback: CallbackBody<'a>,
    /// What the phone provider calls it; none in the answer to a request with a key, which is written down before anybody
    /// can know.
    reference: Option<&'a str>,
}

/// Begins a phone call, through the host's provider
#[utoipa::path(post, path = "/callbacks/{callback}/call", tag = "Callbacks",
    params(("callback" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The call", body = StartedCallback), ChangeProblems))]
pub(crate) async fn start_callback(Caller(actor): Caller, Named(callback): Named<CallbackId>, terms: Terms) -> Answer {
    fn started(callback: &Callback, reference: Option<&str>) -> Reply {
        Reply::json(StatusCode::OK, &StartedCallback { callback: CallbackBody::new(callback, true), reference })
    }
    let asked = terms.answering(&actor, |_, _, callback: &Callback| started(callback, None));
    let outcome = asked.desk.callbacks().call(&actor, callback).await;
    asked.answer_with(outcome, |(callback, reference)| started(callback, Some(&reference.0)))
}
