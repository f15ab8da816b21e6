//! On which terms a change is asked for: once, and only of a ticket that is as the client knows it.

use crate::{
    Answer, App,
    auth::SignedIn,
    etag::{IF_MATCH, Tags},
    problem::Problem,
    wire::ticket::TicketBody,
};
use axum::{
    body::Body,
    extract::FromRequestParts,
    http::{HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, PoisonError};
use support_core::{
    desk::{self, Desk, Expected, Once},
    domain::{actor::Actor, ticket::Ticket},
};

/// The terms of a request that changes something, and the desk that is to keep them.
pub(crate) struct Terms {
    desk: Desk,
    /// What the client said of the ticket; none where they said nothing.
    expected: Vec<Expected>,
    /// Whether we expect something that the client has not asked for.
    ours: bool,
    once: Option<Once>,
}

impl FromRequestParts<App> for Terms {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let SignedIn(actor) = SignedIn::find(parts, app).await;
        let expected = Tags::read(&parts.headers, &IF_MATCH)?.map(|tags| tags.expected(&actor.unwrap_or(Actor::Guest)));
        let once = parts.extensions.get::<Once>().cloned();
        Ok(Self { desk: app.desk.clone(), expected: expected.unwrap_or_default(), ours: false, once })
    }
}

impl Terms {
    /// The desk without the terms, for reading.
    pub(crate) fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Besides: only if the ticket still has the version with which we have read it, unless the client has said more.
    pub(crate) fn since_read(mut self, version: Option<u64>) -> Self {
        if let (Some(version), true) = (version, self.expected.is_empty()) {
            self.expected.push(Expected::Version(version));
            self.ours = true;
        }
        self
    }

    /// A change that answers with the ticket.
    pub(crate) fn ticket(self, actor: &Actor) -> Asked<Ticket> {
        self.answering(actor, |desk, actor, ticket| {
            TicketBody::changed(desk, actor, ticket).reply(StatusCode::OK, actor)
        })
    }

    /// A change whose outcome is answered as `write` says.
    pub(crate) fn answering<T: 'static>(
        self,
        actor: &Actor,
        write: impl Fn(&Desk, &Actor, &T) -> Reply + Send + Sync + 'static,
    ) -> Asked<T> {
        let (plain, actor) = (self.desk.clone(), actor.clone());
        let write: Arc<Write<T>> = Arc::new(move |outcome| write(&plain, &actor, outcome));
        let mut asked = Asked { desk: self.desk, ours: self.ours, write, written: Arc::default() };
        if !self.expected.is_empty() {
            asked.desk = asked.desk.expecting(self.expected);
        }
        if let Some(once) = self.once {
            let (write, written) = (asked.write.clone(), asked.written.clone());
            asked.desk = asked.desk.once(once, move |outcome| {
                let reply = write(outcome);
                let bytes = reply.to_bytes();
                *written.lock().unwrap_or_else(PoisonError::into_inner) = Some(reply);
                bytes
            });
        }
        asked
    }
}

type Write<T> = dyn Fn(&T) -> Reply + Send + Sync;

/// A change that is about to be asked of its desk.
pub(crate) struct Asked<T> {
    /// The desk that keeps the terms. To be used for the change, and for nothing else.
    pub(crate) desk: Desk,
    ours: bool,
    write: Arc<Write<T>>,
    /// What was written down in the commit: whoever repeats the request gets these bytes, so the first gets them, too.
    written: Arc<Mutex<Option<Reply>>>,
}

impl<T> Asked<T> {
    /// The answer to what has become of it.
    pub(crate) fn answer(&self, outcome: Result<T, desk::Error>) -> Answer {
        match outcome {
            Ok(outcome) => {
                let written = self.written.lock().unwrap_or_else(PoisonError::into_inner).take();
                Ok(written.unwrap_or_else(|| (self.write)(&outcome)).into_response())
            }
            // The client knows nothing of an expectation of ours.
            Err(desk::Error::Stale) if self.ours => Err(desk::Error::Conflict.into()),
            Err(error) => Err(error.into()),
        }
    }
}

impl<T> Asked<T> {
    /// The answer to what has become of it, where the use case answers more than what it has written down.
    pub(crate) fn answer_with<U>(&self, outcome: Result<U, desk::Error>, write: impl FnOnce(&U) -> Reply) -> Answer {
        let outcome = outcome?;
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(written.unwrap_or_else(|| write(&outcome)).into_response())
    }
}

/// An answer that can be written down and given again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

impl Reply {
    /// A body as JSON.
    pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Self {
        let content_type = (header::CONTENT_TYPE.to_string(), "application/json".to_owned());
        // Answers are structs with string keys, which JSON can always write.
        let (status, body) = match serde_json::to_string(body) {
            Ok(body) => (status, body),
            Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "null".to_owned()),
        };
        Self { status: status.as_u16(), headers: vec![content_type], body }
    }

    /// With another header.
    pub(crate) fn with(mut self, name: &HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name.to_string(), value.into()));
        self
    }

    /// The bytes of the body.
    pub(crate) fn body(&self) -> &[u8] {
        self.body.as_bytes()
    }

    fn to_bytes(&self) -> Vec<u8> {
        // Numbers and texts, which JSON can always write.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The answer that was written down, marked as such.
    pub(crate) fn again(bytes: &[u8]) -> Option<Self> {
        let reply: Self = serde_json::from_slice(bytes).ok()?;
        Some(reply.with(&REPLAYED, "true"))
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                response.headers_mut().append(name, value);
            }
        }
        response
    }
}
