//! Words between nodes, on a server that has them.

use crate::common::{Schema, desk};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use support_core::ports::bus::{Bus as _, Heard, LONGEST};
use support_storage_sqlx::{PgBus, SqlxOptions};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    time::timeout,
};

fn server() -> Option<String> {
    test_servers::postgres_url()
}

async fn hear(bus: &PgBus) -> Heard {
    timeout(Duration::from_secs(20), bus.hear()).await.expect("something is heard in time").expect("it can be heard")
}

fn word(text: impl Into<String>) -> Heard {
    Heard::Word(text.into())
}

/// Two nodes that listen, on connections that are known by the name of their schema.
async fn nodes(url: String) -> (PgBus, PgBus, Schema) {
    let mut schema = Schema::new(url);
    let sign = if schema.url.contains('?') { '&' } else { '?' };
    schema.url = format!("{}{sign}application_name={}", schema.url, schema.name);
    let mut nodes = Vec::new();
    for _ in 0..2 {
        let bus = schema.options().open().await.expect("a store").bus().expect("a bus");
        assert_eq!(hear(&bus).await, Heard::Gap);
        nodes.push(bus);
    }
    let [one, two] = nodes.try_into().expect("there are two");
    (one, two, schema)
}

/// Ends all connections of both nodes.
async fn cut(schema: &Schema) {
    let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
               WHERE application_name = '{desk}' AND pid <> pg_backend_pid()";
    assert!(schema.count(sql).await >= 2);
}

#[tokio::test]
async fn nodes_hear_each_other_in_order() {
    let Some(url) = server() else { return };
    let (one, two, _schema) = nodes(url).await;
    let long = "é".repeat(LONGEST / 2);
    for text in ["ticket 1", "ticket 1", "", "'; --", &long] {
        one.say(text).await.unwrap();
        assert_eq!(hear(&two).await, word(text));
    }
    two.say("back").await.unwrap();
    while hear(&one).await != word("back") {}
}

#[tokio::test]
async fn a_word_that_nothing_carries_is_refused() {
    let Some(url) = server() else { return };
    let (one, two, _schema) = nodes(url).await;
    let refused = one.say(&"x".repeat(LONGEST + 1)).await.unwrap_err();
    assert!(refused.to_string().contains("a word of 7001 bytes"), "{refused}");
    let refused = one.say("a\0b").await.unwrap_err();
    assert!(refused.to_string().contains("character zero"), "{refused}");
    one.say("after").await.unwrap();
    assert_eq!(hear(&two).await, word("after"));
}

/// One that is named and one that is looked for by the connection are the same.
#[tokio::test]
async fn each_desk_of_a_database_hears_its_own() {
    let Some(url) = server() else { return };
    let (store, schema) = desk(url.clone(), &[]).await;
    let (elsewhere, _other) = desk(url.clone(), &[]).await;
    let beside = schema.options().prefix("beside_").open().await.unwrap();
    let found = format!("SET search_path = {}", schema.name);
    let same = SqlxOptions::new(url).on_connect(found).connections(2).open().await.unwrap();
    let bus = store.bus().unwrap();
    assert_eq!(hear(&bus).await, Heard::Gap);
    for (store, text) in [(elsewhere, "elsewhere"), (beside, "beside"), (same, "here")] {
        store.bus().unwrap().say(text).await.unwrap();
    }
    assert_eq!(hear(&bus).await, word("here"));
}

#[tokio::test]
async fn whoever_was_cut_off_is_told_so() {
    let Some(url) = server() else { return };
    let (one, two, schema) = nodes(url).await;
    for round in ["first", "second"] {
        cut(&schema).await;
        one.say("lost").await.unwrap();
        assert_eq!([hear(&one).await, hear(&two).await], [Heard::Gap, Heard::Gap]);
        one.say(round).await.unwrap();
        assert_eq!([hear(&one).await, hear(&two).await], [word(round), word(round)]);
    }
}

/// However often somebody stops waiting, nothing is lost, be it a word or that there was a gap.
#[tokio::test]
async fn who_stops_waiting_loses_nothing() {
    let Some(url) = server() else { return };
    let (one, two, schema) = nodes(url).await;
    let two = two.silence(Duration::from_millis(3));
    let impatient = async || {
        loop {
            if let Ok(heard) = timeout(Duration::from_micros(300), two.hear()).await {
                return heard.unwrap();
            }
        }
    };
    for round in 0..2 {
        let says = async {
            for n in 0..200 {
                one.say(&n.to_string()).await.unwrap();
                if n % 50 == 0 {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        };
        let hears = async {
            for n in 0..200 {
                assert_eq!(impatient().await, word(n.to_string()), "round {round}");
            }
        };
        tokio::join!(says, hears);
        cut(&schema).await;
        assert_eq!(impatient().await, Heard::Gap);
    }
}

/// A wire that can be made to swallow all that is said on it.
async fn wire(to: &str) -> (String, Arc<AtomicBool>) {
    let (head, tail) = to.rsplit_once(':').expect("a port");
    let (port, path) = tail.split_once('/').expect("a database");
    let server: u16 = port.parse().expect("a number");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("{head}:{}/{path}", listener.local_addr().expect("an address").port());
    let dead = Arc::new(AtomicBool::new(false));
    let is_dead = Arc::clone(&dead);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let is_dead = Arc::clone(&is_dead);
            tokio::spawn(async move {
                let mut server = TcpStream::connect(("127.0.0.1", server)).await.expect("a server");
                let dies = async {
                    while !is_dead.load(Ordering::SeqCst) {
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                };
                tokio::select! {
                    _ = copy_bidirectional(&mut client, &mut server) => {}
                    // Both ends stay open, and neither hears the other.
                    () = dies => std::future::pending().await,
                }
            });
        }
    });
    (url, dead)
}

#[tokio::test]
async fn a_wire_that_went_dead_is_noticed() {
    let Some(url) = server() else { return };
    let (store, schema) = desk(url.clone(), &[]).await;
    let (through, dead) = wire(&url).await;
    let options = SqlxOptions::new(through).schema(schema.name.as_str()).acquire_timeout(Duration::from_millis(500));
    let bus = options.open().await.unwrap().bus().unwrap().silence(Duration::from_millis(200));
    assert_eq!(hear(&bus).await, Heard::Gap);
    // Silence alone is nothing to tell of.
    timeout(Duration::from_millis(900), bus.hear()).await.unwrap_err();

    dead.store(true, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let say = store.bus().unwrap();
    say.say("lost").await.unwrap();
    let told = timeout(Duration::from_secs(10), bus.hear()).await.unwrap();
    assert!(told.is_err(), "no other connection can be had either: {told:?}");
    dead.store(false, Ordering::SeqCst);
    assert_eq!(hear(&bus).await, Heard::Gap);
    say.say("again").await.unwrap();
    assert_eq!(hear(&bus).await, word("again"));
}

#[test]
fn a_bus_may_outlive_the_runtime() {
    let Some(url) = server() else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (one, two, _schema) = runtime.block_on(nodes(url));
    drop(one);
    drop(runtime);
    drop(two);
}

#[tokio::test]
async fn there_is_none_on_the_other_kind_of_server() {
    let Some(url) = test_servers::mysql_url() else { return };
    assert!(desk(url, &[]).await.0.bus().is_none());
}
