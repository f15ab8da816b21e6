//! What somebody does at a ticket while they look on.

use crate::{
    Answer,
    auth::Caller,
    body::{Body, FromFields},
    extract::Which,
    fields::Fields,
    openapi::ChangeProblems,
};
use axum::{extract::State, http::StatusCode, response::IntoResponse as _};
use support_core::{
    desk::Desk,
    domain::{fault::Fault, presence::Presence},
};
use utoipa::ToSchema;

/// The word for what somebody does.
pub(super) fn presence(word: &str) -> Option<Presence> {
    Presence::ALL.into_iter().find(|presence| presence.as_str() == word)
}

/// What somebody does at a ticket.
#[derive(ToSchema)]
pub(crate) struct SayPresence {
    /// `viewing`, `typing`, `typing_note` or `gone`; also as `type`, as frames of a socket have it.
    #[schema(value_type = String)]
    state: Option<Presence>,
}

impl FromFields for SayPresence {
    fn from_fields(fields: &mut Fields) -> Self {
        let state = fields.field(&["state", "type", "presence"]).required().checked(|field, word| {
            presence(word).ok_or_else(|| Fault::unknown(field, word, Presence::ALL.map(Presence::as_str)))
        });
        Self { state }
    }
}

/// Says what one does at a ticket, to others who look at it
///
/// It is believed for twenty seconds, so say it again as long as it is so. Over a websocket it is a frame:
/// `{"type": "typing"}`.
#[utoipa::path(post, path = "/tickets/{ticket}/presence", tag = "Live", request_body = SayPresence,
    params(("ticket" = String, Path, description = "Its id or its number")),
    responses((status = 204, description = "It was told"), ChangeProblems))]
pub(crate) async fn say_presence(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Which(ticket): Which,
    Body(said, _): Body<SayPresence>,
) -> Answer {
    if let Some(state) = said.state {
        desk.live().present(&actor, ticket, state).await?;
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}
