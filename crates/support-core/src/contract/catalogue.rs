use super::{
    commits::is_conflict,
    sample::{at, entry, id, writes},
};
use crate::{
    domain::catalogue::{Entry, Item, ItemKind},
    ports::{ChangeSet, Store, Write},
};

fn put(entry: &Entry, read: u64) -> ChangeSet {
    writes([Write::PutEntry { entry: Box::new(entry.clone()), read }])
}

fn remove(kind: ItemKind, n: u32, read: u64) -> ChangeSet {
    writes([Write::RemoveEntry { kind, id: id(8, n), read }])
}

/// The same response under another name.
fn named(slug: &str, entry: Entry) -> Entry {
    let item = match entry.item {
        Item::CannedResponse(response) => {
            Item::CannedResponse(crate::domain::catalogue::CannedResponse { slug: slug.to_owned(), ..response })
        }
        other => other,
    };
    Entry { item, ..entry }
}

/// Each kind on its own list.
pub async fn an_entry_comes_back_as_it_was(store: impl Store) {
    for n in 0..3 {
        store.commit(put(&entry(n, 0), 0)).await.unwrap();
    }
    for n in 0..3 {
        let row = entry(n, 0);
        for kind in ItemKind::ALL {
            let found = store.entry(*kind, row.id).await.unwrap();
            assert_eq!(found, (row.item.kind() == *kind).then(|| row.clone()));
        }
        assert_eq!(store.entries(row.item.kind()).await.unwrap(), [row]);
    }
}

/// Compared byte by byte.
pub async fn entries_come_in_the_order_of_their_keys(store: impl Store) {
    let slugs = ["b", "a-1", "B", "ä", "a", "a1"];
    for (n, slug) in (0..).zip(slugs) {
        store.commit(put(&named(slug, entry(3 * n + 1, 0)), 0)).await.unwrap();
    }
    let keys: Vec<String> =
        store.entries(ItemKind::CannedResponse).await.unwrap().iter().map(|entry| entry.item.key()).collect();
    assert_eq!(keys, ["B", "a", "a-1", "a1", "b", "ä"]);
}

/// Guarded by the version; when it was made stays.
pub async fn an_entry_changes_from_what_was_read(store: impl Store) {
    let row = entry(1, 0);
    assert!(is_conflict(&store.commit(put(&row, 1)).await), "it is not there yet");
    store.commit(put(&row, 0)).await.unwrap();
    let changed = Entry { version: 77, created_at: at(99), updated_at: at(98), ..named("other", row.clone()) };
    for stale in [0, 2] {
        assert!(is_conflict(&store.commit(put(&changed, stale)).await), "{stale}");
    }
    // Neither does it become something of another kind.
    assert!(is_conflict(&store.commit(put(&Entry { id: row.id, ..entry(2, 0) }, 1)).await));
    assert_eq!(store.entries(ItemKind::CannedResponse).await.unwrap(), std::slice::from_ref(&row));
    store.commit(put(&changed, 1)).await.unwrap();
    let expected = Entry { version: 2, created_at: row.created_at, ..changed };
    assert_eq!(store.entry(ItemKind::CannedResponse, row.id).await.unwrap(), Some(expected));
}

/// Of each kind for itself; one that goes makes way.
pub async fn a_key_stands_once_on_its_list(store: impl Store) {
    let (one, two) = (named("same", entry(1, 0)), named("other", entry(4, 0)));
    store.commit(put(&one, 0)).await.unwrap();
    store.commit(put(&two, 0)).await.unwrap();
    assert!(is_conflict(&store.commit(put(&named("same", entry(7, 0)), 0)).await));
    assert!(is_conflict(&store.commit(put(&named("same", two.clone()), 1)).await));
    let category = match entry(0, 0).item {
        Item::Category(category) => {
            Item::Category(crate::domain::catalogue::Category { slug: "same".into(), ..category })
        }
        other => other,
    };
    store.commit(put(&Entry { item: category, ..entry(0, 0) }, 0)).await.unwrap();

    let kind = ItemKind::CannedResponse;
    for refused in [remove(kind, 1, 2), remove(ItemKind::Category, 1, 1), remove(kind, 9, 1)] {
        assert!(is_conflict(&store.commit(refused).await));
    }
    store.commit(remove(kind, 1, 1)).await.unwrap();
    assert_eq!(store.entry(kind, one.id).await.unwrap(), None);
    store.commit(put(&named("same", two.clone()), 1)).await.unwrap();
    assert_eq!(store.entries(kind).await.unwrap(), [Entry { version: 2, ..named("same", two) }]);
}
