//! What stands in the rows, and what comes out of them.

use crate::common::{self, authors, both, corrupt, customer, events, find, keys, messages, query, row, sealed, write};
use proptest::prelude::*;
use support_core::{
    contract::sample::{add, at, bare_ticket, event, id, message, open, opening, ticket, update},
    domain::{
        actor::{Role, Signature},
        event::Event,
        message::Message,
        request::{Request, RequestKey},
        ticket::{Reach, Ticket, TicketFilter},
    },
    memory::MemoryStore,
    ports::{
        ChangeSet, Store, StoreError, Write,
        messages::{MessageQuery, MessageStore},
        requests::RequestStore,
        tickets::TicketStore,
    },
};
use support_privacy::{Key, Keys, LookupKey, SealedStore};

const MARKER: &str = "Zebediah";

fn marked(n: u32) -> Ticket {
    let name = format!("{MARKER} Pike");
    let email = format!("{MARKER}@Example.org");
    Ticket {
        customer_name: name.clone(),
        opened_by: customer(n % 3, &name),
        reach: Reach { email_key: Some(Reach::key(&email)), email: Some(email), phone: Some(format!("+44 {MARKER}")) },
        ..ticket(n)
    }
}

fn request(answer: &str) -> Request {
    let key = RequestKey { principal: "customer:1".into(), key: "once".into() };
    Request { key, digest: [3; 32], answer: answer.as_bytes().to_vec(), about: vec![id(3, 1)], at: at(1) }
}

#[tokio::test]
async fn no_row_holds_anything_in_clear() {
    let (store, rows) = both();
    let one = marked(1);
    let signed = |n, role, author: Option<u32>, name: &str| Message {
        author: Signature { role, id: author.map(|n| id(3, n)), name: name.to_owned() },
        ..message(n, &one)
    };
    let name = one.customer_name.as_str();
    let told = |n, actor| Event { actor, ..event(n, &one) };
    let changes = ChangeSet {
        guards: Vec::new(),
        writes: vec![
            Write::OpenTicket {
                ticket: Box::new(one.clone()),
                message: Box::new(signed(1, Role::Customer, Some(1), name)),
            },
            Write::RememberRequest {
                request: Box::new(request(&format!("{{\"name\":\"{MARKER}\"}}"))),
                expired: at(0),
            },
        ],
        events: vec![told(1, customer(1, name)), told(2, customer(2, "Zebediah II")), event(3, &one)],
    };
    store.commit(changes).await.unwrap();
    let said = [
        signed(2, Role::Customer, Some(1), name),
        signed(3, Role::Customer, Some(1), "Zebediah as he was called"),
        signed(4, Role::Customer, Some(2), name),
        signed(5, Role::Guest, None, name),
        signed(6, Role::Guest, None, ""),
        signed(7, Role::Customer, Some(1), ""),
        signed(8, Role::Agent, Some(1), "Agent Smith"),
    ];
    for message in &said {
        store.commit(add(message.clone(), true)).await.unwrap();
    }
    let edited = Message { body: "Corrected".into(), ..said[0].clone() };
    store.commit(write(Write::UpdateMessage { message: Box::new(edited.clone()), read: 0 })).await.unwrap();
    let late = ChangeSet { events: vec![told(4, customer(1, name))], ..ChangeSet::default() };
    store.commit(late).await.unwrap();

    let everything = format!("{rows:?}").to_lowercase();
    assert!(everything.contains("agent smith") && everything.contains("corrected"), "the search would find a name");
    assert!(!everything.contains(&MARKER.to_lowercase()), "{everything}");
    let answer = rows.request(&request("").key).await.unwrap().unwrap().answer;
    assert!(answer.starts_with(b"sealed:1:a:"));
    assert!(!answer.windows(MARKER.len()).any(|bytes| bytes == MARKER.as_bytes()));

    let one = Ticket { updated_at: row(&store, &one).await.updated_at, ..one.clone() };
    assert_eq!(row(&store, &one).await, one);
    let read = messages(&store, one.id).await;
    assert_eq!(read[1], Message { revision: 1, ..edited });
    assert_eq!(read[2..], said[1..]);
    let actors: Vec<String> = events(&store, one.id).await.into_iter().map(|event| event.actor.name).collect();
    assert_eq!(actors, [name, "Zebediah II", "auto-close", name]);
    let answered = store.request(&request("").key).await.unwrap().unwrap();
    assert_eq!(answered, request(&format!("{{\"name\":\"{MARKER}\"}}")));
    assert_eq!(store.tickets(&query(TicketFilter::default())).await.unwrap().items[0].customer_name, name);
    assert_eq!(store.message(one.id, id(2, 1)).await.unwrap().unwrap().author.name, name);
}

#[tokio::test]
async fn an_address_is_found_by_its_key_alone() {
    let (store, rows) = both();
    let (one, other) = (marked(1), ticket(2));
    open(&store, &one, 1).await;
    open(&store, &other, 2).await;
    for spelling in ["Zebediah@Example.org", "ZEBEDIAH@EXAMPLE.ORG", " zebediah@example.org"] {
        assert_eq!(find(&store, &Reach::key(spelling)).await, [one.id]);
    }
    assert_eq!(find(&store, "zebediah@example.com").await, []);
    let hash = row(&rows, &one).await.reach.email_key.unwrap();
    assert_eq!((hash.len(), hash.bytes().all(|byte| byte.is_ascii_hexdigit())), (64, true));
    assert_eq!(find(&store, &hash).await, [], "who knows the hash does not find the ticket by it");
    assert_eq!(find(&rows, "zebediah@example.org").await, []);
    let strangers = Keys::new(Key::new("a", [1; 32]).unwrap(), LookupKey::new([8; 32]));
    assert_eq!(find(&SealedStore::new(rows, strangers), "zebediah@example.org").await, []);
}

#[tokio::test]
async fn what_stands_elsewhere_does_not_open() {
    let (store, rows) = both();
    let (one, other) = (marked(1), marked(2));
    open(&store, &one, 1).await;
    open(&store, &other, 2).await;
    let (mine, theirs) = (row(&rows, &one).await, row(&rows, &other).await);
    let Reach { email, phone, email_key } = mine.reach.clone();
    let reach = |email, phone| Reach { email, phone, email_key: email_key.clone() };
    let cases = [
        ("customer_name", Ticket { customer_name: theirs.customer_name, ..mine.clone() }),
        ("customer_name", Ticket { customer_name: mine.opened_by.name.clone(), ..mine.clone() }),
        ("opened_by", Ticket { opened_by: theirs.opened_by, ..mine.clone() }),
        ("email", Ticket { reach: reach(theirs.reach.email, phone.clone()), ..mine.clone() }),
        ("phone", Ticket { reach: reach(email.clone(), theirs.reach.phone), ..mine.clone() }),
        ("phone", Ticket { reach: reach(email.clone(), email.clone()), ..mine.clone() }),
    ];
    for (version, (column, changed)) in (1..).zip(cases) {
        rows.commit(update(&changed, version)).await.unwrap();
        let (table, found, of, reason) = corrupt(store.ticket(one.id).await);
        assert_eq!((table, found, of), ("tickets", column, one.id.to_string()));
        assert!(reason.contains("`a`"), "{reason}");
        corrupt(store.ticket_by_number(&one.number).await);
    }
    assert_eq!(row(&store, &other).await, other, "the other one is as it was");
}

#[tokio::test]
async fn names_of_messages_do_not_open_elsewhere() {
    let (store, rows) = both();
    let one = marked(1);
    open(&store, &one, 1).await;
    let said = |n: u32, author| Message { author, ..message(n, &one) };
    let here = customer(1, &one.customer_name);
    store.commit(add(said(2, here.clone()), false)).await.unwrap();
    store.commit(add(said(3, customer(2, "Eve")), false)).await.unwrap();
    let raw = messages(&rows, one.id).await;
    assert_eq!(raw[1].author.name.split(':').nth(2), Some(".ref"));
    assert_eq!(raw[2].author.name.split(':').nth(2), Some(".name"));
    for (n, author) in [(4, raw[1].author.clone()), (5, raw[2].author.clone())] {
        let victim = Ticket { id: id(1, n), number: format!("V-{n}"), ..marked(1) };
        rows.commit(opening(&victim, n + 10)).await.unwrap();
        rows.commit(add(Message { author, ticket: victim.id, ..message(n, &victim) }, false)).await.unwrap();
        let page = MessageQuery { ticket: victim.id, internal: false, after: None, limit: 9 };
        let (table, column, of, _) = corrupt(store.messages(&page).await);
        assert_eq!((table, column, of), ("messages", "author", id::<uuid::Uuid>(2, n).to_string()));
        corrupt(store.message(victim.id, id(2, n)).await);
    }
}

#[tokio::test]
async fn an_unknown_key_is_said_by_its_id() {
    let (store, rows) = both();
    let one = marked(1);
    open(&store, &one, 1).await;
    store.commit(write(Write::RememberRequest { request: Box::new(request("yes")), expired: at(0) })).await.unwrap();
    let other = Keys::new(Key::new("b", [1; 32]).unwrap(), LookupKey::new([9; 32]));
    let other = SealedStore::new(rows, other);
    let (table, column, _, reason) = corrupt(other.ticket(one.id).await);
    assert_eq!((table, column), ("tickets", "customer_name"));
    assert_eq!(reason, "it is sealed under the key `a`, which is not among the keys");
    let (table, column, of, _) = corrupt(other.request(&request("").key).await);
    assert_eq!((table, column, of.as_str()), ("requests", "answer", "10:customer:1:once"));
}

/// It is sealed like any other text; in a row of before it is the text it is, unless it is a seal to the letter.
#[tokio::test]
async fn a_false_prefix_harms_nobody() {
    let (store, rows) = both();
    let typed = |n: u32, name: &str| Ticket { customer_name: name.to_owned(), ..bare_ticket(n) };
    let forged = format!("sealed:1:a:{}", "A".repeat(40));
    let cases = [typed(1, "sealed:1:"), typed(2, "sealed:1:a:Ada"), typed(3, &forged)];
    for (n, case) in (1..).zip(&cases) {
        open(&store, case, n).await;
        assert_eq!(row(&store, case).await, *case);
        assert_ne!(row(&rows, case).await.customer_name, case.customer_name);
    }

    let before = MemoryStore::new();
    for (n, case) in (1..).zip(&cases) {
        open(&before, case, n).await;
    }
    let store = sealed(&before);
    assert_eq!(row(&store, &cases[0]).await, cases[0]);
    assert_eq!(row(&store, &cases[1]).await, cases[1]);
    corrupt(store.ticket(cases[2].id).await);
    let list = store.tickets(&query(TicketFilter::default())).await.unwrap().items;
    let names: Vec<&str> = list.iter().map(|row| row.customer_name.as_str()).collect();
    assert_eq!(names, [&forged, "sealed:1:a:Ada", "sealed:1:"]);
    let walk = common::reseal(&store).await;
    assert_eq!((walk.resealed, walk.unreadable.as_slice()), (2, [cases[2].id].as_slice()));
    assert!(walk.is_done() && !walk.is_complete());
}

#[tokio::test]
async fn a_plan_can_be_sealed_for_another_transaction() {
    let (store, rows) = both();
    let one = marked(1);
    let plan = store.seal(opening(&one, 1)).await.unwrap();
    assert!(!format!("{plan:?}").contains(MARKER));
    rows.commit(plan).await.unwrap();
    assert_eq!(row(&store, &one).await, one);
    assert_eq!(authors(&store, one.id).await, ["Ada Lovelace"]);
    let edited = Message { author: customer(1, MARKER), ..message(1, &one) };
    let plan = write(Write::UpdateMessage { message: Box::new(edited), read: 0 });
    let plan = store.seal(plan).await.unwrap();
    assert!(!format!("{plan:?}").contains(MARKER), "not even where the store looks at the author no more");
}

#[tokio::test]
async fn conflicts_stay_conflicts() {
    let (store, _) = both();
    let one = marked(1);
    let said = add(message(2, &one), true);
    assert!(matches!(store.commit(said.clone()).await, Err(StoreError::Conflict)), "on no ticket");
    open(&store, &one, 1).await;
    store.commit(said.clone()).await.unwrap();
    assert!(matches!(store.commit(said).await, Err(StoreError::Conflict)), "twice");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_sealed_comes_back(
        name in ".*",
        opener in ".*",
        author in ".*",
        same in any::<bool>(),
        (email, phone, email_key) in any::<(Option<String>, Option<String>, Option<String>)>(),
        answer in any::<Vec<u8>>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let store = SealedStore::new(MemoryStore::new(), keys());
            let opened_by = customer(1, &opener);
            let reach = Reach { email, phone, email_key };
            let one = Ticket { customer_name: name.clone(), opened_by, reach, ..ticket(1) };
            let said = Message { author: customer(1, if same { &name } else { &author }), ..message(1, &one) };
            let told = Event { actor: said.author.clone(), ..event(1, &one) };
            let request = Request { answer, ..request("") };
            let changes = ChangeSet {
                guards: Vec::new(),
                writes: vec![
                    Write::OpenTicket { ticket: Box::new(one.clone()), message: Box::new(said.clone()) },
                    Write::RememberRequest { request: Box::new(request.clone()), expired: at(0) },
                ],
                events: vec![told.clone()],
            };
            store.commit(changes).await.unwrap();
            assert_eq!(messages(&store, one.id).await, [said]);
            assert_eq!(events(&store, one.id).await, [told]);
            assert_eq!(store.request(&request.key).await.unwrap().as_ref(), Some(&request));
            if let Some(key) = &one.reach.email_key {
                assert_eq!(find(&store, key).await, [one.id]);
            }
            assert_eq!(row(&store, &one).await, one);
        });
    }
}
