use super::{
    commits::is_conflict,
    sample::{bare_ticket, id, open, time_entry, writes},
};
use crate::{
    domain::time_entry::TimeEntry,
    ports::{ChangeSet, Store, Write},
};

fn add(entry: &TimeEntry) -> ChangeSet {
    writes([Write::AddTimeEntry(Box::new(entry.clone()))])
}

/// On its ticket alone, in the order of commits, the latest of them.
pub async fn time_is_found_on_its_ticket(store: impl Store) {
    open(&store, &bare_ticket(1), 1).await;
    open(&store, &bare_ticket(2), 2).await;
    let bare = TimeEntry { note: None, ..time_entry(2, id(1, 1)) };
    let rows = [time_entry(5, id(1, 1)), bare, time_entry(9, id(1, 1)), time_entry(1, id(1, 2))];
    for row in &rows {
        store.commit(add(row)).await.unwrap();
        assert_eq!(store.time_entry(row.ticket, row.id).await.unwrap().as_ref(), Some(row));
    }
    assert_eq!(store.time_entry(id(1, 2), rows[0].id).await.unwrap(), None);
    assert_eq!(store.time_entries(id(1, 1), 9).await.unwrap(), rows[..3]);
    assert_eq!(store.time_entries(id(1, 1), 2).await.unwrap(), rows[1..3]);
    assert_eq!(store.time_entries(id(1, 9), 9).await.unwrap(), []);
    assert!(is_conflict(&store.commit(add(&rows[0])).await), "an entry twice");
    assert!(is_conflict(&store.commit(add(&time_entry(7, id(1, 9)))).await), "on no ticket");
}

/// Once, and from its ticket.
pub async fn time_is_taken_back_once(store: impl Store) {
    open(&store, &bare_ticket(1), 1).await;
    open(&store, &bare_ticket(2), 2).await;
    for n in [1, 2] {
        store.commit(add(&time_entry(n, id(1, 1)))).await.unwrap();
    }
    let remove = |ticket, n| writes([Write::RemoveTimeEntry { ticket: id(1, ticket), id: id(9, n) }]);
    assert!(is_conflict(&store.commit(remove(2, 1)).await), "it is another ticket's");
    store.commit(remove(1, 2)).await.unwrap();
    assert!(is_conflict(&store.commit(remove(1, 2)).await));
    assert_eq!(store.time_entries(id(1, 1), 9).await.unwrap(), [time_entry(1, id(1, 1))]);
    store.commit(add(&time_entry(3, id(1, 1)))).await.unwrap();
    assert_eq!(store.time_entries(id(1, 1), 9).await.unwrap().len(), 2);
}
