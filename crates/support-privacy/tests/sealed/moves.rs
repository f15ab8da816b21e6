//! Names on messages that are moved, on tickets that are renamed, and of people who are forgotten.

use crate::common::{self, authors, both, corrupt, customer, events, later, messages, query, row, write};
use support_core::{
    contract::sample::{add, bare_ticket, event, id, message, note, open, update},
    domain::{
        actor::{Role, Signature},
        erasure::Erasure,
        event::Event,
        id::{MessageId, TicketId},
        message::Message,
        ticket::{Ticket, TicketFilter},
    },
    memory::MemoryStore,
    ports::{
        ChangeSet, Store, Write,
        messages::{MessageQuery, MessageStore},
        tickets::TicketStore,
    },
};
use support_privacy::SealedStore;

/// The `n`-th ticket, of customer `n % 3`, who is called `name`.
fn of(n: u32, name: &str) -> Ticket {
    Ticket { customer_name: name.to_owned(), opened_by: customer(n % 3, name), ..bare_ticket(n) }
}

fn said(n: u32, ticket: &Ticket, author: u32, name: &str) -> Message {
    Message { author: customer(author, name), ..message(n, ticket) }
}

fn moved(from: &Ticket, to: &Ticket, messages: &[u32]) -> ChangeSet {
    let messages: Vec<MessageId> = messages.iter().map(|n| id(2, *n)).collect();
    write(Write::MoveMessages { from: from.id, to: to.id, messages })
}

fn forgotten(customer: u32) -> Erasure {
    let (customer, pseudonym) = (id(3, customer), id(3, 1_000 + customer));
    Erasure { customer, pseudonym, name: "Somebody".into(), categories: [].into(), at: later() }
}

/// Ticket 1 is Ada's, 2 Bea's, 4 Ada's under another name; each holds a message with its own number.
async fn three(store: &impl Store) -> [Ticket; 3] {
    let tickets = [of(1, "Ada"), of(2, "Bea"), of(4, "Ada, Countess of Lovelace")];
    for ticket in &tickets {
        let n = u32::from(ticket.number.ends_with('1')) + 2 * u32::from(ticket.number.ends_with('2'));
        let n = if n == 0 { 4 } else { n };
        let first = said(n, ticket, n % 3, &ticket.customer_name);
        let opening = Write::OpenTicket { ticket: Box::new(ticket.clone()), message: Box::new(first) };
        store.commit(write(opening)).await.unwrap();
    }
    tickets
}

#[tokio::test]
async fn names_go_with_messages_that_are_moved() {
    let (store, rows) = both();
    let [ada, bea, countess] = three(&store).await;
    store.commit(add(said(5, &ada, 1, "Ada"), false)).await.unwrap();
    store.commit(add(said(6, &ada, 2, "Bea"), false)).await.unwrap();
    store.commit(moved(&ada, &bea, &[1, 6])).await.unwrap();
    store.commit(moved(&ada, &countess, &[5])).await.unwrap();
    assert_eq!(authors(&store, bea.id).await, ["Ada", "Bea", "Bea"]);
    assert_eq!(authors(&store, countess.id).await, ["Ada, Countess of Lovelace", "Ada"]);
    store.commit(moved(&bea, &countess, &[1])).await.unwrap();
    assert_eq!(authors(&store, countess.id).await, ["Ada", "Ada, Countess of Lovelace", "Ada"]);
    store.commit(moved(&countess, &ada, &[1, 5])).await.unwrap();
    assert_eq!(authors(&store, ada.id).await, ["Ada", "Ada"]);
    let written = format!("{rows:?}");
    assert!(!written.contains("\"Ada") && !written.contains("\"Bea"));
}

#[tokio::test]
async fn a_message_on_a_ticket_that_is_opened_or_renamed_with_it_finds_its_name() {
    let (store, rows) = both();
    let [ada, ..] = three(&store).await;
    let renamed = Ticket { customer_name: "Ada King".into(), ..ada.clone() };
    let mut changes = update(&renamed, 1);
    changes.writes.extend(add(said(7, &ada, 1, "Ada King"), true).writes);
    changes.events = vec![Event { actor: customer(1, "Ada King"), ..event(7, &ada) }];
    store.commit(changes).await.unwrap();
    assert_eq!(authors(&store, ada.id).await, ["Ada King", "Ada King"], "the older one is read with the ticket's name");
    assert_eq!(events(&store, ada.id).await[0].actor.name, "Ada King");
    let kinds: Vec<String> =
        authors(&rows, ada.id).await.iter().filter_map(|name| name.split(':').nth(2).map(str::to_owned)).collect();
    assert_eq!(kinds, [".ref", ".ref"]);
}

/// Who only has the same name keeps it when the other one's changes.
#[tokio::test]
async fn a_namesake_is_somebody_else() {
    let (store, _) = both();
    let [ada, ..] = three(&store).await;
    store.commit(add(said(7, &ada, 2, "Ada"), false)).await.unwrap();
    store.commit(update(&Ticket { customer_name: "Ada King".into(), ..ada.clone() }, 1)).await.unwrap();
    assert_eq!(authors(&store, ada.id).await, ["Ada King", "Ada"]);
}

async fn forget(store: &impl Store, erasure: &Erasure) {
    store.commit(write(Write::Erase(Box::new(erasure.clone())))).await.unwrap();
}

/// Everything is as it would be in a store that seals nothing.
#[tokio::test]
async fn a_forgotten_person_has_the_name_that_was_given_to_them() {
    let (sealed, rows) = both();
    let plain = MemoryStore::new();
    let erasure = forgotten(1);
    fill_and_forget(&sealed, &erasure).await;
    fill_and_forget(&plain, &erasure).await;
    for n in [1, 2, 4] {
        let ticket: TicketId = id(1, n);
        assert_eq!(sealed.ticket(ticket).await.unwrap(), plain.ticket(ticket).await.unwrap());
        assert_eq!(messages(&sealed, ticket).await, messages(&plain, ticket).await);
        assert_eq!(events(&sealed, ticket).await, events(&plain, ticket).await);
    }
    let all = query(TicketFilter::default());
    assert_eq!(sealed.tickets(&all).await.unwrap(), plain.tickets(&all).await.unwrap());
    assert_eq!(authors(&sealed, id(1, 1)).await, ["Somebody"; 5]);
    assert!(!format!("{rows:?}").contains("Somebody"));

    // Their ticket can be written on, and goes on to be readable, also when its row is sealed anew.
    let ticket = sealed.ticket(id(1, 1)).await.unwrap().unwrap();
    let reply = Message { author: customer(1_001, "Somebody"), ..message(90, &ticket) };
    sealed.commit(add(reply, false)).await.unwrap();
    let walk = common::reseal(&sealed).await;
    assert_eq!((walk.resealed, walk.is_complete()), (2, true));
    assert_eq!(authors(&sealed, ticket.id).await, ["Somebody"; 6]);
    assert_eq!(row(&sealed, &ticket).await, Ticket { version: 3, ..ticket });
}

async fn fill_and_forget(store: &impl Store, erasure: &Erasure) {
    let [ada, bea, _] = three(store).await;
    store.commit(add(said(5, &ada, 1, "Ada as a girl"), false)).await.unwrap();
    store.commit(add(said(6, &ada, 2, "Bea"), false)).await.unwrap();
    let guest = Signature { role: Role::Guest, id: None, name: "A passer-by".into() };
    store.commit(add(Message { author: guest, ..note(7, &ada) }, false)).await.unwrap();
    store.commit(add(said(8, &bea, 2, "Bea"), false)).await.unwrap();
    store.commit(add(said(9, &bea, 1, "Ada"), false)).await.unwrap();
    store.commit(moved(&bea, &ada, &[8])).await.unwrap();
    let told = |n, name: &str| Event { actor: customer(1, name), ..event(n, &ada) };
    let events = vec![told(1, "Ada"), told(2, "Ada as a girl"), event(3, &ada)];
    store.commit(ChangeSet { events, ..ChangeSet::default() }).await.unwrap();
    forget(store, erasure).await;
}

/// A message that had been moved to somebody else's ticket does not keep the name.
#[tokio::test]
async fn a_forgotten_name_is_gone_from_moved_messages() {
    let (store, rows) = both();
    let [ada, bea, _] = three(&store).await;
    store.commit(moved(&ada, &bea, &[1])).await.unwrap();
    forget(&store, &forgotten(1)).await;
    assert_eq!(authors(&store, bea.id).await, ["Somebody", "Bea"]);
    assert!(!format!("{rows:?}").contains("Ada\""));
}

/// And one of theirs is readable where it goes afterwards.
#[tokio::test]
async fn messages_of_a_forgotten_person_can_be_moved() {
    let (store, _) = both();
    let [ada, bea, _] = three(&store).await;
    let guest = Signature { role: Role::Guest, id: None, name: "A passer-by".into() };
    store.commit(add(Message { author: guest, ..message(7, &ada) }, false)).await.unwrap();
    forget(&store, &forgotten(1)).await;
    store.commit(moved(&ada, &bea, &[1, 7])).await.unwrap();
    assert_eq!(authors(&store, bea.id).await, ["Somebody", "Bea", "Somebody"]);
}

#[tokio::test]
async fn what_is_written_and_forgotten_at_once_is_forgotten() {
    let (store, rows) = both();
    let ticket = of(1, "Ada");
    let first = said(1, &ticket, 1, "Ada");
    let opening = Write::OpenTicket { ticket: Box::new(ticket.clone()), message: Box::new(first) };
    let mut changes = write(opening);
    changes.writes.push(Write::Erase(Box::new(forgotten(1))));
    changes.writes.extend(add(said(2, &ticket, 1, "Ada"), false).writes);
    store.commit(changes).await.unwrap();
    assert_eq!(authors(&store, ticket.id).await, ["Somebody", "Ada"]);
    assert!(!format!("{rows:?}").contains("Ada\""));
}

/// The name of a forgotten person is bound to their pseudonym.
#[tokio::test]
async fn the_name_of_a_forgotten_person_is_nobody_elses() {
    let (store, rows) = both();
    let [ada, bea, _] = three(&store).await;
    forget(&store, &forgotten(1)).await;
    let erased = row(&rows, &ada).await.customer_name;
    assert!(erased.starts_with("sealed:1:.erased:"));
    let stolen = Ticket { customer_name: erased, ..row(&rows, &bea).await };
    rows.commit(update(&stolen, 1)).await.unwrap();
    let (table, column, ..) = corrupt(store.ticket(bea.id).await);
    assert_eq!((table, column), ("tickets", "customer_name"));
}

#[tokio::test]
async fn nobody_s_name_stays_nobody_s() {
    let (store, _) = both();
    let nameless = Erasure { name: String::new(), ..forgotten(1) };
    let [ada, ..] = three(&store).await;
    forget(&store, &nameless).await;
    assert_eq!(row(&store, &ada).await.customer_name, "");
    assert_eq!(authors(&store, ada.id).await, [""]);
}

#[tokio::test]
async fn a_reference_to_a_ticket_that_is_not_there_is_corrupt() {
    let (store, rows) = both();
    let [ada, ..] = three(&store).await;
    let elsewhere: SealedStore<MemoryStore> = common::sealed(&MemoryStore::new());
    let mut orphan = messages(&rows, ada.id).await.remove(0);
    let host = of(5, "Eve");
    open(elsewhere.inner(), &host, 50).await;
    orphan.ticket = host.id;
    elsewhere.inner().commit(add(orphan, false)).await.unwrap();
    let page = MessageQuery { ticket: host.id, internal: false, after: None, limit: 9 };
    let (table, column, _, reason) = corrupt(elsewhere.messages(&page).await);
    assert_eq!((table, column), ("messages", "author"));
    assert!(reason.contains("not there"), "{reason}");
}
