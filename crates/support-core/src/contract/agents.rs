use super::{
    commits::is_conflict,
    reads::concurrently,
    sample::{agent, at, colleague, id, writes},
};
use crate::{
    domain::{
        actor::AgentRef,
        agent::{Agent, Availability},
        id::AgentId,
    },
    ports::{ChangeSet, Store, Write, agents::AgentQuery},
};

fn put(agent: &Agent, read: u64) -> ChangeSet {
    writes([Write::PutAgent { agent: Box::new(agent.clone()), read }])
}

fn occupy(n: u32, read: u64, most: Option<u32>, minute: i64) -> ChangeSet {
    writes([Write::Occupy { agent: agent(n), read, most, at: at(minute) }])
}

fn release(n: u32) -> ChangeSet {
    writes([Write::Release { agent: id(4, n) }])
}

async fn read(store: &impl Store, n: u32) -> Agent {
    store.agent(id(4, n)).await.unwrap().expect("an agent")
}

/// Every column survives, and a column that holds nothing holds nothing.
pub async fn an_agent_comes_back_as_they_were(store: impl Store) {
    let bare = Agent { version: 1, ..Agent::new(id(4, 2), "", at(3)) };
    for row in [colleague(1, 0), bare] {
        store.commit(put(&row, 0)).await.unwrap();
        assert_eq!(store.agent(row.id).await.unwrap(), Some(row));
    }
    assert_eq!(store.agent(id(4, 9)).await.unwrap(), None);
}

/// Whatever the writer believes of them; a stale version changes nothing, and nobody comes into being twice.
pub async fn a_description_leaves_what_is_counted(store: impl Store) {
    store.commit(occupy(1, 0, None, 10)).await.unwrap();
    store.commit(occupy(1, 1, None, 20)).await.unwrap();
    let wrong = Agent { open_tickets: 99, assigned_at: None, created_at: at(99), version: 77, ..colleague(1, 0) };
    for stale in [0, 2] {
        assert!(is_conflict(&store.commit(put(&wrong, stale)).await), "{stale}");
    }
    store.commit(put(&wrong, 1)).await.unwrap();
    let expected = Agent { open_tickets: 2, assigned_at: Some(at(20)), created_at: at(10), ..colleague(1, 1) };
    assert_eq!(read(&store, 1).await, expected);
    assert!(is_conflict(&store.commit(put(&wrong, 1)).await));
    assert!(is_conflict(&store.commit(put(&colleague(2, 0), 1)).await), "of somebody who is not there");
    // A new one begins with nothing.
    store.commit(put(&Agent { open_tickets: 5, assigned_at: Some(at(1)), ..colleague(2, 0) }, 0)).await.unwrap();
    assert_eq!(read(&store, 2).await, colleague(2, 0));
}

/// Guarded by version and by the most, which leave the version alone.
pub async fn a_ticket_occupies_whoever_has_room(store: impl Store) {
    assert!(is_conflict(&store.commit(occupy(1, 1, None, 1)).await), "nobody has this version yet");
    assert!(is_conflict(&store.commit(occupy(1, 0, Some(0), 1)).await), "there is no room for anything");
    assert_eq!(store.agent(id(4, 1)).await.unwrap(), None);
    store.commit(occupy(1, 0, Some(2), 10)).await.unwrap();
    let first =
        Agent { version: 1, open_tickets: 1, assigned_at: Some(at(10)), ..Agent::new(id(4, 1), "Agent 1", at(10)) };
    assert_eq!(read(&store, 1).await, first);
    assert!(is_conflict(&store.commit(occupy(1, 0, None, 11)).await), "there is somebody already");
    store.commit(occupy(1, 1, Some(2), 5)).await.unwrap();
    let second = Agent { open_tickets: 2, ..first };
    assert_eq!(read(&store, 1).await, second, "the later moment stays");
    assert!(is_conflict(&store.commit(occupy(1, 1, Some(2), 12)).await), "there is no room left");
    store.commit(occupy(1, 1, None, 13)).await.unwrap();
    assert_eq!(read(&store, 1).await, Agent { open_tickets: 3, assigned_at: Some(at(13)), ..second });
    // Somebody whom nobody has named yet is called what their first ticket calls them.
    store.commit(put(&Agent { name: String::new(), ..colleague(2, 0) }, 0)).await.unwrap();
    store.commit(occupy(2, 1, None, 14)).await.unwrap();
    assert_eq!(read(&store, 2).await.name, agent(2).name);
    let other = Write::Occupy { agent: AgentRef { name: "Other".into(), ..agent(2) }, read: 1, most: None, at: at(15) };
    store.commit(writes([other])).await.unwrap();
    assert_eq!(read(&store, 2).await.name, agent(2).name, "a name that is there stays");
}

/// However many try at once.
pub async fn callers_at_once_never_exceed_the_most(store: impl Store) {
    store.commit(put(&colleague(1, 0), 0)).await.unwrap();
    let store = &store;
    let results = concurrently(16, |_| store.commit(occupy(1, 1, Some(5), 1))).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 5);
    assert!(results.iter().all(|result| result.is_ok() || is_conflict(result)));
    assert_eq!(read(store, 1).await.open_tickets, 5);
    // Of those that make the row, one does.
    let results = concurrently(8, |_| store.commit(occupy(2, 0, Some(5), 1))).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert_eq!(read(store, 2).await.open_tickets, 1);
}

/// The count never goes below it, and the version is left alone.
pub async fn a_release_ends_at_zero(store: impl Store) {
    assert!(is_conflict(&store.commit(release(1)).await), "of somebody who is not there");
    store.commit(occupy(1, 0, None, 10)).await.unwrap();
    for _ in 0..3 {
        store.commit(release(1)).await.unwrap();
        let row = read(&store, 1).await;
        assert_eq!((row.open_tickets, row.version, row.assigned_at), (0, 1, Some(at(10))));
    }
}

/// In the order of ids, by team and availability, a page at a time.
pub async fn agents_are_listed_by_what_they_are(store: impl Store) {
    let said =
        |n, team: Option<&str>, availability| Agent { team: team.map(str::to_owned), availability, ..colleague(n, 0) };
    for row in [
        said(3, Some("billing"), Some(Availability::Available)),
        said(1, Some("billing"), Some(Availability::Busy)),
        said(4, None, None),
        said(2, Some("Billing"), Some(Availability::Available)),
    ] {
        store.commit(put(&row, 0)).await.unwrap();
    }
    let all = AgentQuery { limit: 9, ..AgentQuery::default() };
    let cases: [(AgentQuery, &[u32], bool); 7] = [
        (all.clone(), &[1, 2, 3, 4], false),
        (AgentQuery { limit: 2, ..all.clone() }, &[1, 2], true),
        (AgentQuery { limit: 2, after: Some(id(4, 2)), ..all.clone() }, &[3, 4], false),
        (AgentQuery { after: Some(id(3, 99)), ..all.clone() }, &[1, 2, 3, 4], false),
        (AgentQuery { team: Some("billing".into()), ..all.clone() }, &[1, 3], false),
        (AgentQuery { availability: Some(Availability::Available), ..all.clone() }, &[2, 3], false),
        (AgentQuery { team: Some("billing".into()), availability: Some(Availability::Available), ..all }, &[3], false),
    ];
    for (query, expected, more) in cases {
        let slice = store.agents(&query).await.unwrap();
        let ids: Vec<AgentId> = slice.items.iter().map(|row| row.id).collect();
        let expected: Vec<AgentId> = expected.iter().map(|n| id(4, *n)).collect();
        assert_eq!((ids, slice.more), (expected, more), "{query:?}");
    }
}
