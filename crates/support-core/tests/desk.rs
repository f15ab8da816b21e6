//! The use cases as a host uses them: what is kept, what is told, what happens when others are faster.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use async_trait::async_trait;
use chrono::TimeDelta;
use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};
use support_core::{
    desk::{Desk, Error, messages::NewMessage, tickets::NewTicket},
    domain::{
        actor::Actor,
        event::{Cause, Event, Fact},
        fault::Refusal,
        id::TicketId,
        message::Message,
        profile::{HookName, Profile},
        ticket::{Closing, CustomerClosing, Edit, Ticket, TicketFilter, TicketQuery, TicketSummary},
    },
    memory::MemoryStore,
    ports::{
        ChangeSet, Guard, Slice, Store, StoreError,
        clock::FixedClock,
        directory::MemoryDirectory,
        events::{EventQuery, EventStore},
        ids::CountingIds,
        messages::{MessageQuery, MessageStore},
        notifier::Recorder,
        numbers::NumberStore,
        tickets::TicketStore,
    },
};
use uuid::Uuid;

fn ada() -> Actor {
    Actor::customer(Uuid::from_u128(0xada), "Ada")
}

fn grace() -> Actor {
    Actor::agent(Uuid::from_u128(0x9ace), "Grace")
}

struct Setup {
    desk: Desk,
    clock: Arc<FixedClock>,
    heard: Arc<Recorder>,
}

fn setup(store: impl Store, profile: Profile) -> Setup {
    let clock = Arc::new(FixedClock::at("2026-01-05T09:00:00Z".parse().unwrap()));
    let heard = Arc::new(Recorder::default());
    let desk = Desk::builder(store)
        .profile(profile)
        .clock(clock.clone())
        .ids(CountingIds::default())
        .notifier(heard.clone())
        .build()
        .unwrap();
    Setup { desk, clock, heard }
}

fn names(events: &[Event]) -> Vec<&'static str> {
    events.iter().map(|event| event.fact.name()).collect()
}

async fn trail(desk: &Desk, ticket: TicketId) -> Vec<Event> {
    desk.events().list(&Actor::system("test"), ticket, None, 100).await.unwrap().items
}

/// S1, workflow example 1, from first message to rating.
#[tokio::test]
async fn a_ticket_from_first_message_to_rating() {
    let Setup { desk, clock, heard } = setup(MemoryStore::new(), Profile::bookings());
    let opened =
        desk.tickets().open(&ada(), NewTicket::new("Cannot pay", "Card refused").category("payment")).await.unwrap();
    let id = opened.ticket.id;
    assert_eq!((opened.ticket.status.as_str(), opened.ticket.priority.as_str()), ("open", "high"));
    assert_eq!(opened.ticket.number, "TKT-1767603600-000001");
    clock.advance(TimeDelta::minutes(5));
    assert_eq!(desk.tickets().claim(&grace(), id).await.unwrap().status.as_str(), "assigned");
    clock.advance(TimeDelta::minutes(5));
    let reply = desk.messages().add(&grace(), id, NewMessage::public("Which card?")).await.unwrap();
    assert_eq!(reply.ticket.status.as_str(), "in_progress");
    assert_eq!(reply.ticket.first_response_at, Some(desk.now()));
    desk.tickets().set_status(&grace(), id, "waiting_customer", Some("Asked for the card")).await.unwrap();
    clock.advance(TimeDelta::hours(10));
    let answer = desk.messages().add(&ada(), id, NewMessage::public("The blue one")).await.unwrap();
    assert_eq!(answer.ticket.status.as_str(), "in_progress");
    clock.advance(TimeDelta::minutes(10));
    desk.tickets().resolve(&grace(), id, "The bank was down").await.unwrap();
    let closed = desk.tickets().close(&grace(), id, Closing::default()).await.unwrap();
    assert_eq!(closed.resolution.as_ref().map(|resolution| resolution.summary.as_str()), Some("The bank was down"));
    let rated = desk.tickets().rate(&ada(), id, 5, Some("Quick")).await.unwrap();
    assert_eq!(rated.satisfaction.and_then(|satisfaction| satisfaction.rating), Some(5));

    let report = desk.tickets().sla(&closed);
    assert!(!report.is_breached(), "ten hours of waiting do not count: {report:?}");
    let events = trail(&desk, id).await;
    let expected = [
        "ticket_opened",
        "assigned",
        "status_changed",
        "message_added",
        "status_changed",
        "status_changed",
        "message_added",
        "status_changed",
        "status_changed",
        "resolved",
        "status_changed",
        "closed",
        "rated",
    ];
    assert_eq!(names(&events), expected);
    assert_eq!(events, heard.take(), "what is told is what is kept");
    assert_eq!(events[2].cause, Cause::Hook(HookName::OnAssign));
    let Fact::StatusChanged { from, to, notes } = &events[5].fact else { panic!() };
    assert_eq!(
        (from.as_str(), to.as_str(), notes.as_deref()),
        ("in_progress", "waiting_customer", Some("Asked for the card"))
    );
    assert_eq!(events[5].actor, grace().signature());
}

/// S1, workflow examples 2 and 3.
#[tokio::test]
async fn escalation_and_reopening_keep_their_history() {
    let Setup { desk, .. } = setup(MemoryStore::new(), Profile::bookings());
    let id = desk.tickets().open(&ada(), NewTicket::new("Hard", "Very")).await.unwrap().ticket.id;
    desk.tickets().claim(&grace(), id).await.unwrap();
    let senior = Uuid::from_u128(0x5e).into();
    let up =
        desk.tickets().escalate(&grace(), id, Some(senior), Some("technical"), "Needs a specialist").await.unwrap();
    assert_eq!((up.escalation_level, up.status.as_str(), up.team.as_deref()), (1, "escalated", Some("technical")));
    assert_eq!(up.assignee.as_ref().map(|agent| agent.id), Some(senior));
    let hedy = Actor::agent(senior.uuid(), "Hedy");
    desk.tickets().close(&hedy, id, Closing { summary: Some("Fixed".into()), ..Closing::default() }).await.unwrap();
    let again = desk.tickets().reopen(&ada(), id, Some("Still there")).await.unwrap();
    assert_eq!(again.status.as_str(), "reopened");
    assert_eq!(again.assignee.map(|agent| agent.id), Some(senior), "back to who had it");
    assert_eq!((again.resolved_at, again.closed_at), (None, None));
    let events = trail(&desk, id).await;
    let history: Vec<_> = events
        .iter()
        .filter_map(|event| match &event.fact {
            Fact::Escalated { from_level, to_level, reason, .. } => Some((*from_level, *to_level, reason.as_str())),
            _ => None,
        })
        .collect();
    assert_eq!(history, [(0, 1, "Needs a specialist")]);
    assert!(names(&events).ends_with(&["status_changed", "reopened"]));
}

#[tokio::test]
async fn levels_end_at_the_highest() {
    let Setup { desk, .. } = setup(MemoryStore::new(), Profile::bookings());
    let id = desk.tickets().open(&ada(), NewTicket::new("Hard", "Very")).await.unwrap().ticket.id;
    for level in 1..=5 {
        let ticket = desk.tickets().escalate(&grace(), id, None, None, "Up").await.unwrap();
        assert_eq!(ticket.escalation_level, level);
    }
    let over = desk.tickets().escalate(&grace(), id, None, None, "Up").await;
    assert!(matches!(over, Err(Error::Refused(Refusal::State(_)))), "{over:?}");
}

/// S0: satisfaction as yes or no, given with the closing, once.
#[tokio::test]
async fn a_customer_closes_with_an_opinion_once() {
    let Setup { desk, .. } = setup(MemoryStore::new(), Profile::vehicle_retail());
    let id =
        desk.tickets().open(&ada(), NewTicket::new("Papers", "Where?").category("documents")).await.unwrap().ticket.id;
    let closing = CustomerClosing { satisfied: Some(true), feedback: Some("Kind".into()) };
    let closed = desk.tickets().close_as_customer(&ada(), id, closing.clone()).await.unwrap();
    assert_eq!(closed.satisfaction.unwrap().satisfied, Some(true));
    let rated = desk.tickets().rate(&ada(), id, 3, None).await;
    assert!(matches!(rated, Err(Error::Refused(Refusal::State(_)))), "once: {rated:?}");

    let reopened = desk.tickets().reopen(&ada(), id, None).await.unwrap();
    assert_eq!(reopened.satisfaction, None, "what was said of an ending that is no more is in the trail");
    desk.tickets().resolve(&Actor::system("test"), id, "Found").await.unwrap();
    desk.tickets().rate(&ada(), id, 2, None).await.unwrap();
    let again = desk.tickets().close_as_customer(&ada(), id, closing).await.unwrap();
    assert_eq!(again.status.as_str(), "closed", "a second opinion is no reason to stay open");
    assert_eq!(again.satisfaction.unwrap().rating, Some(2));
}

#[tokio::test]
async fn all_faults_come_at_once_and_nothing_is_kept() {
    let store = MemoryStore::new();
    let Setup { desk, heard, .. } = setup(store.clone(), Profile::bookings());
    let mut new = NewTicket::new(" ", "x".repeat(20_001)).category("nonsense").priority("asap").tag("");
    new.opening.metadata = serde_json::from_value(serde_json::json!({ "big": "x".repeat(20_000) })).unwrap();
    new.customer = Some(Uuid::from_u128(5).into());
    let Err(Error::Refused(Refusal::Invalid(faults))) = desk.tickets().open(&ada(), new).await else { panic!() };
    let fields: Vec<_> = faults.0.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(fields, ["customerId", "subject", "description", "category", "priority", "tags.0", "metadata"]);
    assert_eq!(faults.0[4].allowed, ["low", "medium", "high", "urgent"]);
    assert!(heard.take().is_empty());
    let all = desk.tickets().count(&Actor::system("test"), TicketFilter::default(), 9).await.unwrap();
    assert_eq!(all, 0);
}

#[tokio::test]
async fn the_hosts_directory_decides_what_exists() {
    let ada_id = Uuid::from_u128(0xada).into();
    let directory = MemoryDirectory::new()
        .with_customer(ada_id, "Ada Lovelace", Some("vip"))
        .with_agent(Uuid::from_u128(0x9ace).into(), "Grace Hopper")
        .with_related(ada_id, "order", "A-1", Some("Two tyres"));
    let desk = Desk::builder(MemoryStore::new()).profile(Profile::marketplace()).directory(directory).build().unwrap();
    let new = NewTicket::new("Tyres", "Flat").related("order", "A-1").related("chat", "c-7");
    let ticket = desk.tickets().open(&ada(), new).await.unwrap().ticket;
    assert_eq!((ticket.customer_name.as_str(), ticket.priority.as_str()), ("Ada Lovelace", "high"), "tier vip");
    assert_eq!(ticket.related[0].label.as_deref(), Some("Two tyres"));

    let foreign = desk.tickets().open(&ada(), NewTicket::new("Tyres", "Flat").related("order", "A-2")).await;
    let Err(Error::Refused(Refusal::Invalid(faults))) = foreign else { panic!("{foreign:?}") };
    assert_eq!(faults.0[0].field, "related.0.id");
    let admin = Actor::admin(Uuid::from_u128(21), "Joan");
    let nobody = desk.tickets().assign(&admin, ticket.id, Uuid::from_u128(404).into()).await;
    assert!(matches!(nobody, Err(Error::Refused(Refusal::Invalid(_)))), "{nobody:?}");
    let given = desk.tickets().assign(&admin, ticket.id, Uuid::from_u128(0x9ace).into()).await.unwrap();
    assert_eq!(given.assignee.unwrap().name, "Grace Hopper");
    let unknown = desk.tickets().open(&admin, NewTicket::new("a", "b").customer(Uuid::from_u128(404).into())).await;
    assert!(matches!(unknown, Err(Error::Refused(Refusal::Invalid(_)))), "{unknown:?}");
}

#[tokio::test]
async fn what_changes_nothing_writes_nothing() {
    let Setup { desk, heard, .. } = setup(MemoryStore::new(), Profile::bookings());
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    let claimed = desk.tickets().claim(&grace(), id).await.unwrap();
    heard.take();
    assert_eq!(desk.tickets().claim(&grace(), id).await.unwrap(), claimed);
    assert_eq!(desk.tickets().set_status(&grace(), id, "assigned", None).await.unwrap(), claimed);
    assert_eq!(desk.tickets().edit(&grace(), id, Edit::default()).await.unwrap(), claimed);
    assert!(heard.take().is_empty());
}

#[tokio::test]
async fn an_edit_is_one_change_with_an_entry_for_each_difference() {
    let Setup { desk, heard, .. } = setup(MemoryStore::new(), Profile::bookings());
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    heard.take();
    let edit = Edit {
        subject: Some("New".into()),
        tags: Some(vec!["One".into(), "one".into()]),
        priority: Some("urgent".into()),
        status: Some("in_progress".into()),
        ..Edit::default()
    };
    let ticket = desk.tickets().edit(&grace(), id, edit.clone()).await.unwrap();
    assert_eq!((ticket.version, ticket.tags.len(), ticket.status.as_str()), (2, 1, "in_progress"));
    assert_eq!(ticket.sla.policy().map(|policy| policy.name.as_str()), Some("urgent"));
    assert_eq!(names(&heard.take()), ["subject_changed", "tags_changed", "priority_changed", "status_changed"]);
    let wrong = Edit { status: Some("open".into()), subject: Some("Lost".into()), ..Edit::default() };
    let refused = desk.tickets().edit(&grace(), id, wrong).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::Transition { .. }))), "{refused:?}");
    assert_eq!(desk.tickets().get(&grace(), id).await.unwrap().ticket, ticket);
}

/// Lets somebody else change each ticket just before it is committed, a chosen number of times.
#[derive(Clone)]
struct Contended {
    inner: MemoryStore,
    conflicts: Arc<AtomicU32>,
}

#[async_trait]
impl Store for Contended {
    async fn commit(&self, changes: ChangeSet) -> Result<(), StoreError> {
        let left = self.conflicts.load(Ordering::SeqCst);
        if left > 0 {
            self.conflicts.store(left - 1, Ordering::SeqCst);
            return Err(StoreError::Conflict);
        }
        self.inner.commit(changes).await
    }
}

#[async_trait]
impl TicketStore for Contended {
    async fn ticket(&self, id: TicketId) -> Result<Option<Ticket>, StoreError> {
        self.inner.ticket(id).await
    }
    async fn ticket_by_number(&self, number: &str) -> Result<Option<Ticket>, StoreError> {
        self.inner.ticket_by_number(number).await
    }
    async fn tickets(&self, query: &TicketQuery) -> Result<Slice<TicketSummary>, StoreError> {
        self.inner.tickets(query).await
    }
    async fn ticket_count(&self, query: &TicketQuery, most: u32) -> Result<u32, StoreError> {
        self.inner.ticket_count(query, most).await
    }
}

#[async_trait]
impl MessageStore for Contended {
    async fn messages(&self, query: &MessageQuery) -> Result<Slice<Message>, StoreError> {
        self.inner.messages(query).await
    }
}

#[async_trait]
impl EventStore for Contended {
    async fn events(&self, query: &EventQuery) -> Result<Slice<Event>, StoreError> {
        self.inner.events(query).await
    }
}

#[async_trait]
impl NumberStore for Contended {
    async fn reserve_numbers(&self, series: &str, count: u32) -> Result<u64, StoreError> {
        self.inner.reserve_numbers(series, count).await
    }
}

#[tokio::test]
async fn a_stale_decision_is_taken_again_three_times() {
    let conflicts = Arc::new(AtomicU32::new(0));
    let store = Contended { inner: MemoryStore::new(), conflicts: conflicts.clone() };
    let Setup { desk, heard, .. } = setup(store, Profile::bookings());
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    heard.take();
    conflicts.store(3, Ordering::SeqCst);
    assert_eq!(desk.tickets().claim(&grace(), id).await.unwrap().version, 2);
    assert_eq!(names(&heard.take()), ["assigned", "status_changed"], "told once, after the commit that held");
    conflicts.store(4, Ordering::SeqCst);
    let refused = desk.tickets().unassign(&grace(), id).await;
    assert!(matches!(refused, Err(Error::Conflict)), "{refused:?}");
    assert!(heard.take().is_empty());
}

#[tokio::test]
async fn many_claim_and_one_has_it() {
    let desk = Desk::builder(MemoryStore::new()).profile(Profile::bookings()).build().unwrap();
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    let claims = (0..16_u128).map(|n| {
        let desk = desk.clone();
        tokio::spawn(async move {
            let agent = Actor::agent(Uuid::from_u128(100 + n), format!("Agent {n}"));
            desk.tickets().claim(&agent, id).await
        })
    });
    let mut winners = 0;
    for claim in claims.collect::<Vec<_>>() {
        match claim.await.unwrap() {
            Ok(_) => winners += 1,
            // Who comes later no longer sees the ticket of somebody else.
            Err(Error::NotFound | Error::Conflict | Error::Refused(Refusal::State(_))) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(winners, 1);
}

/// The host commits the plan itself.
#[tokio::test]
async fn a_plan_writes_nothing_until_it_is_committed() {
    let store = MemoryStore::new();
    let Setup { desk, heard, .. } = setup(store.clone(), Profile::bookings());
    let planned = desk.tickets().plan_open(&ada(), NewTicket::new("a", "b")).await.unwrap();
    let id = planned.outcome.ticket.id;
    assert_eq!(store.ticket(id).await.unwrap(), None);
    store.commit(planned.changes.clone()).await.unwrap();
    assert!(heard.take().is_empty());
    desk.committed(&planned);
    assert_eq!(names(&heard.take()), ["ticket_opened"]);
    assert_eq!(store.ticket(id).await.unwrap(), Some(planned.outcome.ticket));
}

/// A long conversation changes the ticket's row only when a clock or the status hears it.
#[tokio::test]
async fn a_reply_that_moves_nothing_guards_what_it_read() {
    let Setup { desk, clock, .. } = setup(MemoryStore::new(), Profile::bookings());
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    let first = desk.messages().add(&grace(), id, NewMessage::public("One")).await.unwrap();
    clock.advance(TimeDelta::minutes(1));
    let plan = desk.messages().plan_add(&grace(), id, NewMessage::public("Two")).await.unwrap();
    assert_eq!(plan.changes.writes.len(), 1);
    let version = first.ticket.version;
    assert_eq!(plan.changes.guards, [Guard::TicketVersion { ticket: id, version }]);
    assert_eq!((plan.outcome.ticket.version, plan.outcome.ticket.updated_at), (version, desk.now()));
    let note = desk.messages().plan_add(&grace(), id, NewMessage::note("Three")).await.unwrap();
    assert!(note.changes.guards.is_empty(), "a note looks at nothing");
}

/// A question that was decided before an answer, and committed after it, is decided again: otherwise nobody would wait
/// for anybody.
#[tokio::test]
async fn a_question_that_crosses_an_answer_is_heard() {
    let store = MemoryStore::new();
    let Setup { desk, .. } = setup(store.clone(), Profile::vehicle_retail());
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    let question = desk.messages().plan_add(&ada(), id, NewMessage::public("And now?")).await.unwrap();
    desk.messages().add(&grace(), id, NewMessage::public("It comes")).await.unwrap();
    assert!(matches!(store.commit(question.changes).await, Err(StoreError::Conflict)));
    let again = desk.messages().add(&ada(), id, NewMessage::public("And now?")).await.unwrap();
    assert_eq!(again.ticket.status.as_str(), "in_progress");
}

/// Whoever decides on a machine whose clock is behind does not turn the ticket's clocks back.
#[tokio::test]
async fn a_clock_that_is_behind_erases_no_deadline() {
    let Setup { desk, clock, .. } = setup(MemoryStore::new(), Profile::bookings());
    let opened = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket;
    clock.advance(TimeDelta::milliseconds(-5));
    let claimed = desk.tickets().claim(&grace(), opened.id).await.unwrap();
    assert_eq!(claimed.pace, opened.pace);
    assert_eq!(claimed.updated_at, opened.updated_at);
}

/// What a link is looked up as is what is kept.
#[tokio::test]
async fn a_link_cannot_hide_behind_a_space() {
    let other = Uuid::from_u128(9).into();
    let directory = MemoryDirectory::new().with_related(other, "order", "B-7", None);
    let desk = Desk::builder(MemoryStore::new()).profile(Profile::bookings()).directory(directory).build().unwrap();
    for (kind, number) in [("order", "B-7"), ("order ", "B-7"), (" order", " B-7")] {
        let refused = desk.tickets().open(&ada(), NewTicket::new("a", "b").related(kind, number)).await;
        assert!(matches!(refused, Err(Error::Refused(Refusal::Invalid(_)))), "{kind:?}: {refused:?}");
    }
}

/// By whatever name the step goes, it is told as what it is.
#[tokio::test]
async fn endings_and_beginnings_are_told_whoever_makes_them() {
    let Setup { desk, heard, .. } = setup(MemoryStore::new(), Profile::bookings());
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    heard.take();
    for (status, fact) in [("resolved", "resolved"), ("closed", "closed"), ("reopened", "reopened")] {
        let ticket = desk.tickets().set_status(&grace(), id, status, None).await.unwrap();
        assert_eq!(names(&heard.take()), ["status_changed", fact]);
        assert_eq!(ticket.resolution, None);
    }
}

/// What is said at closing adds to what was said at resolving.
#[tokio::test]
async fn closing_keeps_what_resolving_said() {
    let Setup { desk, .. } = setup(MemoryStore::new(), Profile::bookings());
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    desk.tickets().resolve(&grace(), id, "Refunded").await.unwrap();
    let closing = Closing { notes: Some("Goodwill".into()), ..Closing::default() };
    let closed = desk.tickets().close(&grace(), id, closing).await.unwrap().resolution.unwrap();
    assert_eq!((closed.summary.as_str(), closed.notes.as_deref()), ("Refunded", Some("Goodwill")));
    let seen = desk.tickets().get(&ada(), id).await.unwrap().ticket.resolution.unwrap();
    assert_eq!((seen.summary.as_str(), seen.notes), ("Refunded", None), "notes are staff's");
    let again = desk.tickets().reopen(&ada(), id, None).await.unwrap();
    assert_eq!(again.resolution, None);
}

/// Of what is told, a customer may hear a part.
#[tokio::test]
async fn no_fact_tells_a_customer_what_staff_wrote() {
    let Setup { desk, .. } = setup(MemoryStore::new(), Profile::bookings());
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    let (agent, secret) = (grace(), "hush");
    desk.messages().add(&agent, id, NewMessage::note(secret)).await.unwrap();
    desk.tickets().set_status(&agent, id, "in_progress", Some(secret)).await.unwrap();
    desk.tickets().escalate(&agent, id, None, Some(secret), secret).await.unwrap();
    let metadata = serde_json::json!({ "k": secret }).as_object().cloned();
    desk.tickets().edit(&agent, id, Edit { metadata, ..Edit::default() }).await.unwrap();
    let closing = Closing { notes: Some(secret.into()), summary: Some("Done".into()), ..Closing::default() };
    desk.tickets().close(&agent, id, closing).await.unwrap();
    let events = trail(&desk, id).await;
    assert!(
        serde_json::to_string(&events.iter().map(|event| &event.fact).collect::<Vec<_>>()).unwrap().contains(secret)
    );
    let heard: Vec<Fact> = events.iter().filter_map(|event| event.fact.for_customer()).collect();
    assert!(heard.len() >= 4 && !serde_json::to_string(&heard).unwrap().contains(secret), "{heard:?}");
}

/// An edit that repeats what is so changes only the rest.
#[tokio::test]
async fn an_edit_may_name_what_is_so_already() {
    let Setup { desk, .. } = setup(MemoryStore::new(), Profile::marketplace());
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    let me =
        Some(Some(support_core::domain::actor::AgentRef { id: Uuid::from_u128(0x9ace).into(), name: String::new() }));
    let edit = Edit { status: Some("open".into()), assignee: me.clone(), ..Edit::default() };
    let held = desk.tickets().edit(&grace(), id, edit).await.unwrap();
    assert_eq!((held.status.as_str(), held.assignee.is_some()), ("open", true), "whoever names a status means it");
    desk.tickets().close(&grace(), id, Closing::default()).await.unwrap();
    let same = Edit { assignee: me, subject: Some("New".into()), ..Edit::default() };
    assert_eq!(desk.tickets().edit(&grace(), id, same).await.unwrap().subject, "New");
    let back = Edit { assignee: Some(None), ..Edit::default() };
    assert!(desk.tickets().edit(&grace(), id, back.clone()).await.is_err(), "a closed ticket is nobody's work");
    let reopened = Edit { status: Some("in_progress".into()), ..back };
    assert_eq!(desk.tickets().edit(&grace(), id, reopened).await.unwrap().assignee, None);
}

/// A customer reads `updated_at`, and sorts by it.
#[tokio::test]
async fn what_only_staff_may_know_does_not_move_the_public_time() {
    let Setup { desk, clock, .. } = setup(MemoryStore::new(), Profile::bookings());
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    desk.tickets().set_status(&grace(), id, "escalated", None).await.unwrap();
    let before = desk.tickets().get(&ada(), id).await.unwrap().ticket;
    clock.advance(TimeDelta::minutes(5));
    desk.messages().add(&grace(), id, NewMessage::note("Secret")).await.unwrap();
    desk.tickets().escalate(&grace(), id, None, None, "Secret").await.unwrap();
    let metadata = serde_json::json!({ "secret": true }).as_object().cloned();
    desk.tickets().edit(&grace(), id, Edit { metadata, ..Edit::default() }).await.unwrap();
    let after = desk.tickets().get(&ada(), id).await.unwrap().ticket;
    assert_eq!((after.updated_at, after.escalation_level), (before.updated_at, 0), "nor show itself");
    let staff = desk.tickets().get(&grace(), id).await.unwrap().ticket;
    assert_eq!((staff.escalation_level, staff.metadata.len()), (1, 1));
    let told = trail(&desk, id).await;
    assert_eq!(told.last().unwrap().at, desk.now(), "the trail knows when");
}

/// S2, "System Update": seen by both, an answer to nobody.
#[tokio::test]
async fn a_system_update_stops_no_clock() {
    use support_core::desk::messages::MessageKind;
    let Setup { desk, .. } = setup(MemoryStore::new(), Profile::import_desk());
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    let update = NewMessage { kind: MessageKind::Update, ..NewMessage::public("Ship has left Yokohama") };
    let posted = desk.messages().add(&grace(), id, update.clone()).await.unwrap();
    assert_eq!((posted.ticket.first_response_at, posted.ticket.status.as_str()), (None, "Open"));
    assert_eq!(desk.messages().list(&ada(), id, None, 9).await.unwrap().items.len(), 2);
    assert!(matches!(desk.messages().add(&ada(), id, update).await, Err(Error::Forbidden(_))));
}

#[test]
fn an_invalid_profile_does_not_start() {
    let mut profile = Profile::bookings();
    profile.priorities.default = "none".into();
    let error = Desk::builder(MemoryStore::new()).profile(profile).build().unwrap_err();
    assert!(error.to_string().contains("priorities.default"), "{error}");
}
