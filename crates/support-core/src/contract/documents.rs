use super::{
    commits::is_conflict,
    reads::concurrently,
    sample::{document, id, put_document, remove_document, writes},
};
use crate::{
    domain::document::{Document, DocumentKind, Placement},
    ports::{Store, documents::DocumentQuery},
};
use uuid::Uuid;

async fn put(store: &impl Store, row: &Document) {
    store.commit(writes([put_document(row, None)])).await.unwrap();
}

fn placed(document: Document, keys: &[&str], lists: &[(&str, i64)]) -> Document {
    let keys = keys.iter().map(|key| (*key).to_owned()).collect();
    let lists = lists.iter().map(|(list, at)| ((*list).to_owned(), *at)).collect();
    Document { placement: Placement { keys, lists }, ..document }
}

async fn ids(store: &impl Store, query: &DocumentQuery) -> Vec<Uuid> {
    store.documents(query).await.unwrap().items.iter().map(|row| row.id).collect()
}

async fn counts(store: &impl Store, prefix: &str) -> Vec<(String, u64)> {
    store.document_counts(DocumentKind::Review, prefix, 100).await.unwrap()
}

/// By its id and by each of its keys, and among its kind alone.
pub async fn a_document_comes_back_as_it_was(store: impl Store) {
    for n in 0..6 {
        put(&store, &document(n)).await;
    }
    for n in 0..6 {
        let row = document(n);
        assert_eq!(store.document(row.kind, row.id).await.unwrap(), Some(row.clone()));
        for key in &row.placement.keys {
            assert_eq!(store.document_by_key(row.kind, key).await.unwrap(), Some(row.clone()));
            assert_eq!(store.document_by_key(DocumentKind::Vote, key).await.unwrap(), None);
        }
        assert_eq!(store.document(DocumentKind::Vote, row.id).await.unwrap(), None);
    }
    // Of the same id, but of another kind.
    let twin = Document { kind: DocumentKind::Vote, ..document(0) };
    put(&store, &twin).await;
    assert_eq!(store.document(DocumentKind::Vote, twin.id).await.unwrap(), Some(twin));
    assert_eq!(store.document(document(0).kind, document(0).id).await.unwrap(), Some(document(0)));
}

/// Guarded by the version; a body that is long, deep and strange too.
pub async fn a_document_changes_from_what_was_read(store: impl Store) {
    let row = document(1);
    assert!(is_conflict(&store.commit(writes([put_document(&row, Some(&row))])).await), "it is not there yet");
    put(&store, &row).await;
    let body = serde_json::json!({ "text": "ü\u{1F600}\"'\\%_".repeat(20_000), "deep": [[[1, -7, true, null]]] });
    let changed = Document { version: 77, body, ..row.clone() };
    for stale in [None, Some(Document { version: 2, ..row.clone() })] {
        assert!(is_conflict(&store.commit(writes([put_document(&changed, stale.as_ref())])).await));
    }
    assert_eq!(store.document(row.kind, row.id).await.unwrap(), Some(row.clone()));
    store.commit(writes([put_document(&changed, Some(&row))])).await.unwrap();
    let expected = Document { version: 2, ..changed };
    assert_eq!(store.document(row.kind, row.id).await.unwrap(), Some(expected.clone()));
    let ownerless = Document { owner: None, ..expected.clone() };
    store.commit(writes([put_document(&ownerless, Some(&expected))])).await.unwrap();
    assert_eq!(store.document(row.kind, row.id).await.unwrap(), Some(Document { version: 3, ..ownerless }));
}

/// Compared byte by byte; one that goes makes way, in the same change set too.
pub async fn a_key_leads_to_one_document(store: impl Store) {
    let (one, two) = (placed(document(1), &["same", "one"], &[]), placed(document(4), &["Same", "same "], &[]));
    assert_eq!(one.kind, two.kind);
    put(&store, &one).await;
    put(&store, &two).await;
    let other = placed(document(7), &["free", "same"], &[("a", 1)]);
    assert!(is_conflict(&store.commit(writes([put_document(&other, None)])).await));
    let grown = placed(two.clone(), &["Same", "one"], &[]);
    assert!(is_conflict(&store.commit(writes([put_document(&grown, Some(&two))])).await));
    assert_eq!(store.document_by_key(one.kind, "free").await.unwrap(), None);
    assert_eq!(store.document_by_key(one.kind, "same").await.unwrap().map(|row| row.id), Some(one.id));
    assert_eq!(store.document_by_key(one.kind, "SAME").await.unwrap(), None);

    store.commit(writes([remove_document(&one), put_document(&other, None)])).await.unwrap();
    assert_eq!(store.document_by_key(one.kind, "same").await.unwrap(), Some(other));
    assert_eq!(store.document_by_key(one.kind, "one").await.unwrap(), None);
    store.commit(writes([put_document(&grown, Some(&two))])).await.unwrap();
    assert_eq!(store.document_by_key(one.kind, "same ").await.unwrap(), None);
    assert_eq!(store.document_by_key(one.kind, "one").await.unwrap(), Some(Document { version: 2, ..grown }));
}

/// By place, then by id; both ways, page by page.
pub async fn lists_are_read_in_their_order(store: impl Store) {
    let rows: Vec<Document> = [(1, 5), (4, -3), (7, 5), (10, i64::MAX), (13, 5), (16, i64::MIN)]
        .into_iter()
        .map(|(n, at)| placed(document(n), &[], &[("all", at), (&format!("own/{n}"), at)]))
        .collect();
    for row in &rows {
        put(&store, row).await;
    }
    let rising: Vec<Uuid> = [16, 4, 1, 7, 13, 10].map(|n| id::<Uuid>(20, n)).to_vec();
    let falling: Vec<Uuid> = rising.iter().rev().copied().collect();
    for (expected, start) in [
        (&rising, DocumentQuery::rising(DocumentKind::Review, "all", 2)),
        (&falling, DocumentQuery::falling(DocumentKind::Review, "all", 2)),
    ] {
        let whole = DocumentQuery { limit: 50, ..start.clone() };
        assert_eq!(ids(&store, &whole).await, *expected);
        assert_eq!(ids(&store, &DocumentQuery { skip: 4, ..start.clone() }).await, expected[4..]);
        let (mut query, mut walked) = (start, Vec::new());
        loop {
            let slice = store.documents(&query).await.unwrap();
            let Some(last) = slice.items.last() else { break };
            query.after = Some((last.placement.lists["all"], last.id));
            walked.extend(slice.items.iter().map(|row| row.id));
            assert_eq!(slice.more, walked.len() < expected.len());
        }
        assert_eq!(walked, *expected);
    }
    for none in ["", "al", "all/", "ALL", "own"] {
        assert_eq!(ids(&store, &DocumentQuery::rising(DocumentKind::Review, none, 9)).await, Vec::<Uuid>::new());
    }
    assert_eq!(ids(&store, &DocumentQuery::rising(DocumentKind::Vote, "all", 9)).await, Vec::<Uuid>::new());
}

/// With every document that comes, changes or goes; a list on which nothing stands is not told.
pub async fn lists_know_how_many_stand_on_them(store: impl Store) {
    let one = placed(document(1), &[], &[("stars/5", 1), ("all", 1)]);
    let two = placed(document(4), &[], &[("stars/5", 2), ("all", 1)]);
    put(&store, &one).await;
    put(&store, &two).await;
    let told = |counts: &[(&str, u64)]| counts.iter().map(|(list, n)| ((*list).to_owned(), *n)).collect::<Vec<_>>();
    assert_eq!(counts(&store, "").await, told(&[("all", 2), ("stars/5", 2)]));
    let changed = placed(one.clone(), &[], &[("stars/4", 1), ("all", 9), ("stars/Ü", 1)]);
    store.commit(writes([put_document(&changed, Some(&one))])).await.unwrap();
    assert_eq!(counts(&store, "stars/").await, told(&[("stars/4", 1), ("stars/5", 1), ("stars/Ü", 1)]));
    assert_eq!(store.document_counts(DocumentKind::Review, "stars/", 2).await.unwrap().len(), 2);
    store.commit(writes([remove_document(&two)])).await.unwrap();
    assert_eq!(counts(&store, "").await, told(&[("all", 1), ("stars/4", 1), ("stars/Ü", 1)]));
    assert_eq!(counts(&store, "stars/_").await, []);
    let asked = ["stars/5", "all", "stars/4", "ALL", "all"].map(str::to_owned);
    assert_eq!(store.document_counts_on(DocumentKind::Review, &asked).await.unwrap(), [0, 1, 1, 0, 1]);
    assert_eq!(store.document_counts_on(DocumentKind::Review, &[]).await.unwrap(), [0_u64; 0]);
    assert_eq!(store.document_counts(DocumentKind::Vote, "", 9).await.unwrap(), []);

    // What is refused is not counted.
    let refused = writes([put_document(&placed(document(7), &[], &[("all", 1)]), None), remove_document(&two)]);
    assert!(is_conflict(&store.commit(refused).await));
    assert_eq!(counts(&store, "all").await, told(&[("all", 1)]));
}

/// Guarded by the version, and gone from everywhere.
pub async fn a_document_goes_once(store: impl Store) {
    let row = document(1);
    assert!(is_conflict(&store.commit(writes([remove_document(&row)])).await));
    put(&store, &row).await;
    let other_version = Document { version: 2, ..row.clone() };
    let other_kind = Document { kind: DocumentKind::Vote, ..row.clone() };
    for refused in [other_version, other_kind] {
        assert!(is_conflict(&store.commit(writes([remove_document(&refused)])).await));
    }
    store.commit(writes([remove_document(&row)])).await.unwrap();
    assert_eq!(store.document(row.kind, row.id).await.unwrap(), None);
    for list in row.placement.lists.keys() {
        assert_eq!(ids(&store, &DocumentQuery::rising(row.kind, list, 9)).await, Vec::<Uuid>::new());
    }
    assert_eq!(counts(&store, "").await, []);
    assert!(is_conflict(&store.commit(writes([remove_document(&row)])).await));
    put(&store, &row).await;
}

/// Of all kinds, and nobody else's.
pub async fn a_person_finds_what_is_theirs(store: impl Store) {
    for n in 0..9 {
        put(&store, &document(n)).await;
    }
    for owner in 0..3 {
        let mut expected: Vec<Document> = (0..9).map(document).filter(|row| row.owner == Some(id(3, owner))).collect();
        expected.sort_by_key(|row| (row.kind, row.id));
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = store.documents_of(id(3, owner), after, 2).await.unwrap();
            assert!(page.len() <= 2);
            let Some(last) = page.last() else { break };
            after = Some((last.kind, last.id));
            found.extend(page);
        }
        assert_eq!(found, expected);
        assert!(owner == 0 || !found.is_empty());
    }
}

/// Of many who want the same key at once, one gets it.
pub async fn of_many_who_want_a_key_one_gets_it(store: impl Store) {
    let store = &store;
    let seat = |n: u32| {
        let row = placed(document(3 * n + 1), &["seat"], &[("taken", i64::from(n))]);
        async move { store.commit(writes([put_document(&row, None)])).await }
    };
    let results = concurrently(12, seat).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert_eq!(results.iter().filter(|result| is_conflict(result)).count(), 11);
    assert_eq!(counts(store, "taken").await, [("taken".to_owned(), 1)]);
}

/// However many come at once, each is counted.
pub async fn concurrent_documents_are_all_counted(store: impl Store) {
    let store = &store;
    let lists = [("all", 1), ("a", 1), ("b", 1), ("c", 1)];
    let vote = |n: u32| {
        // Written down in turns from either end.
        let mut lists = lists.to_vec();
        if n.is_multiple_of(2) {
            lists.reverse();
        }
        let row = placed(document(3 * n + 1), &[], &lists);
        async move { store.commit(writes([put_document(&row, None)])).await }
    };
    let results = concurrently(24, vote).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(counts(store, "").await, ["a", "all", "b", "c"].map(|list| (list.to_owned(), 24)));
}
