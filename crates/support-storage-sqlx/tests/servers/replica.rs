//! Who reads from a follower. It is played by a second database, which follows only when it is told to.

use crate::common::{Schema, on_every_server};
use chrono::DateTime;
use std::time::Duration;
use support_core::{
    contract::sample::{document, event, opening, put_document, ticket, writes},
    domain::{
        access::TicketScope,
        actor::Signature,
        search::{Batch, SearchKey, SearchQuery, SearchScope, Searchable, Sight},
        stats::{Holder, Range},
        ticket::{Sort, TicketFilter, TicketQuery},
    },
    ports::{
        ChangeSet, Store as _, documents::DocumentStore as _, search::Search as _, stats::StatsStore as _,
        tickets::TicketStore as _,
    },
};
use support_storage_sqlx::{OpenError, SqlxOptions, SqlxStore};
use uuid::Uuid;

on_every_server! {
    a_writer_finds_what_they_wrote_and_others_read_the_follower,
    an_index_is_read_from_the_follower_but_never_how_far_it_is,
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

const LAG: Duration = Duration::from_millis(200);

/// A desk with a follower, and what the follower reads from.
async fn pair(schema: &Schema) -> (SqlxStore, SqlxStore) {
    let (primary, follower) = if schema.is_postgres() {
        (schema.options(), second(schema).await)
    } else {
        // Here a schema is a database, so the first desk stands in its own and neither names it.
        schema.run("CREATE DATABASE {desk}").await;
        let (head, _) = schema.url.rsplit_once('/').unwrap();
        let own = format!("{head}/{}", schema.name);
        (SqlxOptions::new(own), second(schema).await)
    };
    let options = SqlxOptions::new(follower.as_str()).connections(2);
    let options = if schema.is_postgres() { options.schema(schema.name.as_str()) } else { options };
    let behind = options.open().await.unwrap();
    (primary.replica(follower).replica_lag(LAG).connections(4).open().await.unwrap(), behind)
}

async fn forget(schema: &Schema, stores: (SqlxStore, SqlxStore)) {
    drop(stores);
    let force = if schema.is_postgres() { " WITH (FORCE)" } else { "" };
    schema.run(&format!("DROP DATABASE {}_follower{force}", schema.name)).await;
}

async fn a_writer_finds_what_they_wrote_and_others_read_the_follower(url: String) {
    let schema = Schema::new(url);
    let (store, behind) = pair(&schema).await;

    store.commit(opened_by(1, 7)).await.unwrap();
    assert_eq!(seen(&store, Some(7)).await, (1, 1), "the writer");
    assert_eq!(seen(&store, Some(8)).await, (0, 0), "somebody else");
    assert_eq!(seen(&store, None).await, (1, 1), "whoever decides");
    assert!(store.ticket(ticket(1).id).await.unwrap().is_some(), "a ticket by its id");
    assert_eq!(store.cells(Holder::Anybody, Range::ALWAYS).await.unwrap(), []);

    behind.commit(opened_by(2, 7)).await.unwrap();
    behind.commit(opened_by(3, 7)).await.unwrap();
    assert_eq!(seen(&store, Some(8)).await, (2, 2));
    tokio::time::sleep(LAG * 2).await;
    assert_eq!(seen(&store, Some(7)).await, (2, 2), "the writer, once the follower knows");
    forget(&schema, (store, behind)).await;
}

async fn an_index_is_read_from_the_follower_but_never_how_far_it_is(url: String) {
    let schema = Schema::new(url);
    let (store, behind) = pair(&schema).await;
    let key = SearchKey::article(Uuid::nil(), "en");
    let article = Searchable {
        key,
        number: None,
        title: "Parcel".into(),
        text: String::new(),
        notes: String::new(),
        labels: [].into(),
        sight: Sight::Everybody,
        at: DateTime::UNIX_EPOCH,
    };
    let batch = Batch { put: vec![article], remove: Vec::new(), bookmark: Some("1".into()) };
    behind.index(&batch).await.unwrap();
    behind.commit(writes([put_document(&document(1), None)])).await.unwrap();
    let query = SearchQuery::new("parcel", SearchScope::Articles { drafts: false });
    assert_eq!(store.search(&query).await.unwrap().total, 1);
    assert_eq!(store.bookmark().await.unwrap(), None);
    assert_eq!(store.document(document(1).kind, document(1).id).await.unwrap(), None, "it is decided upon");
    assert_eq!(store.document_counts(document(1).kind, "", 9).await.unwrap(), []);
    forget(&schema, (store, behind)).await;
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
