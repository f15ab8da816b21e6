use super::{Setup, ada, grace, joan, setup_with};
use std::{
    fmt::{Debug, Write as _},
    sync::{Arc, Mutex},
};
use support_core::{
    desk::{messages::NewMessage, workers::Job},
    domain::profile::Profile,
};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_core::span::Current;

/// Everything that spans and events say, one line each.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>, Arc<Mutex<Spans>>);

/// What spans there were, and in which of them the thread is.
#[derive(Default)]
struct Spans {
    all: Vec<&'static Metadata<'static>>,
    inside: Vec<Id>,
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }
}

impl Log {
    fn write(&self, head: &str, record: impl FnOnce(&mut Line)) {
        let mut line = Line(head.to_owned());
        record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("support")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.write(&format!("span {}", span.metadata().name()), |line| span.record(line));
        let mut spans = self.1.lock().unwrap();
        spans.all.push(span.metadata());
        Id::from_u64(spans.all.len() as u64)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        self.write("recorded", |line| values.record(line));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.write("event", |line| event.record(line));
    }

    fn enter(&self, span: &Id) {
        self.1.lock().unwrap().inside.push(span.clone());
    }

    fn exit(&self, _: &Id) {
        self.1.lock().unwrap().inside.pop();
    }

    fn current_span(&self) -> Current {
        let spans = self.1.lock().unwrap();
        match spans.inside.last() {
            Some(id) => Current::new(id.clone(), spans.all[usize::try_from(id.into_u64()).unwrap() - 1]),
            None => Current::none(),
        }
    }
}

async fn live_a_little(setup: &Setup) {
    let ticket = setup.open("Confidential subject").await;
    setup.desk.tickets().claim(&grace(), ticket).await.unwrap();
    setup.desk.messages().add(&grace(), ticket, NewMessage::note("Confidential note")).await.unwrap();
    setup.desk.messages().add(&ada(), ticket, NewMessage::public("Confidential message")).await.unwrap();
    setup.desk.tickets().escalate(&joan(), ticket, None, None, "Confidential reason").await.unwrap();
    setup.desk.tickets().resolve(&joan(), ticket, "Confidential resolution").await.unwrap();
}

#[tokio::test]
async fn the_log_tells_what_happened_and_nothing_of_what_was_said() {
    let setup = setup_with(Profile::after_sales(), |builder| builder);
    let log = Log::default();
    // With one subscriber alone, what another thread came by first counts as never of interest.
    let _other = tracing::Dispatch::new(Log::default());
    let _guard = tracing::subscriber::set_default(log.clone());
    live_a_little(&setup).await;
    let lines = log.lines();
    let all = lines.join("\n");
    for what in ["ticket_opened", "assigned", "status_changed", "note_added", "message_added", "escalated", "resolved"]
    {
        assert!(
            lines.iter().any(|line| line.starts_with("event") && line.contains(&format!("event=\"{what}\""))),
            "{what}: {all}"
        );
    }
    for span in ["tickets.open", "tickets.claim", "messages.add", "tickets.escalate"] {
        assert!(all.contains(&format!("span {span}")), "{span}: {all}");
    }
    assert!(lines.iter().any(|line| line.starts_with("recorded actor=agent ")), "{all}");
    assert!(lines.iter().any(|line| line.starts_with("recorded ticket=")), "{all}");
    assert!(!all.contains("Confidential"), "{all}");
    for name in ["Ada", "Grace", "Joan"] {
        assert!(!all.contains(name), "{name}: {all}");
    }
}

/// Gauges and counters as a recorder of the host keeps them.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<std::collections::BTreeMap<String, f64>>>);

struct One(Kept, String);

impl metrics::GaugeFn for One {
    fn increment(&self, value: f64) {
        *self.0.0.lock().unwrap().entry(self.1.clone()).or_default() += value;
    }

    fn decrement(&self, value: f64) {
        self.increment(-value);
    }

    fn set(&self, value: f64) {
        self.0.0.lock().unwrap().insert(self.1.clone(), value);
    }
}

impl metrics::CounterFn for One {
    fn increment(&self, value: u64) {
        metrics::GaugeFn::increment(self, f64::from(u32::try_from(value).unwrap()));
    }

    fn absolute(&self, _: u64) {}
}

fn name(key: &metrics::Key) -> String {
    let labels: Vec<String> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
    format!("{}{{{}}}", key.name(), labels.join(","))
}

impl metrics::Recorder for Kept {
    fn describe_counter(&self, _: metrics::KeyName, _: Option<metrics::Unit>, _: metrics::SharedString) {}

    fn describe_gauge(&self, _: metrics::KeyName, _: Option<metrics::Unit>, _: metrics::SharedString) {}

    fn describe_histogram(&self, _: metrics::KeyName, _: Option<metrics::Unit>, _: metrics::SharedString) {}

    fn register_counter(&self, key: &metrics::Key, _: &metrics::Metadata<'_>) -> metrics::Counter {
        metrics::Counter::from_arc(Arc::new(One(self.clone(), name(key))))
    }

    fn register_gauge(&self, key: &metrics::Key, _: &metrics::Metadata<'_>) -> metrics::Gauge {
        metrics::Gauge::from_arc(Arc::new(One(self.clone(), name(key))))
    }

    fn register_histogram(&self, _: &metrics::Key, _: &metrics::Metadata<'_>) -> metrics::Histogram {
        metrics::Histogram::noop()
    }
}

#[tokio::test]
async fn operators_see_the_figures_of_the_document() {
    let setup = setup_with(Profile::after_sales(), |builder| builder);
    let kept = Kept::default();
    let _guard = metrics::set_default_local_recorder(&kept);
    live_a_little(&setup).await;
    let other = setup.open("Second").await;
    setup.desk.tickets().claim(&grace(), other).await.unwrap();
    setup.tick(Job::Metrics).await;
    let kept = kept.0.lock().unwrap().clone();
    let is = |name: &str, value: f64| {
        let found = kept.get(name).copied();
        assert!(found.is_some_and(|found| (found - value).abs() < 1e-9), "{name}: {found:?} in {kept:#?}");
    };
    is("support_tickets{status=resolved}", 1.0);
    is("support_tickets{status=open}", 0.0);
    is("support_tickets_by_priority{priority=normal}", 2.0);
    is("support_escalation_ratio{}", 0.5);
    is(&format!("support_agent_open_tickets{{agent={}}}", grace().agent_id().unwrap()), 1.0);
    is("support_events_total{event=ticket_opened}", 2.0);
    is("support_resolution_seconds_average{}", 0.0);
    assert!(!kept.contains_key("support_satisfaction_average{}"), "of nothing there is no average");
}

#[tokio::test]
async fn a_desk_says_whether_its_store_answers() {
    let setup = setup_with(Profile::after_sales(), |builder| builder);
    setup.desk.ping().await.unwrap();
}
