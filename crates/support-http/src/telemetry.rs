//! What operators see of requests: how many, how long, and a span around each. Routes and roles; never a path as it was asked
//! for, a query, a body, or anything that says who somebody is.

use crate::{RequestId, auth::SignedIn};
use axum::{
    extract::{MatchedPath, Request},
    http::Method,
    middleware::Next,
    response::Response,
};
use tokio::time::Instant;
use tracing::{Instrument as _, Span, field::Empty};

/// What is counted of requests that lead nowhere: their paths are anybody's words.
const NOWHERE: &str = "none";

/// Counts the request, and puts a span around all that is done for it.
pub(crate) async fn observe(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or(NOWHERE, MatchedPath::as_str).to_owned();
    let method = word(request.method());
    let id = request.extensions().get::<RequestId>().map_or("", RequestId::as_str);
    let span = tracing::info_span!("request", request_id = id, method, route, role = Empty, status = Empty);
    let begun = Instant::now();
    let response = next.run(request).instrument(span.clone()).await;
    let status = response.status().as_u16();
    span.record("status", status);
    let seconds = begun.elapsed().as_secs_f64();
    metrics::histogram!("support_http_request_seconds", "method" => method, "route" => route.clone()).record(seconds);
    let status = status.to_string();
    metrics::counter!("support_http_requests_total", "method" => method, "route" => route, "status" => status)
        .increment(1);
    response
}

/// Says in the span of the request in which role it is made.
pub(crate) fn note_role(SignedIn(actor): &SignedIn) {
    let role = actor.as_ref().map_or("unknown", |actor| actor.role().as_str());
    Span::current().record("role", role);
}

/// A method is the client's word, too.
fn word(method: &Method) -> &'static str {
    let known = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::HEAD, Method::OPTIONS];
    let words = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    known.iter().zip(words).find(|(known, _)| *known == method).map_or("other", |(_, word)| word)
}
