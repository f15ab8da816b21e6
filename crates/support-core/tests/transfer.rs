//! A copy is the same, wherever it was interrupted, and is seen where it is not.

#![expect(clippy::unwrap_used, reason = "the helpers are parts of tests")]

use async_trait::async_trait;
use std::sync::{
    Mutex,
    atomic::{AtomicU32, Ordering},
};
use support_core::{
    contract::sample::{
        add, agent, at, bare_ticket, colleague, entry, message, note, open, operation, request, tally, ticket,
        time_entry, update, writes,
    },
    domain::{
        agent::Agent,
        message::Message,
        request::{Request, RequestKey},
        stats::{Range, Tally, TallyKind, TallyScope},
        ticket::Ticket,
    },
    forward_store,
    memory::MemoryStore,
    ports::{
        ChangeSet, Store, StoreError, Write,
        agents::AgentStore,
        archive::{Place, Record, RecordKind},
        numbers::NumberStore,
        stats::StatsStore,
    },
    transfer::{Progress, Transfer, TransferError},
};

/// Something of everything.
async fn desk() -> MemoryStore {
    let store = MemoryStore::new();
    let tickets = [ticket(3), bare_ticket(1), Ticket { deleted_at: Some(at(9)), ..bare_ticket(2) }];
    for (n, ticket) in (10..).zip(&tickets) {
        open(&store, ticket, n).await;
        store.commit(add(note(20 + n, ticket), true)).await.unwrap();
        store.commit(add(message(5 + n, &tickets[0]), true)).await.unwrap();
    }
    store.commit(update(&tickets[1], 1)).await.unwrap();
    for n in 0..4 {
        let by = Tally { opened: 1, stars: i64::from(n), ..Tally::default() };
        let changes = [
            Write::PutAgent { agent: Box::new(colleague(n, 0)), read: 0 },
            Write::PutEntry { entry: Box::new(entry(n, 0)), read: 0 },
            Write::AddOperation(Box::new(operation(n, tickets[0].id, tickets[1].id))),
            Write::AddTimeEntry(Box::new(time_entry(n, tickets[1].id))),
            Write::RememberRequest { request: Box::new(request(n, 5)), expired: at(0) },
            Write::Tally(vec![tally(TallyScope::Desk, i64::from(n) * 15, by)]),
            Write::Occupy { agent: agent(n), read: 1, most: None, at: at(7) },
        ];
        store.commit(writes(changes)).await.unwrap();
        store.reserve_numbers(&format!("T-{n}"), n + 1).await.unwrap();
    }
    store
}

async fn everything(store: &impl Store) -> Vec<Record> {
    let mut records = Vec::new();
    for kind in RecordKind::ALL {
        let page = store.records(*kind, None::<&Place>, 1_000).await.unwrap();
        records.extend(page.into_iter().map(|(_, record)| record));
    }
    records
}

/// Breaks down at its `left`-th commit, before it or after it, and from then on.
struct Breaking {
    store: MemoryStore,
    left: AtomicU32,
    after: bool,
}

forward_store!(Breaking, this => this.store);

#[async_trait]
impl Store for Breaking {
    async fn commit(&self, changes: ChangeSet) -> Result<(), StoreError> {
        let left = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if left.is_ok() || self.after {
            self.store.commit(changes).await?;
        }
        left.map(drop).map_err(|_| StoreError::unavailable("the line is broken"))
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        self.store.scrub().await
    }
}

/// Before each commit and after it, in another process each time.
#[tokio::test]
async fn a_copy_goes_on_wherever_it_was_interrupted() {
    let source = desk().await;
    let expected = everything(&source).await;
    let mut longest = 0;
    for after in [false, true] {
        for commits in 0.. {
            let target = MemoryStore::new();
            let broken = Breaking { store: target.clone(), left: AtomicU32::new(commits), after };
            let first = Transfer::new(&source, &broken).batch(3).run(|_| {}).await;
            longest = longest.max(commits);
            let again = Transfer::new(&source, &target).batch(2);
            again.run(|_| {}).await.unwrap();
            again.check(|_| {}).await.unwrap();
            assert_eq!(everything(&target).await, expected, "{commits} {after}");
            match first {
                Ok(_) => break,
                Err(error) => {
                    assert_eq!(error.to_string(), "the target: the store is not available: the line is broken");
                }
            }
        }
    }
    assert!(longest > 15, "{longest}");
}

/// Also where each commit is the last of its process.
#[tokio::test]
async fn a_copy_comes_to_its_end_one_commit_at_a_time() {
    let (source, target) = (desk().await, MemoryStore::new());
    let mut runs = 0;
    loop {
        let broken = Breaking { store: target.clone(), left: AtomicU32::new(1), after: false };
        runs += 1;
        if Transfer::new(&source, &broken).batch(4).run(|_| {}).await.is_ok() {
            break;
        }
    }
    Transfer::new(&source, &target).check(|_| {}).await.unwrap();
    assert_eq!(everything(&target).await, everything(&source).await);
    assert!(runs > 10, "{runs}");
}

#[tokio::test]
async fn progress_comes_to_its_end_and_never_goes_back() {
    let (source, target) = (desk().await, MemoryStore::new());
    let seen = Mutex::new(Vec::<Progress>::new());
    let see = |progress| seen.lock().unwrap().push(progress);
    let transfer = Transfer::new(&source, &target).batch(3);
    let counts = transfer.run(see).await.unwrap();
    let all = everything(&source).await.len() as u64;
    assert_eq!((counts.total(), counts.of(RecordKind::Tickets), counts.of(RecordKind::Messages)), (all, 3, 9));
    assert_eq!(transfer.check(see).await.unwrap(), counts);
    let seen = seen.into_inner().unwrap();
    let start = seen.iter().rposition(|progress| progress.done_in_all == 0).unwrap();
    for part in [&seen[..start], &seen[start..]] {
        assert!(part.is_sorted_by_key(|progress| progress.done_in_all));
        let last = part.last().unwrap();
        assert_eq!((last.done_in_all, last.total_in_all), (all, all));
    }
    assert!(seen.iter().all(|progress| progress.done <= progress.total));
    assert!(seen.windows(2).all(|two| two[0] != two[1]), "a line is told once");
}

/// Neither among the records of the target nor when the copy is done; and requests of the desk itself stay.
#[tokio::test]
async fn bookmarks_are_no_records() {
    let (source, target) = (desk().await, MemoryStore::new());
    let transfer = Transfer::new(&source, &target);
    transfer.run(|_| {}).await.unwrap();
    let bookmarks = everything(&target).await.len() - everything(&source).await.len();
    assert_eq!(bookmarks, 1);
    assert_eq!(transfer.check(|_| {}).await.unwrap().of(RecordKind::Requests), 4);
    assert_eq!(everything(&target).await, everything(&source).await);
    // Nothing is left to go on with.
    assert!(matches!(transfer.run(|_| {}).await, Err(TransferError::NotEmpty { count: 3, .. })));
    // What is half of a desk is not taken for one.
    let (half, other) = (MemoryStore::new(), MemoryStore::new());
    transfer_some(&source, &half).await;
    assert!(matches!(Transfer::new(&half, &other).run(|_| {}).await, Err(TransferError::Unfinished)));
}

async fn transfer_some(source: &MemoryStore, target: &MemoryStore) {
    let broken = Breaking { store: target.clone(), left: AtomicU32::new(2), after: false };
    Transfer::new(source, &broken).batch(2).run(|_| {}).await.unwrap_err();
}

#[tokio::test]
async fn a_desk_is_not_copied_onto_another() {
    let (source, target) = (desk().await, MemoryStore::new());
    target.reserve_numbers("T-9", 1).await.unwrap();
    let refused = Transfer::new(&source, &target).run(|_| {}).await.unwrap_err();
    let text = "the target is not empty: it holds 1 counters, and no copy of this desk was begun there";
    assert_eq!(refused.to_string(), text);

    let (target, other) = (MemoryStore::new(), MemoryStore::new());
    open(&other, &bare_ticket(7), 7).await;
    transfer_some(&source, &target).await;
    let refused = Transfer::new(&other, &target).run(|_| {}).await.unwrap_err();
    assert!(matches!(&refused, TransferError::AnotherDesk(_)), "{refused}");
    Transfer::new(&source, &target).run(|_| {}).await.unwrap();
}

/// A store on which somebody else does each commit first.
struct Contested(MemoryStore);

forward_store!(Contested, this => this.0);

#[async_trait]
impl Store for Contested {
    async fn commit(&self, changes: ChangeSet) -> Result<(), StoreError> {
        self.0.commit(changes.clone()).await?;
        self.0.commit(changes).await
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        self.0.scrub().await
    }
}

/// What is added up would be added twice, and no id would tell.
#[tokio::test]
async fn of_two_copies_at_once_one_goes_on() {
    let source = MemoryStore::new();
    let by = Tally { opened: 1, ..Tally::default() };
    source.commit(writes([Write::Tally(vec![tally(TallyScope::Desk, 1, by)])])).await.unwrap();
    let target = MemoryStore::new();
    let contested = Contested(target.clone());
    let overtaken = Transfer::new(&source, &contested).run(|_| {}).await;
    assert!(matches!(overtaken, Err(TransferError::Overtaken(RecordKind::Tallies))), "{overtaken:?}");
    assert_eq!(target.tally_sums(TallyKind::Desk, Range::ALWAYS).await.unwrap(), [(TallyScope::Desk, by)]);
}

/// In each of them, and what is missing or too much.
#[tokio::test]
async fn the_check_finds_what_differs() {
    let source = desk().await;
    let agent_row = source.agent(colleague(1, 0).id).await.unwrap().unwrap();
    let first = message(10, &ticket(3));
    let key = RequestKey { principal: "agent 1".into(), key: "late".into() };
    let changes = [
        (update(&Ticket { subject: "Other".into(), ..ticket(3) }, 1), "ticket T-0003"),
        (
            writes([Write::UpdateMessage { message: Box::new(Message { body: "Other".into(), ..first }), read: 0 }]),
            "another state of it in the target",
        ),
        (writes([Write::PutAgent { agent: Box::new(Agent { team: None, ..agent_row.clone() }), read: 1 }]), "agent "),
        (
            writes([Write::Tally(vec![tally(TallyScope::Desk, 2, Tally { closed: 1, ..Tally::default() })])]),
            "tally desk",
        ),
        (add(message(99, &bare_ticket(1)), false), "the source holds 9 messages, the target 10"),
        (
            writes([Write::RememberRequest { request: Box::new(Request { key, ..request(1, 1) }), expired: at(0) }]),
            "the source holds 4 requests, the target 5",
        ),
    ];
    for (change, told) in changes {
        let target = MemoryStore::new();
        let transfer = Transfer::new(&source, &target).batch(2);
        transfer.run(|_| {}).await.unwrap();
        target.commit(change).await.unwrap();
        let found = transfer.check(|_| {}).await.unwrap_err().to_string();
        assert!(found.contains(told), "{found}");
    }
}

/// Nothing is copied, nothing is kept, and nothing is wrong.
#[tokio::test]
async fn an_empty_desk_is_copied_too() {
    let (source, target) = (MemoryStore::new(), MemoryStore::new());
    let transfer = Transfer::new(&source, &target);
    assert_eq!(transfer.run(|_| {}).await.unwrap().total(), 0);
    assert_eq!(transfer.check(|_| {}).await.unwrap().total(), 0);
    assert_eq!(everything(&target).await, []);
}
