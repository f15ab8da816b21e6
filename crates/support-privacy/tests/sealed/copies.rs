//! Copies of sealed desks.

use crate::common::{authors, both, customer, key, keys, messages, row, write};
use support_core::{
    contract::sample::{event, id, message, open, request, ticket},
    domain::{event::Event, message::Message, ticket::Ticket},
    memory::MemoryStore,
    ports::{ChangeSet, Store, Write},
    transfer::Transfer,
};
use support_privacy::{Keys, LookupKey, SealedStore};

/// Ada's ticket holds a message that was written on Bea's.
async fn fill(store: &impl Store) -> Ticket {
    let ada = Ticket { customer_name: "Ada".into(), opened_by: customer(1, "Ada"), ..ticket(1) };
    let bea = Ticket { customer_name: "Bea".into(), opened_by: customer(2, "Bea"), ..ticket(2) };
    open(store, &ada, 1).await;
    open(store, &bea, 2).await;
    let said = Message { author: customer(2, "Bea"), ..message(3, &bea) };
    let done = Event { actor: customer(1, "Ada"), ..event(3, &ada) };
    let request = Write::RememberRequest { request: Box::new(request(1, 1)), expired: ada.created_at };
    let writes = vec![
        Write::AddMessage { message: Box::new(said), touch: true },
        Write::MoveMessages { from: bea.id, to: ada.id, messages: vec![id(2, 3)] },
        request,
    ];
    store.commit(ChangeSet { writes, events: vec![done], ..ChangeSet::default() }).await.unwrap();
    ada
}

async fn copied(source: &impl Store, target: &impl Store) {
    let transfer = Transfer::new(source, target);
    transfer.run(|_| {}).await.unwrap();
    transfer.check(|_| {}).await.unwrap();
}

#[tokio::test]
async fn a_desk_is_copied_under_other_keys() {
    let (store, _) = both();
    let ada = fill(&store).await;
    let rows = MemoryStore::new();
    let other = Keys::new(key("z", 7), LookupKey::new([8; 32]));
    let copy = SealedStore::new(rows.clone(), other);
    copied(&store, &copy).await;
    assert_eq!(row(&copy, &ada).await, ada);
    assert_eq!(authors(&copy, ada.id).await, ["Ada Lovelace", "Bea"]);
    assert!(row(&rows, &ada).await.customer_name.starts_with("sealed:1:z:"));
    let written = messages(&rows, ada.id).await;
    assert!(written.iter().all(|message| message.author.name.starts_with("sealed:1:")), "{written:?}");
}

/// As they are, where the keys stay: names that refer to another ticket still do.
#[tokio::test]
async fn sealed_rows_are_copied_too() {
    let (store, rows) = both();
    let ada = fill(&store).await;
    let copy = MemoryStore::new();
    copied(&rows, &copy).await;
    assert_eq!(messages(&copy, ada.id).await, messages(&rows, ada.id).await);
    let opened = SealedStore::new(copy.clone(), keys());
    assert_eq!(authors(&opened, ada.id).await, ["Ada Lovelace", "Bea"]);
    let renamed = Ticket { customer_name: "Beatrice".into(), ..row(&opened, &ticket(2)).await };
    opened.commit(write(Write::UpdateTicket { ticket: Box::new(renamed), read: 1 })).await.unwrap();
    assert_eq!(authors(&opened, ada.id).await, ["Ada Lovelace", "Beatrice"]);
}
