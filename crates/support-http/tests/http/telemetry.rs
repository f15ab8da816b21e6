//! What operators see of requests.

use crate::{
    harness::{ADA, Api, GRACE, Who},
    live::Stream,
};
use axum::{
    body::Body,
    http::{Method, Request},
};
use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::json;
use std::{
    fmt::{Debug, Write as _},
    sync::{Arc, Mutex, MutexGuard},
};
use support_core::domain::profile::Profile;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_core::span::Current;

const MARKER: &str = "Zwiebelkuchen";

/// All spans with what was recorded of them, and all lines with the span in which they were said.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Spans>>);

#[derive(Default)]
struct Spans {
    /// What they are, and what they say; the lines are kept among them.
    said: Vec<(&'static Metadata<'static>, String)>,
    inside: Vec<Id>,
}

struct Said<'a>(&'a mut String);

impl Visit for Said<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}

fn place(id: &Id) -> usize {
    usize::try_from(id.into_u64()).unwrap() - 1
}

impl Log {
    fn spans(&self) -> MutexGuard<'_, Spans> {
        self.0.lock().unwrap()
    }

    fn text(&self) -> String {
        self.spans().said.iter().map(|(_, said)| said.as_str()).collect::<Vec<&str>>().join("\n")
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("support")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut said = span.metadata().name().to_owned();
        span.record(&mut Said(&mut said));
        let mut spans = self.spans();
        spans.said.push((span.metadata(), said));
        Id::from_u64(spans.said.len() as u64)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        values.record(&mut Said(&mut self.spans().said[place(id)].1));
    }

    fn event(&self, event: &Event<'_>) {
        let mut spans = self.spans();
        let around: Vec<&str> = spans.inside.iter().map(|id| spans.said[place(id)].0.name()).collect();
        let mut said = format!("line in {}:", around.join(" "));
        event.record(&mut Said(&mut said));
        spans.said.push((event.metadata(), said));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, id: &Id) {
        self.spans().inside.push(id.clone());
    }

    fn exit(&self, _: &Id) {
        self.spans().inside.pop();
    }

    fn current_span(&self) -> Current {
        let spans = self.spans();
        spans.inside.last().map_or_else(Current::none, |id| Current::new(id.clone(), spans.said[place(id)].0))
    }
}

/// Everything that a client can put its own words into.
async fn ask(api: &Api) -> String {
    let id = api.ticket().await;
    let path = format!("/tickets/{id}");
    let words = json!({ "message": MARKER });
    api.call_with(ADA, Method::POST, &format!("{path}/messages"), words, &[("x-request-id", "req-1")])
        .await
        .expect(201);
    api.get(GRACE, &format!("/tickets?q={MARKER}")).await.expect(200);
    api.get(ADA, &format!("/tickets/{MARKER}")).await.problem(404, "not-found");
    api.get(ADA, &format!("/{MARKER}/{id}")).await.problem(404, "not-found");
    let odd =
        Request::builder().method(MARKER).uri(api.path(&path)).header("authorization", format!("Bearer {MARKER}"));
    api.send(odd.body(Body::empty()).unwrap()).await;
    let unknown = Request::get(api.path(&path)).header("authorization", format!("Bearer {MARKER}"));
    api.send(unknown.body(Body::empty()).unwrap()).await.problem(401, "unauthenticated");
    id
}

#[tokio::test]
async fn requests_are_counted_by_route() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _counted = metrics::set_default_local_recorder(&recorder);
    let api = Api::new(Profile::bookings());
    let id = ask(&api).await;
    let stream = Stream::open(&api, ADA, &format!("/tickets/{id}/live")).await;
    let page = recorder.handle().render();
    for line in [
        r#"support_http_requests_total{method="POST",route="/api/v1/support/tickets/{ticket}/messages",status="201"} 1"#,
        r#"support_http_requests_total{method="GET",route="/api/v1/support/tickets",status="200"} 1"#,
        r#"support_http_requests_total{method="GET",route="/api/v1/support/tickets/{ticket}",status="404"} 1"#,
        r#"support_http_requests_total{method="GET",route="/api/v1/support/tickets/{ticket}",status="401"} 1"#,
        r#"support_http_requests_total{method="other",route="/api/v1/support/tickets/{ticket}",status="405"} 1"#,
        r#"support_http_requests_total{method="GET",route="none",status="404"} 1"#,
        r#"support_http_request_seconds_count{method="POST",route="/api/v1/support/tickets"} 1"#,
        "support_http_streams 1",
    ] {
        assert!(page.contains(line), "{line} in {page}");
    }
    for word in [MARKER, &id, "Customer"] {
        assert!(!page.contains(word), "{word} in {page}");
    }
    drop(stream);
    assert!(recorder.handle().render().contains("support_http_streams 0"));
}

#[tokio::test]
async fn each_request_has_a_span_that_says_nothing_of_its_words() {
    let log = Log::default();
    // With one subscriber alone, whatever place another test comes to first is taken to interest nobody, for ever.
    let _other = tracing::Dispatch::new(Log::default());
    let _logged = tracing::subscriber::set_default(log.clone());
    ask(&Api::new(Profile::bookings())).await;
    let text = log.text();
    for span in [
        r#"request_id="req-1" method="POST" route="/api/v1/support/tickets/{ticket}/messages" role="customer" status=201"#,
        r#"method="GET" route="/api/v1/support/tickets" role="agent" status=200"#,
        r#"method="GET" route="/api/v1/support/tickets/{ticket}" role="unknown" status=401"#,
        r#"method="GET" route="none" status=404"#,
    ] {
        assert!(text.contains(span), "{span} in {text}");
    }
    // What the desk itself says of a change is said inside the span, though the change goes on by itself.
    assert!(text.contains("line in request tickets.open:"), "{text}");
    for word in [MARKER, "Bearer", &Who::Admin.id().to_string(), "Customer 1"] {
        assert!(!text.contains(word), "{word} in {text}");
    }
}
