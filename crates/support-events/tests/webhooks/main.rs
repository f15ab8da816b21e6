//! Calls of real receivers.

mod answers;
mod forbidden;
mod receiver;

use std::time::Duration;
use support_core::ports::webhooks::WebhookCall;
use support_events::webhooks::{HttpCaller, HttpCallerBuilder};

/// One that reaches 127.0.0.1, and nothing else that is not public.
fn to_this_machine() -> HttpCallerBuilder {
    HttpCaller::builder().allow_http().allow_network("127.0.0.1/32".parse().expect("a network"))
}

fn call(url: impl Into<String>) -> WebhookCall {
    WebhookCall {
        url: url.into(),
        headers: vec![("content-type", "application/json".to_owned()), ("webhook-id", "msg_1".to_owned())],
        body: br#"{"type":"ticket.created"}"#.to_vec(),
        timeout: Duration::from_secs(10),
    }
}
