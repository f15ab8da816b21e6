use super::{
    commits::is_conflict,
    lists::everything,
    sample::{add, at, bare_ticket, id, message, note, open, ticket, update, writes},
};
use crate::{
    domain::{
        actor::{Role, Signature},
        id::{MessageId, TicketId},
        message::{Message, Side},
        ticket::{TicketFilter, TicketQuery},
    },
    ports::{ChangeSet, Guard, Store, Write, messages::MessageQuery},
};

fn correct(message: &Message, read: u32) -> Write {
    Write::UpdateMessage { message: Box::new(message.clone()), read }
}

fn shift(from: TicketId, to: TicketId, messages: &[u32]) -> Write {
    Write::MoveMessages { from, to, messages: messages.iter().map(|n| id(2, *n)).collect() }
}

async fn thread(store: &impl Store, ticket: TicketId) -> Vec<Message> {
    store.messages(&MessageQuery { ticket, internal: true, after: None, limit: 1_000 }).await.unwrap().items
}

async fn found(store: &impl Store, text: &str) -> Vec<TicketId> {
    let filter = TicketFilter { text: Some(text.to_owned()), ..TicketFilter::default() };
    let rows = store.tickets(&TicketQuery { filter, ..everything() }).await.unwrap().items;
    rows.iter().map(|row| row.id).collect()
}

/// By its id, if it is one of the ticket.
pub async fn a_message_is_found_on_its_ticket_alone(store: impl Store) {
    let (one, two) = (ticket(1), ticket(2));
    open(&store, &one, 1).await;
    open(&store, &two, 2).await;
    let read = Message { read_at: Some(at(9)), revision: 3, edited_at: Some(at(8)), ..message(3, &one) };
    store.commit(add(read.clone(), false)).await.unwrap();
    assert_eq!(store.message(one.id, id(2, 3)).await.unwrap(), Some(read));
    assert_eq!(store.message(two.id, id(2, 3)).await.unwrap(), None);
    assert_eq!(store.message(id(1, 9), id(2, 3)).await.unwrap(), None);
}

/// Text, links and the two moments change; whose it is, where, when and for whom do not.
pub async fn a_correction_changes_what_is_said_alone(store: impl Store) {
    let (one, two) = (ticket(1), ticket(2));
    open(&store, &one, 1).await;
    open(&store, &two, 2).await;
    let first = message(1, &one);
    let other = Message {
        body: "Corrected".into(),
        attachments: Vec::new(),
        edited_at: Some(at(70)),
        deleted_at: Some(at(71)),
        revision: 77,
        author: Signature { role: Role::System, id: None, name: "Nobody".into() },
        internal: true,
        sent_at: at(900),
        read_at: Some(at(901)),
        ..first.clone()
    };
    store.commit(writes([correct(&other, 0)])).await.unwrap();
    let expected = Message {
        body: other.body.clone(),
        attachments: Vec::new(),
        edited_at: other.edited_at,
        deleted_at: other.deleted_at,
        revision: 1,
        ..first.clone()
    };
    assert_eq!(store.message(one.id, first.id).await.unwrap(), Some(expected.clone()));
    assert_eq!(store.ticket(one.id).await.unwrap(), Some(one.clone()), "the ticket is untouched");

    for (message, read) in [
        (other.clone(), 0),
        (other.clone(), 2),
        (Message { ticket: two.id, ..other.clone() }, 1),
        (Message { id: id(2, 9), ..other.clone() }, 0),
    ] {
        assert!(is_conflict(&store.commit(writes([correct(&message, read)])).await), "{message:?} {read}");
    }
    assert_eq!(store.message(one.id, first.id).await.unwrap(), Some(expected));
    store.commit(writes([correct(&first, 1), correct(&first, 2)])).await.unwrap();
    assert_eq!(store.message(one.id, first.id).await.unwrap(), Some(Message { revision: 3, ..first }));
}

/// Each side the public messages of the other that were not withdrawn, and each once.
pub async fn a_message_is_read_once_by_the_other_side(store: impl Store) {
    let row = ticket(1);
    open(&store, &row, 1).await;
    let by = |role, n: u32| Message { author: Signature { role, id: None, name: "X".into() }, ..message(n, &row) };
    for message in [
        by(Role::Agent, 2),
        by(Role::System, 3),
        by(Role::Guest, 4),
        Message { internal: true, ..by(Role::Admin, 5) },
        Message { deleted_at: Some(at(5)), ..by(Role::Admin, 6) },
        Message { read_at: Some(at(5)), ..by(Role::Admin, 7) },
    ] {
        store.commit(add(message, false)).await.unwrap();
    }
    let store = &store;
    let unread = |side| async move { store.unread_messages(id(1, 1), side).await.unwrap() };
    assert_eq!((unread(Side::Customer).await, unread(Side::Staff).await), (2, 2));
    assert_eq!(store.unread_messages(id(1, 9), Side::Staff).await.unwrap(), 0);

    let mark = |message: Option<MessageId>, by, minute| {
        writes([Write::MarkRead { ticket: id(1, 1), message, by, at: at(minute) }])
    };
    // One's own, a note, a withdrawn one, one that is not there: nothing happens.
    for n in [1, 4, 5, 6, 9] {
        store.commit(mark(Some(id(2, n)), Side::Customer, 80)).await.unwrap();
    }
    assert_eq!((unread(Side::Customer).await, unread(Side::Staff).await), (2, 2));
    store.commit(mark(Some(id(2, 2)), Side::Customer, 81)).await.unwrap();
    store.commit(mark(None, Side::Customer, 82)).await.unwrap();
    store.commit(mark(None, Side::Customer, 83)).await.unwrap();
    assert_eq!((unread(Side::Customer).await, unread(Side::Staff).await), (0, 2));
    store.commit(mark(None, Side::Staff, 84)).await.unwrap();
    let read: Vec<_> = thread(store, row.id).await.iter().map(|message| message.read_at).collect();
    assert_eq!(read, [Some(at(84)), Some(at(81)), Some(at(82)), Some(at(84)), None, None, Some(at(5))]);
    assert_eq!(store.ticket(row.id).await.unwrap(), Some(row.clone()), "the ticket is untouched");
    let nowhere = Write::MarkRead { ticket: id(1, 9), message: None, by: Side::Staff, at: at(1) };
    assert!(is_conflict(&store.commit(writes([nowhere])).await));
}

/// Where they were committed, among those of the other; with them goes what is found by their words.
pub async fn messages_move_and_keep_their_places(store: impl Store) {
    let say = |n: u32, ticket: u32, body: &str| Message { body: body.into(), ..message(n, &bare_ticket(ticket)) };
    let (one, two) = (bare_ticket(1), bare_ticket(2));
    for (row, n, body) in [(&one, 1, "walrus"), (&two, 2, "penguin")] {
        let opening = Write::OpenTicket { ticket: Box::new(row.clone()), message: Box::new(say(n, n, body)) };
        store.commit(writes([opening])).await.unwrap();
    }
    let secret = Message { body: "ostrich".into(), ..note(3, &one) };
    for message in [secret, say(4, 1, "heron"), say(5, 2, "magpie"), say(6, 1, "raven")] {
        store.commit(add(message, false)).await.unwrap();
    }
    let store = &store;
    let numbers = |n: u32| async move {
        let rows = thread(store, id(1, n)).await;
        (1..=6_u32).filter_map(|n| Some((rows.iter().position(|row| row.id == id(2, n))?, n))).collect::<Vec<_>>()
    };
    let places = |order: &[u32]| {
        let mut places: Vec<(usize, u32)> = order.iter().copied().enumerate().collect();
        places.sort_by_key(|(_, n)| *n);
        places
    };
    store.commit(writes([shift(one.id, two.id, &[1, 4])])).await.unwrap();
    assert_eq!(numbers(1).await, places(&[3, 6]));
    assert_eq!(numbers(2).await, places(&[1, 2, 4, 5]));
    assert!(thread(store, two.id).await.iter().all(|message| message.ticket == two.id));
    assert_eq!(store.ticket(two.id).await.unwrap(), Some(two.clone()), "the ticket is untouched");
    assert_eq!(found(store, "walrus").await, [two.id]);
    assert_eq!(found(store, "penguin").await, [], "it is the first message no more");
    assert_eq!(found(store, "raven").await, [one.id]);
    assert_eq!(found(store, "ostrich").await, [], "a note that comes to stand first is for staff alone");

    // What is corrected first is found by what it says then.
    store.commit(writes([correct(&say(1, 2, "tortoise"), 0)])).await.unwrap();
    assert_eq!((found(store, "walrus").await, found(store, "tortoise").await), (vec![], vec![two.id]));

    for write in [shift(one.id, two.id, &[6, 1]), shift(one.id, id(1, 9), &[6]), shift(one.id, two.id, &[9])] {
        assert!(is_conflict(&store.commit(writes([write])).await));
    }
    assert_eq!(numbers(1).await, places(&[3, 6]), "one that is not there leaves the others where they are");

    store.commit(writes([shift(one.id, two.id, &[3, 6])])).await.unwrap();
    assert_eq!((found(store, "raven").await, thread(store, one.id).await), (vec![], vec![]));
    store.commit(add(say(7, 1, "pelican"), false)).await.unwrap();
    assert_eq!(found(store, "pelican").await, [one.id], "what comes to an empty ticket is its first");
    store.commit(writes([shift(two.id, one.id, &[1, 3, 4, 6])])).await.unwrap();
    assert_eq!(numbers(1).await, places(&[1, 3, 4, 6]));
    assert_eq!((found(store, "tortoise").await, found(store, "penguin").await), (vec![one.id], vec![two.id]));
    assert_eq!(found(store, "pelican").await, []);
}

/// A list shows the latest that was not withdrawn.
pub async fn the_preview_passes_over_what_was_withdrawn(store: impl Store) {
    let row = ticket(1);
    open(&store, &row, 1).await;
    store.commit(add(message(2, &row), true)).await.unwrap();
    let withdrawn = Message { body: String::new(), deleted_at: Some(at(9)), ..message(2, &row) };
    store.commit(writes([correct(&withdrawn, 0)])).await.unwrap();
    let rows = store.tickets(&everything()).await.unwrap().items;
    assert_eq!(rows[0].last_message.as_ref(), Some(&message(1, &row).body));
}

/// A guard on the last message holds until another one comes, a note too.
pub async fn a_guard_on_the_last_message_notices_the_next(store: impl Store) {
    let (one, two) = (ticket(1), ticket(2));
    open(&store, &one, 1).await;
    open(&store, &two, 2).await;
    let guarded = |last: u32, version| {
        let guards = vec![Guard::LastMessage { ticket: one.id, message: id(2, last) }];
        ChangeSet { guards, ..update(&two, version) }
    };
    store.commit(guarded(1, 1)).await.unwrap();
    store.commit(add(note(3, &one), false)).await.unwrap();
    assert!(is_conflict(&store.commit(guarded(1, 2)).await));
    store.commit(guarded(3, 2)).await.unwrap();
    let missing = Guard::LastMessage { ticket: id(1, 9), message: id(2, 3) };
    let changes = ChangeSet { guards: vec![missing], ..update(&two, 3) };
    assert!(is_conflict(&store.commit(changes).await), "a ticket that is not there");
    let foreign = Guard::LastMessage { ticket: two.id, message: id(2, 3) };
    let changes = ChangeSet { guards: vec![foreign], ..update(&two, 3) };
    assert!(is_conflict(&store.commit(changes).await), "a message of another ticket");
}
