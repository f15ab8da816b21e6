//! What is left in the files of somebody who was forgotten.

use crate::{SqliteOptions, SqliteStore, Synchronous, row::all};
use std::{collections::BTreeSet, path::Path};
use support_core::{
    contract::sample::{add, at, bare_ticket, erasure, event, id, message, note, opening, operation, request, ticket},
    contract::sample::{document, put_document, remove_document, time_entry, writes},
    domain::{
        access::Holding,
        document::{Document, Placement},
        event::{Event, Fact},
        id::CustomerId,
        message::Message,
        operation::Deed,
        search::{Batch, Label, SearchKey, Searchable, Sight},
        ticket::{Related, Resolution, Satisfaction, Ticket},
    },
    ports::{
        ChangeSet, Store, StoreError, Write, documents::DocumentStore, messages::MessageStore, search::Search,
        tickets::TicketStore,
    },
};
use tempfile::TempDir;

async fn make() -> (SqliteStore, TempDir) {
    let dir = tempfile::tempdir().expect("a directory");
    let options = SqliteOptions::new(dir.path().join("support.db")).synchronous(Synchronous::Normal);
    (options.open().await.expect("a store"), dir)
}

/// A word that stands nowhere else, for one text that a person can leave.
fn word(place: &str, n: u32) -> String {
    format!(
        "zq{place}{}",
        (0..6).map(|digit| char::from(b'a' + (n / 26_u32.pow(digit) % 26) as u8)).collect::<String>()
    )
}

const PLACES: [&str; 30] = [
    "name",
    "email",
    "phone",
    "key",
    "subject",
    "first",
    "reply",
    "staff",
    "note",
    "attachment",
    "feedback",
    "summary",
    "inner",
    "metadata",
    "field",
    "tag",
    "label",
    "reason",
    "before",
    "spent",
    "answer",
    "docbody",
    "dockey",
    "doclist",
    "hitnumber",
    "hittitle",
    "hittext",
    "hitnote",
    "hittag",
    "hitlabel",
];

fn customer() -> CustomerId {
    let id: CustomerId = id(3, 7);
    CustomerId(uuid::Uuid::from_u128(id.uuid().as_u128() | 0x00c0_ffee_1234_5678_9abc_def0_0000_0000))
}

/// Beginnings of words that lie all over the alphabet, so that pages of an index fill up in their middle.
fn scattered(n: u32) -> impl Iterator<Item = String> {
    let letters = move |k: u32| {
        let draw = (n * 8 + k).wrapping_mul(2_654_435_761);
        (0..4).map(|place| char::from(b'a' + (draw >> (6 * place + 4) & 15) as u8)).collect()
    };
    (0..8).map(letters)
}

/// The `n`-th ticket of the person, in the `edition`-th wording.
fn theirs(n: u32, edition: u32) -> Ticket {
    let w = |place| word(place, n * 4 + edition);
    let mut row = ticket(n);
    row.customer = customer();
    row.customer_name = w("name");
    row.opened_by.id = Some(customer().uuid());
    row.opened_by.name = w("name");
    row.subject = format!("Lost {}", w("subject"));
    row.reach.email = Some(format!("{}@example.org", w("email")));
    row.reach.phone = Some(w("phone"));
    row.reach.email_key = Some(format!("{}@example.org", w("key")));
    row.tags = scattered(n * 4 + edition).map(|start| start + &w("tag")).chain([w("tag")]).collect();
    row.metadata = serde_json::json!({ w("metadata"): [w("metadata")] }).as_object().cloned().unwrap();
    row.fields = serde_json::json!({ "vin": w("field") }).as_object().cloned().unwrap();
    row.related = vec![Related { kind: "order".into(), id: w("label"), label: Some(w("label")) }];
    row.resolution = row.resolution.map(|was| Resolution { summary: w("summary"), notes: Some(w("inner")), ..was });
    row.satisfaction = row.satisfaction.map(|was| Satisfaction { feedback: Some(w("feedback")), ..was });
    row
}

fn said(n: u32, place: &str, edition: u32, message: Message) -> Message {
    let word = word(place, n * 4 + edition);
    let mut message = Message { body: format!("It is {word}, {}", "truly ".repeat(40)), ..message };
    message.author.name = self::word("name", n * 4);
    for link in &mut message.attachments {
        link.url = format!("https://example.org/{}", self::word("attachment", n * 4 + edition));
    }
    message
}

fn told(n: u32, number: u32, fact: Fact) -> Event {
    let mut event = Event { fact, ..event(number, &theirs(n, 0)) };
    event.actor = theirs(n, 0).opened_by;
    event
}

/// Opens a ticket of the person and leaves every kind of text on it.
fn opened(n: u32) -> ChangeSet {
    let row = theirs(n, 0);
    let number = |k: u32| 1_000_000 + n * 10 + k;
    let mut reply = said(n, "staff", 0, message(number(2), &row));
    reply.author = support_core::domain::actor::Actor::agent(uuid::Uuid::from_u128(1), "Grace").signature();
    let spent = support_core::domain::time_entry::TimeEntry {
        note: Some(word("spent", n * 4)),
        ..time_entry(number(0), row.id)
    };
    let mut asked = request(number(0), 1);
    asked.about = vec![id(3, 77), customer()];
    asked.key.principal = format!("customer:{}", customer());
    asked.answer = word("answer", n * 4).into_bytes();
    let mut deed = operation(number(0) / 3 * 3, row.id, row.id);
    if let Deed::Merge { before, .. } = &mut deed.deed {
        before.resolution = row.resolution.clone();
    }
    let facts = [
        Fact::SubjectChanged { from: row.subject.clone(), to: word("before", n * 4) },
        Fact::Reopened { reason: Some(word("reason", n * 4)) },
        Fact::MessageEdited { message: id(2, n), before: Some(word("before", n * 4)), internal: false },
        Fact::MetadataChanged { from: row.metadata.clone(), to: row.fields.clone() },
        Fact::RelatedChanged { from: row.related.clone(), to: Vec::new() },
        Fact::TagsChanged { from: row.tags.clone(), to: BTreeSet::new() },
        Fact::Rated { satisfaction: row.satisfaction.clone().unwrap() },
    ];
    let first = said(n, "first", 0, message(number(0), &row));
    ChangeSet {
        guards: Vec::new(),
        writes: vec![
            Write::OpenTicket { ticket: Box::new(row.clone()), message: Box::new(first) },
            Write::AddMessage { message: Box::new(said(n, "reply", 0, message(number(1), &row))), touch: true },
            Write::AddMessage { message: Box::new(reply), touch: true },
            Write::AddMessage { message: Box::new(said(n, "note", 0, note(number(3), &row))), touch: true },
            Write::AddTimeEntry(Box::new(spent)),
            Write::AddOperation(Box::new(deed)),
            Write::RememberRequest { request: Box::new(asked), expired: at(0) },
        ],
        events: (0..).zip(facts).map(|(k, fact)| told(n, number(k), fact)).collect(),
    }
}

/// Says everything in another way, several times.
fn reworded(n: u32, edition: u32) -> ChangeSet {
    let row = theirs(n, edition);
    let number = |k: u32| 1_000_000 + n * 10 + k;
    let first = said(n, "first", edition, message(number(0), &row));
    let read = edition - 1;
    writes([
        Write::UpdateTicket { ticket: Box::new(row.clone()), read: u64::from(edition) },
        Write::UpdateMessage { message: Box::new(first), read },
        Write::UpdateMessage { message: Box::new(said(n, "reply", edition, message(number(1), &row))), read },
    ])
}

/// The `n`-th document of the person, in the `edition`-th wording.
fn kept(n: u32, edition: u32) -> Document {
    let w = |place| word(place, n * 4 + edition);
    let starts = || scattered(n * 4 + edition);
    Document {
        id: id(20, 500_000 + n),
        owner: Some(customer()),
        version: u64::from(edition) + 1,
        placement: Placement {
            keys: starts().map(|start| start + &w("dockey")).collect(),
            lists: starts().map(|start| (start + &w("doclist"), i64::from(n))).collect(),
        },
        body: serde_json::json!({ "name": w("docbody"), "text": w("docbody").repeat(9) }),
        ..document(1)
    }
}

/// What the index knows of the `n`-th ticket of the person, in the `edition`-th wording.
fn searchable(n: u32, edition: u32) -> Searchable {
    let w = |place| word(place, n * 4 + edition);
    let tags = scattered(n * 4 + edition).map(|start| (Label::Tag, start + &w("hittag")));
    Searchable {
        key: SearchKey::ticket(id(1, 500_000 + n)),
        number: Some(w("hitnumber")),
        title: w("hittitle"),
        text: format!("{} {}", scattered(n + edition).collect::<Vec<_>>().join(" "), w("hittext")),
        notes: w("hitnote"),
        labels: tags.chain([(Label::Category, w("hitlabel"))]).collect(),
        sight: Sight::Ticket(Holding { customer: customer(), assignee: None }),
        at: at(i64::from(edition)),
    }
}

/// Keeps and indexes what is the person's, in one wording after another, beside what is not.
async fn tell(store: &SqliteStore, n: u32) {
    let other = Searchable { key: SearchKey::ticket(id(1, n)), ..searchable(n, 0) };
    let lasting = |text: &str| text.replace("zq", "mine");
    let other = Searchable {
        number: None,
        title: lasting(&other.title),
        text: lasting(&other.text),
        notes: lasting(&other.notes),
        labels: [].into(),
        sight: Sight::Ticket(Holding { customer: id(3, 1), assignee: None }),
        ..other
    };
    store.index(&Batch { put: vec![other, searchable(n, 0)], ..Batch::default() }).await.unwrap();
    let stays = document(3 * n + 1);
    store.commit(writes([put_document(&stays, None), put_document(&kept(n, 0), None)])).await.unwrap();
    for edition in 1..3 {
        store.index(&Batch { put: vec![searchable(n, edition)], ..Batch::default() }).await.unwrap();
        store.commit(writes([put_document(&kept(n, edition), Some(&kept(n, edition - 1)))])).await.unwrap();
    }
}

async fn take_back(store: &SqliteStore, n: u32) {
    store.commit(writes([remove_document(&kept(n, 2))])).await.unwrap();
    store.index(&Batch { remove: vec![searchable(n, 0).key], ..Batch::default() }).await.unwrap();
}

/// Where the files still hold something of the person, in whatever case: texts are indexed in lower case.
fn left(dir: &Path) -> BTreeSet<String> {
    let uuid = customer().uuid();
    let forms = [uuid.as_bytes().to_vec(), uuid.simple().to_string().into(), uuid.to_string().into()];
    let mut left = BTreeSet::new();
    for file in ["support.db", "support.db-wal", "support.db-shm"] {
        let bytes = std::fs::read(dir.join(file)).unwrap_or_default().to_ascii_lowercase();
        for start in (0..bytes.len()).filter(|start| bytes[*start..].starts_with(b"zq")) {
            let found = PLACES.iter().filter(|place| bytes[start + 2..].starts_with(place.as_bytes()));
            left.extend(found.map(|place| format!("{place} in {file}")));
        }
        for form in &forms {
            if bytes.windows(form.len()).any(|part| part == form.to_ascii_lowercase()) {
                left.insert(format!("id in {file}"));
            }
        }
    }
    left
}

async fn check_words(store: &SqliteStore) {
    for index in ["support_ticket_text", "support_searchable_text"] {
        let check = format!("INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)");
        store.writer.run(move |conn| Ok(conn.execute(&check, [])?)).await.unwrap();
    }
    let intact =
        |conn: &rusqlite::Connection| all(conn, "PRAGMA integrity_check", [], |row| Ok(row.get::<_, String>(0)?));
    assert_eq!(store.writer.run(intact).await.unwrap(), ["ok"]);
}

fn forget() -> ChangeSet {
    let erasure = support_core::domain::erasure::Erasure { customer: customer(), ..erasure(1) };
    writes([Write::Erase(Box::new(erasure))])
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_person_is_left_in_the_files() {
    let (store, dir) = make().await;
    let tickets = [2_u32, 5, 9];
    for n in 0..12 {
        if tickets.contains(&n) {
            store.commit(opened(n)).await.unwrap();
            for edition in 1..4 {
                store.commit(reworded(n, edition)).await.unwrap();
            }
        } else {
            store.commit(opening(&ticket(n), n)).await.unwrap();
        }
    }
    for n in 0..9 {
        tell(&store, n).await;
    }
    let before = left(dir.path());
    for place in PLACES {
        assert!(before.iter().any(|found| found.starts_with(place)), "{place} is never written");
    }
    store.commit(forget()).await.unwrap();
    for n in 0..9 {
        take_back(&store, n).await;
    }
    check_words(&store).await;
    store.scrub().await.unwrap();
    assert_eq!(left(dir.path()), BTreeSet::new());
    check_words(&store).await;
    assert!(store.ticket(id(1, 2)).await.unwrap().is_some());
    store.commit(add(message(77, &bare_ticket(2)), true)).await.unwrap();
    assert_eq!(store.document(document(1).kind, document(1).id).await.unwrap(), Some(document(1)));
}

/// An index can be scrubbed by itself, or be emptied as a whole.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_what_was_taken_from_an_index() {
    for whole in [false, true] {
        let (store, dir) = make().await;
        for n in 0..200 {
            tell(&store, n).await;
        }
        assert!(left(dir.path()).iter().any(|found| found.starts_with("hittext")));
        for n in 0..200 {
            store.commit(writes([remove_document(&kept(n, 2))])).await.unwrap();
            if !whole {
                store.index(&Batch { remove: vec![searchable(n, 0).key], ..Batch::default() }).await.unwrap();
            }
        }
        if whole {
            store.clear_index().await.unwrap();
        }
        store.scrub_index().await.unwrap();
        assert_eq!(left(dir.path()), BTreeSet::new());
        check_words(&store).await;
    }
}

/// Pages that filled up were spread over others, and what stood on them lies behind their ends.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_where_rows_have_been_moved_about() {
    let (store, dir) = make().await;
    let others = |n: u32| !n.is_multiple_of(3);
    for n in 0..600 {
        let tags = scattered(n).map(|start| start.repeat(1 + n as usize % 9)).collect();
        let other = Ticket { tags, ..ticket(n) };
        let mut changes = if others(n) { opening(&other, 2_000_000 + n) } else { opened(n) };
        // What stands before it grows, so that pages fill up in their middle.
        let earlier = n.wrapping_mul(2_654_435_761) % (n + 1);
        let known = store.message(id(1, earlier), id(2, 2_000_000 + earlier)).await.unwrap();
        if let Some(message) = known {
            let (body, read) = (message.body.repeat(2), message.revision);
            if body.len() < 3_000 {
                changes.writes.push(Write::UpdateMessage { message: Box::new(Message { body, ..message }), read });
            }
        }
        store.commit(changes).await.unwrap();
        if !others(n) {
            store.commit(reworded(n, 1)).await.unwrap();
        }
    }
    store.commit(forget()).await.unwrap();
    store.scrub().await.unwrap();
    assert_eq!(left(dir.path()), BTreeSet::new());
    check_words(&store).await;
}

/// Readers who hold a connection hinder nobody; one who reads is waited for, but not for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_in_the_way_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("support.db");
    let options = SqliteOptions::new(&path).busy_timeout(std::time::Duration::from_millis(50));
    let store = options.open().await.unwrap();
    store.commit(opened(1)).await.unwrap();
    let reader = rusqlite::Connection::open(&path).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM support_tickets;").unwrap();
    store.commit(forget()).await.unwrap();
    let refused = store.scrub().await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    store.commit(opening(&ticket(2), 2)).await.unwrap();
    reader.execute_batch("COMMIT").unwrap();
    store.scrub().await.unwrap();
    assert_eq!(left(dir.path()), BTreeSet::new());
}
