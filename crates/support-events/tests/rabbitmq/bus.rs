use super::fresh;
use std::time::Duration;
use support_core::ports::bus::{Bus, Heard, LONGEST};
use support_events::RabbitBus;
use test_servers::amqp_url;

async fn bus(url: &str, exchange: &str) -> RabbitBus {
    let bus = RabbitBus::builder(url).exchange(exchange).build().expect("a bus");
    let begun = tokio::time::timeout(Duration::from_secs(1), bus.hear()).await;
    assert!(begun.is_err(), "nobody says anything yet: {begun:?}");
    bus
}

async fn word(bus: &RabbitBus) -> String {
    match tokio::time::timeout(Duration::from_secs(10), bus.hear()).await.expect("in time").expect("it listens") {
        Heard::Word(word) => word,
        Heard::Gap => panic!("there was none"),
    }
}

#[tokio::test]
async fn all_nodes_of_a_desk_hear_a_word_and_no_other_desk() {
    let Some(url) = amqp_url() else { return };
    let (ours, theirs) = (fresh("bus"), fresh("bus"));
    let (one, two, stranger) = (bus(&url, &ours).await, bus(&url, &ours).await, bus(&url, &theirs).await);
    for number in 0..300 {
        one.say(&format!("word {number}")).await.expect("it is said");
    }
    for number in 0..300 {
        assert_eq!(word(&two).await, format!("word {number}"));
        assert_eq!(word(&one).await, format!("word {number}"), "a node hears itself");
    }
    let quiet = tokio::time::timeout(Duration::from_millis(200), stranger.hear()).await;
    assert!(quiet.is_err(), "{quiet:?}");
}

#[tokio::test]
async fn who_stops_waiting_loses_nothing() {
    let Some(url) = amqp_url() else { return };
    let exchange = fresh("bus");
    let (one, two) = (bus(&url, &exchange).await, bus(&url, &exchange).await);
    let mut heard = Vec::new();
    for number in 0..50 {
        one.say(&number.to_string()).await.expect("it is said");
        // As somebody does who waits for several things at once.
        if let Ok(next) = tokio::time::timeout(Duration::from_micros(number * 40), two.hear()).await {
            heard.push(next.expect("it listens"));
        }
    }
    while heard.len() < 50 {
        heard.push(Heard::Word(word(&two).await));
    }
    let said: Vec<Heard> = (0..50).map(|number| Heard::Word(number.to_string())).collect();
    assert_eq!(heard, said);
}

#[tokio::test]
async fn a_word_is_as_long_as_a_word_may_be() {
    let Some(url) = amqp_url() else { return };
    let bus = bus(&url, &fresh("bus")).await;
    bus.say(&"a".repeat(LONGEST + 1)).await.expect_err("it is too long");
    bus.say(&"a".repeat(LONGEST)).await.expect("it is said");
    assert_eq!(word(&bus).await.len(), LONGEST);
}
