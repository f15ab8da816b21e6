//! What a request is called, by its client or by us: for the logs of both.

use crate::{App, problem};
use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// What a request is called. The client's own `X-Request-Id` if it is 1 to 128 visible ASCII characters, else one that
/// was drawn here.
///
/// It stands on every answer, and in every problem as `requestId`. The host finds it as an extension of the request (its
/// [`Authenticate`](crate::Authenticate) and layers inside) and of the answer (layers outside).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The text of it.
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// The client's word, unless it could make a log line unreadable.
    fn given(request: &Request) -> Option<Self> {
        let mut values = request.headers().get_all(HEADER).iter();
        let (value, None) = (values.next()?, values.next()) else { return None };
        let plain = (1..=128).contains(&value.len()) && value.as_bytes().iter().all(u8::is_ascii_graphic);
        plain.then(|| Self(value.clone()))
    }

    fn drawn(app: &App) -> Option<Self> {
        let id = app.request_ids.id(app.desk.now());
        HeaderValue::try_from(id.to_string()).map(Self).ok()
    }
}

/// Gives the request its name, and the answer the same.
pub(crate) async fn name(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let Some(id) = RequestId::given(&request).or_else(|| RequestId::drawn(&app)) else {
        return next.run(request).await;
    };
    request.extensions_mut().insert(id.clone());
    let mut response = problem::signed(next.run(request).await, id.as_str());
    response.headers_mut().insert(HEADER, id.0.clone());
    response.extensions_mut().insert(id);
    response
}
