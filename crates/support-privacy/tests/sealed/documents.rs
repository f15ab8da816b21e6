//! What stands in the rows of documents, and keys that come and go.

use crate::common::{both, corrupt, key, keys, reseal, sealed, write};
use support_core::{
    contract::sample::{document, id, put_document, remove_document},
    domain::document::{Document, DocumentKind, Placement},
    memory::MemoryStore,
    ports::{
        Store, Write,
        archive::{ArchiveStore, Record, RecordKind},
        documents::{DocumentQuery, DocumentStore},
    },
};
use support_privacy::{Keys, LookupKey, SealedStore};

const MARKER: &str = "Zebediah";

/// The `n`-th document of a kind, with a person in every field that can hold one, and on a list of all.
fn of_person(kind: DocumentKind, n: u32) -> Document {
    let mut row = Document { kind, owner: Some(id(3, 1)), ..document(n) };
    let body = row.body.as_object_mut().unwrap();
    for field in kind.personal() {
        body.insert((*field).to_owned(), format!("{MARKER} {field} {n}").into());
    }
    body.insert("state".to_owned(), "waiting".into());
    row
}

fn personal() -> Vec<Document> {
    let kinds = DocumentKind::ALL.iter().filter(|kind| !kind.personal().is_empty());
    (1..).zip(kinds).map(|(n, kind)| of_person(*kind, n)).collect()
}

async fn fill(store: &impl Store, rows: &[Document]) {
    for row in rows {
        store.commit(write(put_document(row, None))).await.unwrap();
    }
}

async fn read(store: &impl Store, row: &Document) -> Document {
    store.document(row.kind, row.id).await.unwrap().unwrap()
}

#[tokio::test]
async fn no_document_holds_a_person_in_clear() {
    let (store, rows) = both();
    let all = personal();
    assert!(all.len() >= 3);
    fill(&store, &all).await;
    let changed: Vec<Document> = all
        .iter()
        .map(|row| {
            let mut changed = row.clone();
            changed.body["state"] = "called".into();
            Document { version: 2, ..changed }
        })
        .collect();
    for (row, changed) in all.iter().zip(&changed) {
        store.commit(write(put_document(changed, Some(row)))).await.unwrap();
    }
    let restored = of_person(DocumentKind::Inquiry, 50);
    store.commit(write(Write::Restore(Record::Document(Box::new(restored.clone()))))).await.unwrap();

    let everything = format!("{rows:?}");
    assert!(everything.contains("called"), "the search would find a name");
    assert!(!everything.contains(MARKER), "{everything}");
    let raw = read(&rows, &all[0]).await;
    for field in raw.kind.personal() {
        assert!(raw.body[field].as_str().unwrap().starts_with("sealed:1:a:"), "{field}");
    }

    for row in changed.iter().chain([&restored]) {
        assert_eq!(read(&store, row).await, *row);
        for key in &row.placement.keys {
            assert_eq!(store.document_by_key(row.kind, key).await.unwrap().as_ref(), Some(row));
        }
        let list = store.documents(&DocumentQuery::rising(row.kind, "all", 9)).await.unwrap().items;
        assert!(list.contains(row));
        assert!(store.document_counts(row.kind, "all", 9).await.unwrap()[0].1 > 0);
        assert!(store.documents_of(id(3, 1), None, 99).await.unwrap().contains(row));
        let records = store.records(RecordKind::Documents, None, 99).await.unwrap();
        assert!(records.iter().any(|(_, record)| *record == Record::Document(Box::new(row.clone()))));
    }
    store.commit(write(remove_document(&changed[0]))).await.unwrap();
    assert_eq!(store.document(all[0].kind, all[0].id).await.unwrap(), None);
}

/// Nothing is sealed that is empty or is not there; and nothing in documents that nobody is named in.
#[tokio::test]
async fn what_names_nobody_stays_as_it_is() {
    let (store, rows) = both();
    let none = |n, body| Document { kind: DocumentKind::Callback, body, ..document(n) };
    let plain = [
        none(1, serde_json::json!({ "name": "", "phone": null, "at": 7 })),
        none(2, serde_json::json!({})),
        none(3, serde_json::json!("no object")),
        Document { kind: DocumentKind::Article, body: serde_json::json!({ "name": "How to pay" }), ..document(4) },
    ];
    fill(&store, &plain).await;
    for row in &plain {
        assert_eq!(read(&rows, row).await, *row);
        assert_eq!(read(&store, row).await, *row);
    }
}

/// Whatever stands in a field comes back as it was, and a text that looks like something else stays a text.
#[tokio::test]
async fn what_is_no_text_is_sealed_as_well() {
    let (store, rows) = both();
    let values = [
        serde_json::json!([MARKER, { "since": 7, "secret": MARKER }]),
        serde_json::json!({ "phone": [MARKER] }),
        serde_json::json!(["[]", 0.1, 1e308, u64::MAX, i64::MIN, null, true]),
        serde_json::json!([]),
        serde_json::json!(7),
        serde_json::json!(false),
        serde_json::json!("[1]"),
        serde_json::json!("null"),
        serde_json::json!("\"Ada\""),
    ];
    let all: Vec<Document> = (1..)
        .zip(&values)
        .flat_map(|(n, value)| {
            [(DocumentKind::Webhook, "secrets", n), (DocumentKind::Preferences, "reach", n)].map(|of| (of, value))
        })
        .map(|((kind, field, n), value)| {
            let mut row = of_person(kind, n);
            row.body[field] = value.clone();
            row
        })
        .collect();
    fill(&store, &all).await;
    assert!(!format!("{rows:?}").contains(MARKER));
    for row in &all {
        let raw = read(&rows, row).await;
        for field in row.kind.personal() {
            assert!(raw.body[field].as_str().unwrap().starts_with("sealed:1:a:"), "{}", row.body[field]);
        }
        assert_eq!(read(&store, row).await, *row);
    }
    assert_eq!(reseal(&store).await.resealed, 0, "equal values are sealed alike");

    // Neither in the place of a text, nor in another document.
    let [one, text, other] = [&all[0], &all[12], &all[2]];
    assert_eq!([&one.body["secrets"], &text.body["secrets"]], [&values[0], &values[6]]);
    let raw = read(&rows, one).await;
    for (version, forged) in (1..).zip([raw.body["secrets"].clone(), read(&rows, other).await.body["secrets"].clone()])
    {
        let field = if version == 1 { "url" } else { "secrets" };
        let mut row = raw.clone();
        row.body[field] = forged;
        let before = Document { version, ..raw.clone() };
        rows.commit(write(put_document(&row, Some(&before)))).await.unwrap();
        assert_eq!(corrupt(store.document(one.kind, one.id).await).1, field);
    }
}

/// As it was before values were sealed.
#[tokio::test]
async fn what_was_in_clear_is_read_and_resealed() {
    let (store, rows) = both();
    let mut row = of_person(DocumentKind::Webhook, 1);
    row.body["secrets"] = serde_json::json!([MARKER]);
    fill(&rows, &[row.clone()]).await;
    assert_eq!(read(&store, &row).await, row);
    assert_eq!(reseal(&store).await.resealed, 1);
    assert!(!format!("{rows:?}").contains(MARKER));
    assert_eq!(read(&store, &row).await, Document { version: 2, ..row });
}

#[tokio::test]
async fn what_stands_in_another_document_does_not_open() {
    let (store, rows) = both();
    let [one, other] = [1, 2].map(|n| of_person(DocumentKind::Callback, n));
    let twin = Document { kind: DocumentKind::Inquiry, placement: Placement::default(), ..one.clone() };
    fill(&store, &[one.clone(), other.clone(), twin.clone()]).await;
    let mine = read(&rows, &one).await;
    let others = [
        ("name", read(&rows, &other).await.body["name"].clone()),
        ("name", read(&rows, &twin).await.body["name"].clone()),
        ("phone", mine.body["name"].clone()),
    ];
    for (version, (field, value)) in (1..).zip(others) {
        let mut forged = mine.clone();
        forged.body[field] = value;
        let before = Document { version, ..mine.clone() };
        rows.commit(write(put_document(&forged, Some(&before)))).await.unwrap();
        let (table, column, of, _) = corrupt(store.document(one.kind, one.id).await);
        assert_eq!((table, column, of), ("documents", field, format!("callback:{}", one.id)));
        corrupt(store.documents(&DocumentQuery::rising(one.kind, "all", 9)).await);
    }
    assert_eq!(read(&store, &other).await, other, "the other one is as it was");
}

#[tokio::test]
async fn an_old_key_can_go_when_every_document_is_resealed() {
    let rows = MemoryStore::new();
    let all = personal();
    fill(&sealed(&rows), &all).await;
    fill(&rows, &[document(70), of_person(DocumentKind::Callback, 80)]).await;
    let lookup = || LookupKey::new([9; 32]);
    let store = SealedStore::new(rows.clone(), Keys::new(key("b", 2), lookup()).also(key("a", 1)).unwrap());
    let walk = reseal(&store).await;
    let expected = all.len() as u64 + 1;
    assert_eq!((walk.seen, walk.resealed, walk.is_complete()), (expected, expected, true));
    let written = format!("{rows:?}");
    assert!(!written.contains("sealed:1:a:") && !written.contains(MARKER));
    assert_eq!(reseal(&store).await.resealed, 0);
    assert_eq!(format!("{rows:?}"), written);

    let new = SealedStore::new(rows.clone(), Keys::new(key("b", 2), lookup()));
    for row in &all {
        assert_eq!(read(&new, row).await, Document { version: 2, ..row.clone() });
        let list = new.documents(&DocumentQuery::rising(row.kind, "all", 9)).await.unwrap().items;
        assert!(list.iter().any(|found| found.id == row.id), "lists stay");
    }
    let (_, _, of, _) = corrupt(SealedStore::new(rows.clone(), keys()).document(all[0].kind, all[0].id).await);
    let walk = reseal(&sealed(&rows)).await;
    assert!(!walk.is_complete() && walk.is_done());
    assert_eq!(walk.unreadable_documents.len() as u64, expected);
    assert_eq!(of, format!("{}:{}", all[0].kind, all[0].id));
}
