//! What leads to documents, articles and tickets: nothing of it stays behind them, whoever writes at once.

use crate::common::{Schema, desk, on_every_server};
use chrono::DateTime;
use support_core::{
    contract::sample::{document, id, put_document, remove_document, writes},
    domain::{
        access::{Holding, TicketScope},
        search::{Batch, Label, SearchKey, SearchQuery, SearchScope, Searchable, Sight},
    },
    ports::{Store as _, search::Search as _},
};

on_every_server! {
    a_document_that_goes_leaves_no_row,
    what_is_removed_from_the_index_leaves_no_row,
    a_large_index_is_cleared,
    of_many_who_feed_the_same_each_leaves_a_whole,
}

const OF_DOCUMENTS: [&str; 4] = ["documents", "document_keys", "document_lists", "document_counts"];
const OF_THE_INDEX: [&str; 3] = ["search_rows", "search_texts", "search_labels"];

async fn rows(schema: &Schema, tables: &[&str]) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in tables {
        counts.push(schema.count(&format!("SELECT count(*) FROM {{desk}}.support_{table}")).await);
    }
    counts
}

fn item(n: u32, title: &str, status: &str) -> Searchable {
    Searchable {
        key: SearchKey::ticket(id(1, n)),
        number: Some(format!("T-{n}")),
        title: title.to_owned(),
        text: format!("{title} {status}"),
        notes: String::new(),
        labels: [(Label::Status, status.to_owned()), (Label::Tag, format!("of {status}"))].into(),
        sight: Sight::Ticket(Holding { customer: id(3, n), assignee: None }),
        at: DateTime::UNIX_EPOCH,
    }
}

fn put(put: Vec<Searchable>) -> Batch {
    Batch { put, ..Batch::default() }
}

async fn a_document_that_goes_leaves_no_row(url: String) {
    let (store, schema) = desk(url, &[]).await;
    let all: Vec<_> = (0..9).map(document).collect();
    store.commit(writes(all.iter().map(|row| put_document(row, None)))).await.unwrap();
    assert_eq!(rows(&schema, &OF_DOCUMENTS).await, [9, 18, 18, 9]);
    for row in &all {
        store.commit(writes([remove_document(row)])).await.unwrap();
    }
    assert_eq!(rows(&schema, &OF_DOCUMENTS).await, [0; 4]);
    store.scrub().await.unwrap();
}

async fn what_is_removed_from_the_index_leaves_no_row(url: String) {
    let (store, schema) = desk(url, &[]).await;
    store.index(&put((0..9).map(|n| item(n, "parcel", "open")).collect())).await.unwrap();
    assert_eq!(rows(&schema, &OF_THE_INDEX).await, [9, 9, 18]);
    let remove = (0..9).map(|n| SearchKey::ticket(id(1, n))).collect();
    store.index(&Batch { remove, ..Batch::default() }).await.unwrap();
    assert_eq!(rows(&schema, &OF_THE_INDEX).await, [0; 3]);
    store.scrub_index().await.unwrap();
}

async fn a_large_index_is_cleared(url: String) {
    let (store, schema) = desk(url, &[]).await;
    store.index(&put((0..4_100).map(|n| item(n, "parcel", "open")).collect())).await.unwrap();
    assert_eq!(rows(&schema, &OF_THE_INDEX).await, [4_100, 4_100, 8_200]);
    store.clear_index().await.unwrap();
    assert_eq!(rows(&schema, &OF_THE_INDEX).await, [0; 3]);
}

/// Nobody is refused, and no item has the row of one and the labels of another.
async fn of_many_who_feed_the_same_each_leaves_a_whole(url: String) {
    let (store, schema) = desk(url, &[]).await;
    let feeders = (0..8_u32).map(|feeder| {
        let (store, word) = (store.clone(), format!("feeder{feeder}"));
        tokio::spawn(async move {
            for _ in 0..4 {
                let mut items: Vec<_> = (0..6).map(|n| item(n, &word, &word)).collect();
                if feeder % 2 == 0 {
                    items.reverse();
                }
                store.index(&put(items)).await.unwrap();
            }
        })
    });
    for feeder in feeders.collect::<Vec<_>>() {
        feeder.await.unwrap();
    }
    assert_eq!(rows(&schema, &OF_THE_INDEX).await, [6, 6, 12]);
    let mut found = 0;
    for feeder in 0..8 {
        let word = format!("feeder{feeder}");
        let scope = SearchScope::Tickets { scope: TicketScope::All, notes: false };
        let all = store.search(&SearchQuery::new(&word, scope.clone())).await.unwrap().total;
        let labels = vec![(Label::Status, word.clone()), (Label::Tag, format!("of {word}"))];
        let own = store.search(&SearchQuery { labels, ..SearchQuery::new(&word, scope) }).await.unwrap().total;
        assert_eq!(all, own, "{word}");
        found += all;
    }
    assert_eq!(found, 6);
}
