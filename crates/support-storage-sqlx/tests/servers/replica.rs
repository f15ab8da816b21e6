//! Who reads from a follower. It is played by a second database, which follows only when it is told to.

use crate::common::{Schema, on_every_server};
use std::time::Duration;
use support_core::{
    contract::sample::{event, opening, ticket},
    domain::{
        access::TicketScope,
        actor::Signature,
        stats::{Holder, Range},
        ticket::{Sort, TicketFilter, TicketQuery},
    },
    ports::{ChangeSet, Store as _, stats::StatsStore as _, tickets::TicketStore as _},
};
use support_storage_sqlx::{OpenError, SqlxStore};
use uuid::Uuid;

on_every_server! {
    a_writer_finds_what_they_wrote_and_others_read_the_follower,
    a_follower_that_is_away_is_not_missed,
    a_follower_of_another_kind_is_refused,
}

fn list(reader: Option<u128>) -> TicketQuery {
    TicketQuery {
        scope: TicketScope::All,
        filter: TicketFilter::default(),
        sort: Sort::default(),
        after: None,
        skip: 0,
        limit: 9,
        reader: reader.map(Uuid::from_u128),
    }
}

/// A ticket, and who opened it.
fn opened_by(n: u32, writer: u128) -> ChangeSet {
    let mut event = event(n, &ticket(n));
    event.actor = Signature { id: Some(Uuid::from_u128(writer)), ..event.actor };
    ChangeSet { events: vec![event], ..opening(&ticket(n), n) }
}

async fn seen(store: &SqlxStore, reader: Option<u128>) -> (usize, u32) {
    let page = store.tickets(&list(reader)).await.unwrap().items.len();
    (page, store.ticket_count(&list(reader), 9).await.unwrap())
}

/// The URL of a second database on the same server, in which the schema has the same name.
async fn second(schema: &Schema) -> String {
    let (head, _) = schema.url.rsplit_once('/').unwrap();
    let other = format!("{}_follower", schema.name);
    schema.run(&format!("CREATE DATABASE {other}")).await;
    format!("{head}/{other}")
}

async fn a_writer_finds_what_they_wrote_and_others_read_the_follower(url: String) {
    let schema = Schema::new(url);
    let (primary, follower) = if schema.is_postgres() {
        (schema.options(), second(&schema).await)
    } else {
        // Here a schema is a database, so the first desk stands in its own and neither names it.
        schema.run("CREATE DATABASE {desk}").await;
        let (head, _) = schema.url.rsplit_once('/').unwrap();
        let own = format!("{head}/{}", schema.name);
        (support_storage_sqlx::SqlxOptions::new(own), second(&schema).await)
    };
    let named = |url: &str| {
        let options = support_storage_sqlx::SqlxOptions::new(url).connections(2);
        if schema.is_postgres() { options.schema(schema.name.as_str()) } else { options }
    };
    let behind = named(&follower).open().await.unwrap();
    let lag = Duration::from_millis(200);
    let store = primary.replica(follower.as_str()).replica_lag(lag).connections(4).open().await.unwrap();

    store.commit(opened_by(1, 7)).await.unwrap();
    assert_eq!(seen(&store, Some(7)).await, (1, 1), "the writer");
    assert_eq!(seen(&store, Some(8)).await, (0, 0), "somebody else");
    assert_eq!(seen(&store, None).await, (1, 1), "whoever decides");
    assert!(store.ticket(ticket(1).id).await.unwrap().is_some(), "a ticket by its id");
    assert_eq!(store.cells(Holder::Anybody, Range::ALWAYS).await.unwrap(), []);

    behind.commit(opened_by(2, 7)).await.unwrap();
    behind.commit(opened_by(3, 7)).await.unwrap();
    assert_eq!(seen(&store, Some(8)).await, (2, 2));
    tokio::time::sleep(lag * 2).await;
    assert_eq!(seen(&store, Some(7)).await, (2, 2), "the writer, once the follower knows");
    drop((store, behind));
    schema
        .run(&format!(
            "DROP DATABASE {}_follower{}",
            schema.name,
            if schema.is_postgres() { " WITH (FORCE)" } else { "" }
        ))
        .await;
}

async fn a_follower_that_is_away_is_not_missed(url: String) {
    let schema = Schema::new(url);
    let away = if schema.is_postgres() { "postgres://postgres@127.0.0.1:9/x" } else { "mysql://root@127.0.0.1:9/x" };
    let store = schema.options().replica(away).open().await.unwrap();
    store.commit(opened_by(1, 7)).await.unwrap();
    assert_eq!(seen(&store, Some(8)).await, (1, 1));
    assert_eq!(store.cells(Holder::Anybody, Range::ALWAYS).await.unwrap().len(), 1);
}

async fn a_follower_of_another_kind_is_refused(url: String) {
    let schema = Schema::new(url);
    let other = if schema.is_postgres() { "mysql://root@127.0.0.1:9/x" } else { "postgres://postgres@127.0.0.1:9/x" };
    let refused = schema.options().replica(other).open().await.unwrap_err();
    assert!(matches!(refused, OpenError::Url(_)), "{refused}");
}
