use super::{Setup, ada, alan, eve, grace, joan, setup_with};
use async_trait::async_trait;
use chrono::TimeDelta;
use std::{sync::Arc, time::Duration};
use support_core::{
    desk::{
        Desk, Error,
        live::{Update, Watch},
        messages::NewMessage,
    },
    domain::{presence::Presence, profile::Profile},
    ports::bus::{Bus, BusError, Heard},
};
use tokio::sync::broadcast;

fn setup() -> Setup {
    setup_with(Profile::after_sales(), |builder| builder)
}

/// What has been said so far.
async fn heard(watch: &mut Watch) -> Vec<Update> {
    let mut all = Vec::new();
    while let Ok(update) = tokio::time::timeout(Duration::from_millis(1), watch.next()).await {
        all.push(update);
    }
    all
}

fn names(updates: &[Update]) -> Vec<&'static str> {
    let name = |update: &Update| match update {
        Update::Changed(changed) => changed.what,
        Update::Lost(_) => "lost",
        Update::Present(..) => "present",
        Update::Resync => "resync",
    };
    updates.iter().map(name).collect()
}

#[tokio::test(start_paused = true)]
async fn whoever_looks_on_hears_what_is_for_them() {
    let setup = setup();
    let ticket = setup.open("One").await;
    let live = setup.desk.live();
    let mut customer = live.ticket(&ada(), ticket, None).await.unwrap();
    let mut agent = live.ticket(&grace(), ticket, None).await.unwrap();
    assert!(matches!(live.ticket(&eve(), ticket, None).await, Err(Error::NotFound)));
    setup.desk.messages().add(&grace(), ticket, NewMessage::note("a note")).await.unwrap();
    setup.desk.tickets().escalate(&joan(), ticket, None, None, "angry").await.unwrap();
    setup.desk.messages().add(&grace(), ticket, NewMessage::public("hello")).await.unwrap();
    let (seen, all) = (heard(&mut customer).await, heard(&mut agent).await);
    assert!(names(&all).contains(&"note_added") && names(&all).contains(&"escalated"));
    assert!(names(&seen).contains(&"message_added"));
    assert!(!names(&seen).iter().any(|name| ["note_added", "escalated"].contains(name)), "{seen:?}");
    let other = setup.open("Other").await;
    setup.desk.messages().add(&ada(), other, NewMessage::public("there")).await.unwrap();
    assert!(heard(&mut agent).await.is_empty(), "nothing of another ticket");
}

#[tokio::test(start_paused = true)]
async fn rights_are_those_of_the_moment() {
    let setup = setup();
    let ticket = setup.open("One").await;
    let mut agent = setup.desk.live().all(&grace()).unwrap();
    let mut colleague = setup.desk.live().all(&alan()).unwrap();
    assert!(setup.desk.live().all(&support_core::domain::actor::Actor::Guest).is_err());
    setup.desk.tickets().claim(&grace(), ticket).await.unwrap();
    assert!(names(&heard(&mut agent).await).contains(&"assigned"));
    heard(&mut colleague).await;
    setup.desk.tickets().set_priority(&grace(), ticket, "high").await.unwrap();
    assert_eq!(names(&heard(&mut agent).await), ["priority_changed"]);
    assert!(heard(&mut colleague).await.is_empty(), "it is Grace's now");
    let own = setup.desk.live().ticket(&grace(), ticket, None).await.unwrap();
    setup.desk.live().may_still(&grace(), &own).await.unwrap();
    setup.desk.tickets().assign(&joan(), ticket, super::Uuid::from_u128(0xa1a).into()).await.unwrap();
    assert_eq!(heard(&mut agent).await, [Update::Lost(ticket)]);
    assert!(names(&heard(&mut colleague).await).contains(&"assigned"));
    assert!(matches!(setup.desk.live().may_still(&grace(), &own).await, Err(Error::NotFound)));
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_back_is_told_what_they_missed() {
    let setup = setup();
    let ticket = setup.open("One").await;
    let mut watch = setup.desk.live().ticket(&ada(), ticket, None).await.unwrap();
    setup.desk.messages().add(&grace(), ticket, NewMessage::public("one")).await.unwrap();
    let last = heard(&mut watch).await.into_iter().rev().find_map(|update| match update {
        Update::Changed(changed) => Some(changed.event),
        _ => None,
    });
    drop(watch);
    setup.desk.messages().add(&grace(), ticket, NewMessage::note("secret")).await.unwrap();
    setup.desk.messages().add(&grace(), ticket, NewMessage::public("two")).await.unwrap();
    let mut back = setup.desk.live().ticket(&ada(), ticket, last).await.unwrap();
    assert_eq!(names(&heard(&mut back).await), ["message_added"]);
    let unknown = Some(super::Uuid::from_u128(7).into());
    let mut strange = setup.desk.live().ticket(&ada(), ticket, unknown).await.unwrap();
    assert_eq!(heard(&mut strange).await, [Update::Resync]);
}

#[tokio::test(start_paused = true)]
async fn whoever_does_not_read_is_told_to_read_anew() {
    let setup = setup();
    let mut watch = setup.desk.live().all(&joan()).unwrap();
    let ticket = setup.open("One").await;
    for n in 0..300 {
        setup.desk.messages().add(&ada(), ticket, NewMessage::public(format!("{n}"))).await.unwrap();
    }
    let updates = heard(&mut watch).await;
    assert_eq!(updates[0], Update::Resync);
    assert!(updates.len() < 256);
}

#[tokio::test(start_paused = true)]
async fn people_at_a_ticket_see_each_other() {
    let setup = setup();
    let ticket = setup.open("One").await;
    let live = setup.desk.live();
    let mut customer = live.ticket(&ada(), ticket, None).await.unwrap();
    let mut admin = live.ticket(&joan(), ticket, None).await.unwrap();
    live.present(&grace(), ticket, Presence::Viewing).await.unwrap();
    assert!(matches!(live.present(&eve(), ticket, Presence::Typing).await, Err(Error::NotFound)));
    let Some(Update::Present(_, seen)) = heard(&mut admin).await.pop() else { panic!() };
    assert_eq!((seen.len(), seen[0].doing), (1, Presence::Viewing));
    assert_eq!(heard(&mut customer).await, [], "a customer learns nothing of who looks, nor that somebody does");
    live.present(&grace(), ticket, Presence::Typing).await.unwrap();
    let Some(Update::Present(_, seen)) = heard(&mut customer).await.pop() else { panic!() };
    assert_eq!(seen[0].who.name, "Grace");
    setup.advance(TimeDelta::seconds(21));
    assert!(live.who(&ada(), ticket).await.unwrap().is_empty());
}

/// Nodes that hear each other.
struct Line(broadcast::Sender<String>, tokio::sync::Mutex<broadcast::Receiver<String>>);

impl Line {
    fn new(sender: &broadcast::Sender<String>) -> Self {
        Self(sender.clone(), tokio::sync::Mutex::new(sender.subscribe()))
    }
}

#[async_trait]
impl Bus for Line {
    async fn say(&self, word: &str) -> Result<(), BusError> {
        self.0.send(word.to_owned()).map(|_| ()).map_err(BusError::new)
    }

    async fn hear(&self) -> Result<Heard, BusError> {
        match self.1.lock().await.recv().await {
            Ok(word) => Ok(Heard::Word(word)),
            Err(broadcast::error::RecvError::Lagged(_)) => Ok(Heard::Gap),
            Err(error) => Err(BusError::new(error)),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_happens_on_one_node_is_seen_on_another() {
    let (sender, _) = broadcast::channel(64);
    let store = support_core::memory::MemoryStore::new();
    let node = || -> Arc<Desk> {
        Arc::new(Desk::builder(store.clone()).profile(Profile::after_sales()).bus(Line::new(&sender)).build().unwrap())
    };
    let (here, there) = (node(), node());
    for desk in [here.clone(), there.clone()] {
        tokio::spawn(async move { desk.live().listen(std::future::pending()).await });
    }
    let ticket = here.tickets().open(&ada(), support_core::desk::tickets::NewTicket::new("One", "x")).await.unwrap();
    let ticket = ticket.ticket.id;
    let mut watch = there.live().ticket(&ada(), ticket, None).await.unwrap();
    here.messages().add(&grace(), ticket, NewMessage::note("secret")).await.unwrap();
    here.messages().add(&grace(), ticket, NewMessage::public("hello")).await.unwrap();
    here.live().present(&grace(), ticket, Presence::Typing).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let updates = heard(&mut watch).await;
    assert!(names(&updates).contains(&"message_added"), "{updates:?}");
    assert!(!names(&updates).contains(&"note_added"));
    assert!(matches!(updates.last(), Some(Update::Present(_, there)) if there.len() == 1));
    // What others told the desk is seen, too.
    let mut all = there.live().all(&joan()).unwrap();
    let body = serde_json::json!({ "user_id": super::customer(super::ADA), "order_id": 7, "description": "x" });
    let told = support_core::ports::intake::Incoming {
        id: "m".into(),
        name: "order.issue".into(),
        body: body.to_string().into_bytes(),
    };
    support_core::ports::intake::Intake::take(&*here, &told).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(names(&heard(&mut all).await).contains(&"ticket_opened"));
    heard(&mut watch).await;
    for _ in 0..200 {
        sender.send("nonsense".into()).unwrap();
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(heard(&mut watch).await, [Update::Resync]);
}
