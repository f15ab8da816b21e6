//! Groups, panics and failures of the thread that writes.

use super::*;
use crate::{SqliteOptions, SqliteStore, commit::apply, row::all};
use std::sync::mpsc as std_mpsc;
use support_core::{
    contract::sample::{
        add, agent, at, document, event, message, note, opening, put_document, tally, ticket, update, writes,
    },
    domain::{
        document::{Document, DocumentKind, Placement},
        stats::{Tally, TallyScope},
        ticket::Ticket,
    },
    ports::{
        ChangeSet, Store, Write,
        documents::DocumentStore,
        events::{EventQuery, EventStore},
        numbers::NumberStore,
        tickets::TicketStore,
    },
};
use tempfile::TempDir;

async fn make() -> (SqliteStore, TempDir) {
    let dir = tempfile::tempdir().expect("a directory");
    let options = SqliteOptions::new(dir.path().join("support.db"));
    (options.open().await.expect("a store"), dir)
}

/// Keeps the writer busy until the sender is used, so that what is queued meanwhile becomes one group.
async fn hold(store: &SqliteStore) -> (tokio::task::JoinHandle<()>, std_mpsc::Sender<()>) {
    let (release, held) = std_mpsc::channel();
    let (begun, mut begins) = mpsc::channel(1);
    let held = std::sync::Mutex::new(held);
    let writer = store.writer.clone();
    let job = tokio::spawn(async move {
        let wait = writer.run(move |_| {
            begun.blocking_send(()).unwrap();
            held.lock().unwrap().recv().unwrap();
            Ok(())
        });
        wait.await.unwrap();
    });
    begins.recv().await.expect("the writer");
    (job, release)
}

/// Commits all of them as one group and answers what became of each.
async fn as_one_group(store: &SqliteStore, sets: Vec<ChangeSet>) -> Vec<Result<(), StoreError>> {
    let (holding, release) = hold(store).await;
    let wanted = store.writer.jobs.max_capacity() - sets.len();
    let jobs: Vec<_> = sets
        .into_iter()
        .map(|set| {
            let store = store.clone();
            tokio::spawn(async move { store.commit(set).await })
        })
        .collect();
    // The writer is busy with the job that holds it, so the others stand in line.
    while store.writer.jobs.capacity() > wanted {
        tokio::task::yield_now().await;
    }
    release.send(()).unwrap();
    holding.await.unwrap();
    let mut results = Vec::new();
    for job in jobs {
        results.push(job.await.unwrap());
    }
    results
}

async fn is_there(store: &SqliteStore, n: u32) -> bool {
    store.ticket(ticket(n).id).await.unwrap().is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_group_only_the_conflict_fails() {
    let (store, _dir) = make().await;
    store.commit(opening(&ticket(100), 100)).await.unwrap();
    let mut sets: Vec<ChangeSet> = (0..64).map(|n| opening(&ticket(n), n)).collect();
    sets[20] = update(&ticket(100), 7);
    let results = as_one_group(&store, sets).await;
    for (n, result) in (0..).zip(&results) {
        assert_eq!(matches!(result, Err(StoreError::Conflict)), n == 20, "{n}");
        assert_eq!(is_there(&store, n).await, n != 20, "{n}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_group_what_fails_half_way_takes_nobody_with_it() {
    let (store, _dir) = make().await;
    let mut sets: Vec<ChangeSet> = (0..64).map(|n| opening(&ticket(n), n)).collect();
    // The ticket and its message are written before the event turns out to stand twice.
    sets[20].events.push(event(20, &ticket(20)));
    let results = as_one_group(&store, sets).await;
    for (n, result) in (0..).zip(&results) {
        assert_eq!(result.is_err(), n == 20, "{n}: {result:?}");
        assert_eq!(is_there(&store, n).await, n != 20, "{n}");
    }
}

/// Opens the `n`-th ticket and counts that.
fn counted_opening(n: u32) -> ChangeSet {
    let mut set = opening(&ticket(n), n);
    set.writes.push(counted(TallyScope::Desk, n));
    set
}

fn counted(scope: TallyScope, minute: u32) -> Write {
    Write::Tally(vec![tally(scope, minute.into(), Tally { opened: 1, ..Tally::default() })])
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_group_lists_count_what_was_kept() {
    let (store, _dir) = make().await;
    let review = |n: u32| Document { kind: DocumentKind::Review, ..document(n) };
    let mut sets: Vec<ChangeSet> = (0..64).map(|n| writes([put_document(&review(n), None)])).collect();
    // One fails after it stood on its lists, and one comes and leaves a list within the group.
    sets[20].events.push(event(20, &ticket(20)));
    let placement = Placement { keys: [].into(), ..document(40).placement };
    let moved = Document { placement, ..review(41) };
    sets[41].writes.push(put_document(&moved, Some(&review(41))));
    let results = as_one_group(&store, sets).await;
    assert_eq!(results.iter().filter(|result| result.is_err()).count(), 1);
    let counts = store.document_counts(DocumentKind::Review, "", 9).await.unwrap();
    assert_eq!(counts, [("all", 63), ("of/0", 32), ("of/1", 31)].map(|(list, n)| (list.to_owned(), n)));
}

/// What is counted: openings by each length of time, and tickets by each holder and length of time.
async fn counters(store: &SqliteStore) -> Vec<i64> {
    let sql = "SELECT sum(opened) FROM support_tallies GROUP BY kind, span UNION ALL \
               SELECT sum(n) FROM support_cells GROUP BY holder, span";
    store.writer.run(move |conn| all(conn, sql, [], |row| Ok(row.get(0)?))).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_group_what_fails_is_not_counted() {
    let mut early = counted_opening(20);
    // Nothing is written yet where this one fails.
    early.writes.insert(0, counted(TallyScope::Desk, 20));
    early.writes.insert(1, update(&ticket(100), 7).writes.remove(0));
    let mut late = counted_opening(20);
    late.events.push(event(20, &ticket(20)));
    for failing in [early, late] {
        let (store, _dir) = make().await;
        let mut sets: Vec<ChangeSet> = (0..64).map(counted_opening).collect();
        sets[20] = failing;
        let results = as_one_group(&store, sets).await;
        assert_eq!(results.iter().filter(|result| result.is_err()).count(), 1);
        assert!(results[20].is_err());
        assert_eq!(counters(&store).await, [63; 7]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_counters_of_a_group_are_the_sum_of_its_jobs() {
    let (store, _dir) = make().await;
    let results = as_one_group(&store, (0..32).map(counted_opening).collect()).await;
    assert!(results.iter().all(Result::is_ok));
    let sets = (0..64).map(|n| match n {
        32.. => counted_opening(n),
        n if n % 3 == 0 => update(&Ticket { deleted_at: Some(at(90)), ..ticket(n) }, 1),
        n if n % 3 == 1 => update(&Ticket { status: "closed".into(), assignee: None, ..ticket(n) }, 1),
        n => update(&Ticket { assignee: Some(agent(n)), created_at: at(-3_000), ..ticket(n) }, 1),
    });
    let results = as_one_group(&store, sets.collect()).await;
    assert!(results.iter().all(Result::is_ok));
    let kept = "SELECT holder, status, start, n FROM support_cells WHERE span = 86400000";
    let recount = "SELECT holder, status, created_at - created_at % 86400000, count(*) FROM ( \
                   SELECT 'anybody' AS holder, * FROM support_tickets UNION ALL \
                   SELECT coalesce(assignee_id, 'nobody'), * FROM support_tickets) \
                   WHERE deleted_at IS NULL GROUP BY 1, 2, 3";
    let astray = move |conn: &Connection| {
        let differ = |one, other| format!("SELECT count(*) FROM ({one} EXCEPT SELECT * FROM ({other}))");
        let count = |sql: String| conn.query_row(&sql, [], |row| row.get::<_, i64>(0));
        Ok((count(differ(kept, recount))?, count(differ(recount, kept))?))
    };
    assert_eq!(store.writer.run(astray).await.unwrap(), (0, 0));
    assert_eq!(counters(&store).await[..3], [64; 3]);
}

/// The jobs of this group write nothing but what they count, so it is the counters that find no room.
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_for_the_counters_fails_whom_it_has_no_room_for() {
    let (store, _dir) = make().await;
    let room = |more: i64| {
        store.writer.run(move |conn| {
            let pages: i64 = conn.pragma_query_value(None, "page_count", |row| row.get(0))?;
            Ok(conn.pragma_update_and_check(None, "max_page_count", pages + more, |_| Ok(()))?)
        })
    };
    let large = |n: u32| writes((0..200).map(|m| counted(TallyScope::Agent(agent(n * 1_000 + m).id), n)));
    let sets = || (0..8).map(|n| if n == 5 { writes([counted(TallyScope::Desk, n)]) } else { large(n) }).collect();
    room(0).await.unwrap();
    for (n, result) in as_one_group(&store, sets()).await.iter().enumerate() {
        assert!(matches!((n, result), (5, Ok(())) | (_, Err(StoreError::Full))), "{n}: {result:?}");
    }
    assert_eq!(counters(&store).await, [1; 3]);

    room(1_000).await.unwrap();
    assert!(as_one_group(&store, sets()).await.iter().all(Result::is_ok));
    assert_eq!(counters(&store).await, [1_400, 1_400, 1_400, 2, 2, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_sees_what_is_before_it_in_the_group() {
    let (store, _dir) = make().await;
    let row = ticket(1);
    let sets = vec![opening(&row, 1), update(&row, 1), update(&row, 1)];
    let results = as_one_group(&store, sets).await;
    // Which of the three comes first is not said, so the updates may find no ticket; never do both win.
    assert!(results[0].is_ok());
    assert!(results[1..].iter().filter(|result| result.is_ok()).count() <= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_answered_and_the_writer_lives() {
    let (store, _dir) = make().await;
    let result: Result<(), _> = store
        .writer
        .run(|conn| {
            let _counts = apply(conn, &opening(&ticket(1), 1))?;
            panic!("on purpose");
        })
        .await;
    assert!(matches!(result, Err(StoreError::Backend(_))));
    assert!(!is_there(&store, 1).await);
    store.commit(opening(&ticket(1), 1)).await.unwrap();
    assert!(is_there(&store, 1).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_leaves_is_served_all_the_same() {
    let (store, _dir) = make().await;
    let (holding, release) = hold(&store).await;
    {
        let mut abandoned = std::pin::pin!(store.commit(opening(&ticket(1), 1)));
        let polled = std::future::poll_fn(|cx| std::task::Poll::Ready(abandoned.as_mut().poll(cx))).await;
        assert!(polled.is_pending());
    }
    release.send(()).unwrap();
    holding.await.unwrap();
    assert_eq!(store.reserve_numbers("after", 1).await.unwrap(), 1);
    assert!(is_there(&store, 1).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_may_only_read_is_unavailable() {
    let (store, dir) = make().await;
    store.commit(opening(&ticket(1), 1)).await.unwrap();
    store.writer.run(|conn| Ok(conn.pragma_update(None, "query_only", true)?)).await.unwrap();
    let result = store.commit(opening(&ticket(2), 2)).await;
    assert!(matches!(result, Err(StoreError::Unavailable(_))), "{result:?}");
    assert!(matches!(store.reserve_numbers("a", 1).await, Err(StoreError::Unavailable(_))));
    assert!(is_there(&store, 1).await && !is_there(&store, 2).await);

    let again = SqliteStore::open(dir.path().join("support.db")).await.unwrap();
    again.commit(opening(&ticket(2), 2)).await.unwrap();
    assert!(is_there(&store, 2).await);
}

/// What was asked for before the last store went away is done.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_queued_is_done_before_the_end() {
    let (store, dir) = make().await;
    let (holding, release) = hold(&store).await;
    let results: Vec<_> = (0..32)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move { store.commit(opening(&ticket(n), n)).await })
        })
        .collect();
    drop(store);
    release.send(()).unwrap();
    holding.await.unwrap();
    for result in results {
        result.await.unwrap().unwrap();
    }
    let store = SqliteStore::open(dir.path().join("support.db")).await.unwrap();
    assert!(is_there(&store, 0).await && is_there(&store, 31).await);
}

/// An update writes only the columns that differ, and what hangs on them.
#[tokio::test(flavor = "multi_thread")]
async fn words_tags_and_links_follow_the_ticket() {
    let (store, _dir) = make().await;
    let first = ticket(1);
    store.commit(opening(&first, 1)).await.unwrap();
    let changes: [fn(&mut Ticket); 5] = [
        |row| row.status = "closed".into(),
        |row| row.subject = "Something else".into(),
        |row| row.tags = ["new".to_owned()].into(),
        |row| row.related.push(row.related[0].clone()),
        |row| row.created_at = at(500),
    ];
    let mut row = first;
    for (read, change) in (1..).zip(changes) {
        change(&mut row);
        let mut set = update(&row, read);
        let n = u32::try_from(read).unwrap() + 1;
        set.writes.extend(add(note(n, &row), true).writes);
        set.writes.push(Write::AddMessage { message: Box::new(message(n + 100, &row)), touch: false });
        store.commit(set).await.unwrap();
        // Compares the index with what the view says now.
        let check = "INSERT INTO support_ticket_text (support_ticket_text, rank) VALUES ('integrity-check', 1)";
        store.writer.run(move |conn| Ok(conn.execute(check, [])?)).await.unwrap();
    }
    let rows = "SELECT (SELECT group_concat(tag || created_at) FROM support_ticket_tags), \
                (SELECT group_concat(kind || ref || created_at) FROM support_ticket_related)";
    let found: (String, String) = store
        .writer
        .run(move |conn| Ok(conn.query_row(rows, [], |row| Ok((row.get(0)?, row.get(1)?)))?))
        .await
        .unwrap();
    let moment = at(500).timestamp_millis();
    assert_eq!(found, (format!("new{moment}"), format!("orderA-1{moment}")));
    let trail = EventQuery { ticket: row.id, after: None, limit: 9 };
    assert_eq!(store.events(&trail).await.unwrap().items.len(), 1);
}
