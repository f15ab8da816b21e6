//! What happens while somebody looks on: as server-sent events, and as frames of a websocket.
//!
//! Both tell where to look and never what is to be seen there. A stream belongs to whoever opened it, for as long as they
//! could open it again: it asks every second.

mod doors;
mod keys;
mod look;
mod origin;
mod settings;
mod socket;
mod speak;
mod sse;
mod wire;

pub use settings::{Drain, LiveSettings};

use crate::{App, problem::Problem};
use axum::{extract::FromRequestParts, http::request::Parts};
use doors::Doors;
use keys::Keys;
use std::{convert::Infallible, sync::Arc};
use tokio::sync::Semaphore;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of streams.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(sse::watch_ticket))
        .routes(routes!(sse::watch_all))
        .routes(routes!(socket::open_ticket_socket))
        .routes(routes!(socket::open_socket))
        .routes(routes!(keys::draw_key))
        .routes(routes!(speak::say_presence))
}

/// Sockets that have not said yet whose they are, at most.
const STRANGERS: usize = 1_000;

/// What streams share.
pub(crate) struct Streams {
    settings: LiveSettings,
    doors: Arc<Doors>,
    keys: Keys,
    strangers: Arc<Semaphore>,
}

impl Streams {
    pub(crate) fn new(settings: LiveSettings) -> Self {
        let doors = Arc::new(Doors::new(settings.streams));
        Self { settings, doors, keys: Keys::default(), strangers: Arc::new(Semaphore::new(STRANGERS)) }
    }

    /// Whether anything is opened at all.
    fn is_open(&self) -> Result<(), Problem> {
        if self.settings.drain.is_closed() { Err(Problem::closing()) } else { Ok(()) }
    }
}

/// The request as it came: what somebody has shown to be who they are, to be looked at again.
struct Proof(Parts);

impl FromRequestParts<App> for Proof {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Infallible> {
        Ok(Self(parts.clone()))
    }
}
