use super::{Ear, Setup, ada, grace, joan, setup_with};
use chrono::TimeDelta;
use std::{collections::BTreeMap, sync::Arc};
use support_core::{
    desk::{messages::NewMessage, tickets::NewTicket, workers::Job},
    domain::{
        announcement::{Announcement, AnnouncementKind},
        inquiry::NewInquiry,
        profile::Profile,
    },
    ports::sinks::SinkError,
};
use uuid::Uuid;

fn setup(ears: &[&Arc<Ear>]) -> Setup {
    setup_with(Profile::after_sales(), |builder| ears.iter().fold(builder, |builder, ear| builder.sink((*ear).clone())))
}

async fn note(setup: &Setup, ticket: support_core::domain::id::TicketId, text: &str) {
    setup.desk.messages().add(&joan(), ticket, NewMessage::note(text)).await.unwrap();
}

async fn reply(setup: &Setup, ticket: support_core::domain::id::TicketId, text: &str) {
    setup.desk.messages().add(&ada(), ticket, NewMessage::public(text)).await.unwrap();
}

fn ids(told: &[Announcement]) -> Vec<Uuid> {
    told.iter().map(|told| told.id).collect()
}

/// Each once, in order, and nothing of what was before.
#[tokio::test]
async fn a_sink_is_told_what_happens_from_now_on() {
    let ear = Ear::new("one");
    let setup = setup(&[&ear]);
    setup.open("Before").await;
    assert_eq!(setup.tick(Job::Relay).await.done, 0, "the first look finds out where now is");
    let ticket = setup.open("No parcel").await;
    setup.desk.tickets().claim(&grace(), ticket).await.unwrap();
    setup.desk.tickets().resolve(&grace(), ticket, "Sent again").await.unwrap();
    assert!(setup.tick(Job::Relay).await.done >= 3);
    let names = ear.names();
    assert_eq!(names[..2], ["ticket.created", "ticket.assigned"]);
    assert!(names.contains(&"ticket.resolved") && names.contains(&"ticket.status.changed"), "{names:?}");
    let told = ear.take_told();
    assert!(told.iter().all(|told| told.ticket == Some(ticket)));
    let created = told[0].envelope();
    assert_eq!((created["specversion"].as_str(), created["type"].as_str()), (Some("1.0"), Some("ticket.created")));
    assert_eq!(
        (created["event"].as_str(), created["data"]["subject"].as_str()),
        (Some("ticket.created"), Some("No parcel"))
    );
    assert_eq!(created["data"]["user_id"], serde_json::json!(super::customer(super::ADA)));
    assert_eq!(setup.tick(Job::Relay).await.done, 0);
    assert!(ear.take_told().is_empty());
}

/// What only staff may know is told to those alone who listen for staff.
#[tokio::test]
async fn notes_go_to_staff_alone() {
    let (outside, staff) = (Ear::new("outside"), Arc::new(Ear { name: "staff", staff: true, ..Ear::default() }));
    let setup = setup(&[&outside, &staff]);
    setup.tick(Job::Relay).await;
    let ticket = setup.open("Refund").await;
    note(&setup, ticket, "She is a fraud").await;
    setup.tick(Job::Relay).await;
    assert_eq!(outside.names(), ["ticket.created"]);
    assert_eq!(staff.names(), ["ticket.created", "ticket.note.added"]);
    let note = &staff.take_told()[1];
    assert_eq!(note.data["message"], "She is a fraud");
    assert!(!format!("{:?}", outside.take_told()).contains("fraud"));
}

/// What happens beside tickets is told, too, under the names of the profile's document.
#[tokio::test]
async fn things_are_told_as_the_document_names_them() {
    let ear = Ear::new("one");
    let setup = setup_with(Profile::vehicle_retail(), |builder| builder.sink(ear.clone()));
    setup.tick(Job::Relay).await;
    let inquiry = NewInquiry { message: "Do you have it in red?".into(), ..NewInquiry::default() };
    setup.desk.inquiries().log(&ada(), inquiry).await.unwrap();
    setup.open("Late").await;
    setup.tick(Job::Relay).await;
    let told = ear.take_told();
    let names: Vec<_> = told.iter().map(|told| told.name).collect();
    assert_eq!(names, ["SupportTicketCreated", "CustomerInquiryReceived"]);
    assert_eq!(told[0].data["issue"], "Late");
    assert_eq!(
        (told[1].data["message"].as_str(), told[1].data["channel"].as_str()),
        (Some("Do you have it in red?"), Some("web"))
    );
    assert!(told[1].data.contains_key("inquiryId") && told[1].envelope().get("event").is_none());
}

/// A broker that is away for an hour: nobody notices, and then everything is told once and in order.
#[tokio::test]
async fn what_a_sink_missed_is_told_when_it_is_back() {
    let (away, there) = (Ear::new("away"), Ear::new("there"));
    let setup = setup(&[&away, &there]);
    setup.tick(Job::Relay).await;
    away.is_down(true);
    let mut tickets = Vec::new();
    for minute in 0..60 {
        if minute % 10 == 0 {
            tickets.push(setup.open(&format!("At {minute}")).await);
        }
        reply(&setup, tickets[minute % tickets.len()], &format!("Minute {minute}")).await;
        setup.tick(Job::Relay).await;
        setup.advance(TimeDelta::minutes(1));
    }
    assert!(away.names().is_empty());
    assert_eq!(there.names().len(), 66, "somebody else waits for nobody");
    let sinks = setup.desk.deliveries().sinks(&joan()).await.unwrap();
    let state = sinks.iter().find(|state| state.name == "sink/away").unwrap();
    assert!(state.failures > 5 && state.error.as_deref() == Some("down"), "{state:?}");
    assert!(state.failures < 30, "it is asked less and less often: {}", state.failures);

    away.is_down(false);
    setup.advance(TimeDelta::minutes(6));
    setup.tick(Job::Relay).await;
    let (missed, heard) = (away.take_told(), there.take_told());
    assert_eq!(missed.len(), 66);
    let trails = |told: &[Announcement]| {
        let mut trails: BTreeMap<_, Vec<Uuid>> = BTreeMap::new();
        for told in told {
            trails.entry(told.ticket).or_default().push(told.id);
        }
        trails
    };
    assert_eq!(trails(&missed), trails(&heard), "of each ticket in order, and each once");
}

/// Of a batch that was taken in part, nothing that was taken is told again, and order is kept.
#[tokio::test]
async fn what_was_taken_of_a_batch_is_not_told_again() {
    let ear = Ear::new("one");
    let setup = setup(&[&ear]);
    setup.tick(Job::Relay).await;
    let (one, two, three) = (setup.open("1").await, setup.open("2").await, setup.open("3").await);
    reply(&setup, two, "more").await;
    let down = || Err(SinkError::Unavailable("gone".into()));
    ear.answers.lock().unwrap().push_back(vec![Ok(()), down(), Ok(())]);
    setup.tick(Job::Relay).await;
    let first: Vec<_> = ear.take_told().iter().map(|told| told.ticket.unwrap()).collect();
    assert_eq!(first, [one, three]);
    setup.advance(TimeDelta::minutes(10));
    setup.tick(Job::Relay).await;
    let then = ear.take_told();
    assert_eq!(
        then.iter().map(|told| (told.ticket.unwrap(), told.kind)).collect::<Vec<_>>(),
        [(two, AnnouncementKind::TicketCreated), (two, AnnouncementKind::MessageReceived)]
    );
}

/// What it does not take keeps what is about the same ticket waiting, and nothing else; in the end an admin has it.
#[tokio::test]
async fn what_is_refused_waits_and_dies() {
    let ear = Ear::new("one");
    let setup = setup(&[&ear]);
    setup.tick(Job::Relay).await;
    let (bad, good) = (setup.open("Bad").await, setup.open("Good").await);
    *ear.refuses.lock().unwrap() = Some(bad.uuid());
    reply(&setup, bad, "behind").await;
    reply(&setup, good, "free").await;
    setup.tick(Job::Relay).await;
    assert_eq!(ear.take_told().iter().map(|told| told.ticket.unwrap()).collect::<Vec<_>>(), [good, good]);
    let page = support_core::desk::documents::Paging::default();
    let list = setup.desk.deliveries().list(&joan(), None, None, page).await.unwrap();
    let states: Vec<_> = list.items.iter().map(|delivery| delivery.state.as_str()).collect();
    assert_eq!(states.len(), 2);
    assert!(states.contains(&"waiting") && states.contains(&"behind"), "{states:?}");

    // Another one of that ticket comes to stand behind them, and is not told before.
    reply(&setup, bad, "further behind").await;
    setup.tick(Job::Relay).await;
    assert!(ear.take_told().is_empty());

    *ear.refuses.lock().unwrap() = None;
    setup.advance(TimeDelta::seconds(6));
    setup.tick(Job::Relay).await;
    let told = ear.take_told();
    let kinds: Vec<_> = told.iter().map(|told| told.kind).collect();
    assert_eq!(
        kinds,
        [AnnouncementKind::TicketCreated, AnnouncementKind::MessageReceived, AnnouncementKind::MessageReceived]
    );
    assert_eq!(told[1].data["message"], "behind");
    let mut distinct = ids(&told);
    distinct.dedup();
    assert_eq!(distinct.len(), 3);

    *ear.refuses.lock().unwrap() = Some(bad.uuid());
    reply(&setup, bad, "never").await;
    for _ in 0..5 {
        setup.tick(Job::Relay).await;
        setup.advance(TimeDelta::hours(1));
    }
    let dead = setup.desk.deliveries().list(&joan(), Some("sink/one"), Some("dead"), page).await.unwrap();
    assert_eq!((dead.total, dead.items[0].attempts.len()), (1, 4));
    assert_eq!(dead.items[0].attempts[3].error.as_deref(), Some("not this one"));
}

/// Two nodes tell each thing once between them, and one that comes late writes nothing.
#[tokio::test]
async fn two_nodes_tell_each_thing_once() {
    let ear = Ear::new("one");
    let setup = setup(&[&ear]);
    let (one, other) = (setup.desk.workers(), setup.desk.workers());
    one.tick(Job::Relay).await.unwrap();
    for n in 0..40 {
        setup.open(&format!("{n}")).await;
        let (a, b) = tokio::join!(Box::pin(one.tick(Job::Relay)), Box::pin(other.tick(Job::Relay)));
        a.unwrap();
        b.unwrap();
        if n % 7 == 0 {
            setup.advance(TimeDelta::minutes(1));
        }
    }
    one.tick(Job::Relay).await.unwrap();
    other.tick(Job::Relay).await.unwrap();
    let mut told = ids(&ear.take_told());
    let all = told.len();
    told.sort_unstable();
    told.dedup();
    assert_eq!((told.len(), all), (40, 40));
}

/// The workers tell by themselves, and stop when they are told to.
#[tokio::test(start_paused = true)]
async fn workers_tell_and_stop() {
    let ear = Ear::new("one");
    let store = support_core::memory::MemoryStore::new();
    let desk = support_core::desk::Desk::builder(store).sink(ear.clone()).timer(Tokio).build().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let workers = tokio::spawn({
        let desk = desk.clone();
        async move { desk.run_workers(async { drop(stopped.await) }).await }
    });
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    desk.tickets().open(&ada(), NewTicket::new("Hello", "There")).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert_eq!(ear.names().len(), 1);
    stop.send(()).unwrap();
    tokio::time::timeout(std::time::Duration::from_secs(2), workers).await.unwrap().unwrap();
}

/// Waits on the clock of the runtime, which a test can pause.
struct Tokio;

#[async_trait::async_trait]
impl support_core::ports::timer::Timer for Tokio {
    async fn sleep(&self, length: std::time::Duration) {
        tokio::time::sleep(length).await;
    }
}

/// Two sinks under one name would share how far they were told.
#[tokio::test]
async fn sinks_have_names_of_their_own() {
    let store = support_core::memory::MemoryStore::new;
    let (one, other) = (Ear::new("same"), Ear::new("same"));
    let built = support_core::desk::Desk::builder(store()).sink(one).sink(other).build();
    assert!(matches!(built, Err(support_core::desk::BuildError::Sink(name)) if name == "same"));
    assert!(support_core::desk::Desk::builder(store()).sink(Ear::new("")).build().is_err());
}

/// Places go on behind those of somebody who was forgotten.
#[tokio::test]
async fn what_is_erased_leaves_its_place() {
    let ear = Ear::new("one");
    let setup = setup(&[&ear]);
    setup.tick(Job::Relay).await;
    let ask = async |actor: support_core::domain::actor::Actor, text: &str| {
        let inquiry = NewInquiry { message: text.into(), ..NewInquiry::default() };
        setup.desk.inquiries().log(&actor, inquiry).await.unwrap();
    };
    ask(super::eve(), "one").await;
    ask(ada(), "two").await;
    setup.tick(Job::Relay).await;
    assert_eq!(ear.take_told().len(), 2);
    setup.desk.people().erase(&joan(), super::customer(super::ADA)).await.unwrap();
    setup.tick(Job::Relay).await;
    ear.take_told();
    ask(super::eve(), "three").await;
    setup.tick(Job::Relay).await;
    let told = ear.take_told();
    assert_eq!(told.iter().map(|told| told.data["message"].as_str()).collect::<Vec<_>>(), [Some("three")]);
}

/// What is told late says nothing of where the ticket stands by then; and whose an escalated ticket is, is known.
#[tokio::test]
async fn what_is_told_late_is_told_as_it_was() {
    let ear = Ear::new("one");
    let setup = setup(&[&ear]);
    setup.tick(Job::Relay).await;
    let ticket = setup.open("One").await;
    setup.desk.tickets().claim(&grace(), ticket).await.unwrap();
    setup.desk.tickets().escalate(&joan(), ticket, None, None, "angry").await.unwrap();
    setup.desk.tickets().resolve(&grace(), ticket, "Sent").await.unwrap();
    setup.tick(Job::Relay).await;
    let told = ear.take_told();
    let of = |name: &str| told.iter().find(|told| told.name == name).map(|told| told.data.clone()).unwrap();
    assert_eq!(of("ticket.created")["status"], "open");
    assert!(!of("ticket.assigned").contains_key("status"));
    assert_eq!(of("ticket.escalated")["assigned_to"], serde_json::json!(grace().agent_id()));
}

/// However short the leases of a host are, something is told under each.
#[tokio::test]
async fn short_leases_tell_too() {
    let ear = Ear::new("one");
    let setup = setup(&[&ear]);
    let workers = setup.desk.workers().lease(TimeDelta::seconds(5));
    workers.tick(Job::Relay).await.unwrap();
    setup.open("One").await;
    workers.tick(Job::Relay).await.unwrap();
    assert_eq!(ear.names(), ["ticket.created"]);
}
