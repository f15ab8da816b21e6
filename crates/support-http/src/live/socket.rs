//! Websockets: the same stream, and frames that say what somebody does.

mod enter;
mod session;

use super::{
    look::{Last, Look, Target},
    sse,
};
use crate::{
    Answer, App,
    extract::{NoParams, Params, Which},
    openapi::ReadProblems,
    problem::Problem,
};
use axum::extract::{
    State,
    ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
};
use enter::Credentials;
use support_core::desk;

/// What the two sides speak.
const PROTOCOL: &str = "support-desk";
/// As much is read at once.
const READ: usize = 4 * 1024;
/// The longest frame, and the longest message made of frames.
const LONGEST: usize = 64 * 1024;
/// What waits to be written to somebody who does not read.
const WRITE: usize = 256 * 1024;

/// The request as a websocket, where it is one.
type Upgrade = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

/// Watches a ticket, as a websocket
///
/// Frames are JSON: `{"event": …, "id": …, "data": …}` with the events of `/tickets/{ticket}/live`. It takes
/// `{"type": "viewing"}`, `typing`, `typing_note` and `gone`. A browser opens it with a key of `/live/ticket`.
#[utoipa::path(get, path = "/tickets/{ticket}/live/ws", tag = "Live", params(
    ("ticket" = String, Path, description = "Its id or its number"),
    ("after" = Option<Uuid>, Query, description = "The last event that was heard"),
    ("Sec-WebSocket-Protocol" = Option<String>, Header, description = "`support-desk`, and `key.` with a key"),
), responses((status = 101, description = "The websocket"), ReadProblems))]
pub(crate) async fn open_ticket_socket(
    State(app): State<App>,
    upgrade: Upgrade,
    credentials: Credentials,
    Which(ticket): Which,
    Params(fields): Params,
) -> Answer {
    let after = sse::after(fields)?.map_or(Last::None, Last::Event);
    opened(app, upgrade, credentials, Target::Ticket(ticket), after).await
}

/// Watches all that one may see, as a websocket
///
/// As for a ticket, without `presence`.
#[utoipa::path(get, path = "/live/ws", tag = "Live", params(
    ("Sec-WebSocket-Protocol" = Option<String>, Header, description = "`support-desk`, and `key.` with a key"),
), responses((status = 101, description = "The websocket"), ReadProblems))]
pub(crate) async fn open_socket(
    State(app): State<App>,
    upgrade: Upgrade,
    credentials: Credentials,
    _: NoParams,
) -> Answer {
    opened(app, upgrade, credentials, Target::All, Last::None).await
}

async fn opened(app: App, upgrade: Upgrade, credentials: Credentials, target: Target, last: Last) -> Answer {
    match credentials {
        Credentials::Known(actor, proof) => {
            let look = Look::at(&app, actor, *proof, target, last).await?;
            let upgrade = upgrade.map_err(|_| Problem::no_socket())?;
            Ok(bounded(upgrade).on_upgrade(async move |socket| session::serve(socket, &app, look).await))
        }
        Credentials::Unknown(place) => {
            // Whoever opens no websocket shows no key in its first frame, either.
            let upgrade = upgrade.map_err(|_| desk::Error::Unauthenticated)?;
            Ok(bounded(upgrade).on_upgrade(async move |socket| {
                enter::wait_for_key(socket, &app, place, target, last).await;
            }))
        }
    }
}

/// As small as will do: what axum has as without takes 128 KiB for each socket, and messages of 64 MiB.
fn bounded(upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
    upgrade
        .protocols([PROTOCOL])
        .read_buffer_size(READ)
        .write_buffer_size(READ)
        .max_write_buffer_size(WRITE)
        .max_message_size(LONGEST)
        .max_frame_size(LONGEST)
}
