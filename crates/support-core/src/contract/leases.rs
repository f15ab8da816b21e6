use super::{
    commits::is_conflict,
    reads::concurrently,
    sample::{at, bare_ticket, id, open, update},
};
use crate::ports::{
    ChangeSet, Guard, Store,
    leases::{Lease, LeaseRequest},
};

async fn take(store: &impl Store, job: &str, holder: u32, now: i64, until: i64) -> Option<Lease> {
    let wanted = LeaseRequest { job: job.to_owned(), holder: id(10, holder), now: at(now), until: at(until) };
    let lease = store.take_lease(&wanted).await.unwrap();
    if let Some(lease) = &lease {
        assert_eq!((lease.job.as_str(), lease.until), (job, at(until)));
    }
    lease
}

fn token(lease: Option<&Lease>) -> Option<u64> {
    lease.map(|lease| lease.token)
}

/// Until its end has come; who asks again in time keeps the token, whoever comes next gets a higher one.
pub async fn a_lease_is_one_holders_at_a_time(store: impl Store) {
    let first = take(&store, "sla", 1, 0, 10).await.expect("nobody ever had it");
    assert_eq!(take(&store, "sla", 2, 9, 19).await, None);
    assert!(take(&store, "close", 2, 9, 19).await.is_some(), "jobs do not know each other");
    let renewed = take(&store, "sla", 1, 9, 20).await;
    assert_eq!(token(renewed.as_ref()), Some(first.token));
    assert_eq!(take(&store, "sla", 2, 19, 29).await, None, "it lasts until the new end");
    let taken = take(&store, "sla", 2, 20, 30).await.expect("its end has come");
    assert!(taken.token > first.token);
    assert_eq!(take(&store, "sla", 1, 25, 35).await, None);
    let late = take(&store, "sla", 2, 30, 40).await.expect("its own end has come");
    assert!(late.token > taken.token, "somebody might have had it in between");
}

/// By whoever has it now; a stale one returns nothing.
pub async fn a_lease_is_given_back(store: impl Store) {
    let first = take(&store, "sla", 1, 0, 10).await.expect("a lease");
    store.return_lease(&first).await.unwrap();
    let second = take(&store, "sla", 2, 1, 10).await.expect("it was returned");
    assert!(second.token > first.token);
    store.return_lease(&first).await.unwrap();
    assert_eq!(take(&store, "sla", 1, 2, 10).await, None, "a token that was overtaken returns nothing");
    store.return_lease(&Lease { job: "unknown".into(), ..second.clone() }).await.unwrap();
    store.return_lease(&second).await.unwrap();
    let own = take(&store, "sla", 2, 3, 10).await.expect("it was returned");
    assert!(own.token > second.token);
}

/// A holder who was overtaken while it stood still cannot write any more.
pub async fn an_overtaken_lease_guards(store: impl Store) {
    open(&store, &bare_ticket(1), 1).await;
    let write = |token, read| ChangeSet {
        guards: vec![Guard::Lease { job: "sla".into(), token }],
        ..update(&bare_ticket(1), read)
    };
    assert!(is_conflict(&store.commit(write(1, 1)).await), "nobody has it");
    let first = take(&store, "sla", 1, 0, 10).await.expect("a lease");
    store.commit(write(first.token, 1)).await.unwrap();
    let second = take(&store, "sla", 2, 10, 20).await.expect("its end has come");
    assert!(is_conflict(&store.commit(write(first.token, 2)).await));
    assert!(is_conflict(&store.commit(write(second.token + 1, 2)).await));
    store.commit(write(second.token, 2)).await.unwrap();
    assert_eq!(store.ticket(id(1, 1)).await.unwrap().map(|row| row.version), Some(3));
}

/// However many ask at once.
pub async fn of_many_who_ask_one_gets_the_lease(store: impl Store) {
    let store = &store;
    let leases = concurrently(16, |holder| take(store, "sla", holder, 0, 10)).await;
    assert_eq!(leases.iter().flatten().count(), 1);
}
