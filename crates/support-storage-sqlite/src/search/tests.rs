//! What an index in this store does beyond the contract of every index.

use crate::{SqliteOptions, SqliteStore, Synchronous};
use support_core::{
    contract::sample::{at, id},
    domain::{
        access::{Holding, ScopeTerm, TicketScope},
        search::{Batch, Hit, SearchKey, SearchQuery, SearchScope, Searchable, Sight},
    },
    ports::search::Search,
};
use tempfile::TempDir;

async fn make() -> (SqliteStore, TempDir) {
    let dir = tempfile::tempdir().expect("a directory");
    let options = SqliteOptions::new(dir.path().join("support.db")).synchronous(Synchronous::Normal);
    (options.open().await.expect("a store"), dir)
}

fn of_customer(n: u32, customer: u32, text: &str, notes: &str) -> Searchable {
    Searchable {
        key: SearchKey::ticket(id(1, n)),
        number: None,
        title: "Parcel".into(),
        text: text.into(),
        notes: notes.into(),
        labels: [].into(),
        sight: Sight::Ticket(Holding { customer: id(3, customer), assignee: None }),
        at: at(i64::from(n)),
    }
}

async fn put(store: &SqliteStore, put: Vec<Searchable>) {
    store.index(&Batch { put, ..Batch::default() }).await.unwrap();
}

#[tokio::test]
async fn what_a_customer_must_not_see_leaves_their_scores_alone() {
    let (store, _dir) = make().await;
    put(&store, vec![of_customer(1, 1, "late in Hamburg", ""), of_customer(4, 1, "late", "")]).await;
    let own = SearchScope::Tickets { scope: TicketScope::AnyOf(vec![ScopeTerm::Customer(id(3, 1))]), notes: false };
    let hits = async || -> Vec<Hit> {
        store.search(&SearchQuery::new("parcel late hamburg", own.clone())).await.unwrap().items
    };
    let before = hits().await;
    let others = (10..40).map(|n| of_customer(n, 2, "hamburg hamburg", "late")).collect();
    put(&store, others).await;
    put(&store, vec![of_customer(1, 1, "late in Hamburg", &"suspected fraud hamburg ".repeat(99))]).await;
    assert_eq!(hits().await, before);
    assert_eq!(before.len(), 2);
}

#[tokio::test]
async fn a_row_that_is_lost_is_corrupt() {
    use support_core::ports::StoreError;
    let (store, _dir) = make().await;
    put(&store, vec![of_customer(1, 1, "late", "")]).await;
    store.writer.run(|conn| Ok(conn.execute("DELETE FROM support_searchables", [])?)).await.unwrap();
    let all = SearchScope::Tickets { scope: TicketScope::All, notes: true };
    let found = store.search(&SearchQuery::new("parcel", all)).await;
    assert!(matches!(&found, Err(StoreError::Corrupt { table: "support_searchables", .. })), "{found:?}");
}
