//! In the host's own transaction.

use crate::common::{Schema, desk, on_every_server};
use support_core::{
    contract::sample::{event, message, opening, ticket, update},
    domain::ticket::Ticket,
    ports::{
        ChangeSet, Store as _, StoreError,
        messages::{MessageQuery, MessageStore as _},
        tickets::TicketStore as _,
    },
};
use support_storage_sqlx::{
    SqlxStore,
    sqlx::{AssertSqlSafe, Connection as _, Executor as _, MySqlConnection, PgConnection},
};

on_every_server! {
    an_order_and_its_ticket_come_into_being_together,
    a_conflict_leaves_the_hosts_transaction_as_it_was,
    what_is_planned_in_many_stages_is_all_or_nothing,
    without_a_transaction_nothing_is_kept,
}

/// The host's steps in one transaction of its own, and whether it is committed.
async fn in_transaction(
    store: &SqlxStore,
    schema: &Schema,
    sets: &[ChangeSet],
    commit: bool,
) -> Vec<Result<(), StoreError>> {
    let order = AssertSqlSafe(format!("INSERT INTO {}.orders (id) VALUES (7)", schema.name));
    let mut done = Vec::new();
    macro_rules! transact {
        ($connection:ty) => {{
            let mut link = <$connection>::connect(&schema.url).await.expect("a connection");
            let mut tx = link.begin().await.expect("a transaction");
            tx.execute(order).await.expect("an order");
            for changes in sets {
                done.push(store.commit_in(&mut *tx, changes).await);
            }
            if commit { tx.commit().await } else { tx.rollback().await }.expect("an end");
        }};
    }
    if schema.is_postgres() {
        transact!(PgConnection);
    } else {
        transact!(MySqlConnection);
    }
    done
}

async fn host(url: String) -> (SqlxStore, Schema) {
    let (store, schema) = desk(url, &[]).await;
    schema.run("CREATE TABLE {desk}.orders (id BIGINT)").await;
    (store, schema)
}

async fn an_order_and_its_ticket_come_into_being_together(url: String) {
    let (store, schema) = host(url).await;
    for (commit, orders, found) in [(false, 0, None), (true, 1, Some(ticket(1)))] {
        let done = in_transaction(&store, &schema, &[opening(&ticket(1), 1)], commit).await;
        assert!(matches!(done[..], [Ok(())]), "{done:?}");
        assert_eq!(schema.count("SELECT count(*) FROM {desk}.orders").await, orders);
        assert_eq!(store.ticket(ticket(1).id).await.unwrap(), found);
    }
}

async fn a_conflict_leaves_the_hosts_transaction_as_it_was(url: String) {
    let (store, schema) = host(url).await;
    store.commit(opening(&ticket(1), 1)).await.unwrap();
    store.commit(update(&ticket(1), 1)).await.unwrap();
    // This one fails after its ticket and message were written.
    let mut half = opening(&ticket(2), 2);
    half.events.push(event(1, &ticket(1)));
    let sets = [update(&ticket(1), 1), half, opening(&ticket(3), 3)];
    let done = in_transaction(&store, &schema, &sets, true).await;
    assert!(matches!(done[..], [Err(StoreError::Conflict), Err(StoreError::Conflict), Ok(())]), "{done:?}");
    assert_eq!(schema.count("SELECT count(*) FROM {desk}.orders").await, 1);
    assert_eq!(store.ticket(ticket(2).id).await.unwrap(), None);
    assert_eq!(store.ticket(ticket(3).id).await.unwrap(), Some(ticket(3)));
}

async fn what_is_planned_in_many_stages_is_all_or_nothing(url: String) {
    let (store, schema) = host(url).await;
    store.commit(opening(&ticket(1), 1)).await.unwrap();
    let second = Ticket { version: 2, ..ticket(1) };
    // The same row twice, and a message that is changed as soon as it is there.
    let mut changes = update(&ticket(1), 1);
    changes.writes.extend(update(&second, 2).writes);
    let edited = support_core::domain::message::Message { body: "Another".into(), ..message(9, &ticket(1)) };
    changes
        .writes
        .push(support_core::ports::Write::AddMessage { message: message(9, &ticket(1)).into(), touch: false });
    changes.writes.push(support_core::ports::Write::UpdateMessage { message: edited.into(), read: 0 });
    let mut failing = changes.clone();
    failing.writes.extend(update(&second, 2).writes);
    let done = in_transaction(&store, &schema, &[failing, changes], true).await;
    assert!(matches!(done[..], [Err(StoreError::Conflict), Ok(())]), "{done:?}");
    assert_eq!(store.ticket(ticket(1).id).await.unwrap().map(|row| row.version), Some(3));
    let query = MessageQuery { ticket: ticket(1).id, internal: true, after: None, limit: 9 };
    let bodies: Vec<String> = store.messages(&query).await.unwrap().items.into_iter().map(|row| row.body).collect();
    assert_eq!(bodies.last().map(String::as_str), Some("Another"));
}

async fn without_a_transaction_nothing_is_kept(url: String) {
    let (store, schema) = host(url).await;
    let refused = if schema.is_postgres() {
        let mut link = PgConnection::connect(&schema.url).await.unwrap();
        store.commit_in(&mut link, &opening(&ticket(1), 1)).await
    } else {
        let mut link = MySqlConnection::connect(&schema.url).await.unwrap();
        store.commit_in(&mut link, &opening(&ticket(1), 1)).await
    };
    assert!(refused.is_err());
    assert_eq!(store.ticket(ticket(1).id).await.unwrap(), None);
}
