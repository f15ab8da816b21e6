use super::{
    commits::is_conflict,
    reads::concurrently,
    sample::{at, bare_ticket, id, open, request, update, writes},
};
use crate::{
    domain::request::{Request, RequestKey},
    ports::{ChangeSet, Store, Write},
};

fn remember(request: &Request, expired: i64) -> ChangeSet {
    writes([Write::RememberRequest { request: Box::new(request.clone()), expired: at(expired) }])
}

/// To the byte, by the whole of its key.
pub async fn a_request_is_remembered(store: impl Store) {
    let row = request(1, 10);
    let bare = Request { about: Vec::new(), answer: Vec::new(), ..request(2, 10) };
    for row in [&row, &bare] {
        store.commit(remember(row, 0)).await.unwrap();
        assert_eq!(store.request(&row.key).await.unwrap().as_ref(), Some(row));
    }
    for key in [
        RequestKey { principal: "customer:UNI".into(), ..row.key.clone() },
        RequestKey { key: "KEY 1".into(), ..row.key.clone() },
        RequestKey { key: "key".into(), ..row.key.clone() },
    ] {
        assert_eq!(store.request(&key).await.unwrap(), None, "{key:?}");
    }
    // Somebody else may call another request the same.
    let foreign = Request { key: RequestKey { principal: "agent:1".into(), ..row.key.clone() }, ..request(3, 11) };
    store.commit(remember(&foreign, 0)).await.unwrap();
    assert_eq!(store.request(&row.key).await.unwrap(), Some(row));
}

/// With all that it would have done; an old one makes way, and of many at once one is first.
pub async fn a_request_is_not_done_twice(store: impl Store) {
    open(&store, &bare_ticket(1), 1).await;
    let first = request(1, 10);
    store.commit(remember(&first, 0)).await.unwrap();
    let again = Request { answer: b"again".to_vec(), at: at(50), ..first.clone() };
    let mut twice = update(&bare_ticket(1), 1);
    twice.writes.extend(remember(&again, 9).writes);
    assert!(is_conflict(&store.commit(twice).await));
    assert_eq!(store.ticket(id(1, 1)).await.unwrap().map(|row| row.version), Some(1));
    assert_eq!(store.request(&first.key).await.unwrap(), Some(first.clone()));
    store.commit(remember(&again, 10)).await.unwrap();
    assert_eq!(store.request(&first.key).await.unwrap(), Some(again));

    let (store, other) = (&store, &request(2, 10));
    let results = concurrently(8, |_| store.commit(remember(other, 0))).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
}

/// Those of the moment and before.
pub async fn old_requests_are_forgotten(store: impl Store) {
    for n in 1..=4 {
        store.commit(remember(&request(n, i64::from(n)), 0)).await.unwrap();
    }
    store.commit(writes([Write::ForgetRequests { until: at(2) }])).await.unwrap();
    let store = &store;
    let kept = |n: u32| async move { store.request(&request(n, 0).key).await.unwrap().is_some() };
    assert_eq!([kept(1).await, kept(2).await, kept(3).await, kept(4).await], [false, false, true, true]);
    store.commit(writes([Write::ForgetRequests { until: at(-9) }])).await.unwrap();
    assert!(kept(3).await);
}
