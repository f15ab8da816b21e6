use crate::report::{Promise, Report, by_turns, say};
use support_desk::{
    Actor, Desk, Profile, SqliteStore,
    desk::tickets::{NewTicket, Page},
    domain::{
        actor::AgentRef,
        ticket::{Cursor, Sort, TicketFilter},
    },
    ports::{ChangeSet, Write},
    sqlite::{commit_in, rusqlite::Connection},
};
use uuid::Uuid;

const TICKETS: usize = 1_000_000;
const BLOCK: usize = 10_000;
const ROWS: u32 = 20;

/// Fills the file in large transactions of its own: the host's way in, and the fastest.
async fn fill(desk: &Desk, file: &std::path::Path) {
    let mut connection = Connection::open(file).expect("the desk's file");
    connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -262144;").expect("pragmas");
    connection.set_prepared_statement_cache_capacity(64);
    let agents: Vec<Actor> = (0..50).map(|n| Actor::agent(Uuid::from_u128(1_000_000 + n), "Agent")).collect();
    for block in 0..TICKETS / BLOCK {
        // Planned before the transaction begins: a plan takes numbers from the store, which would wait for the host.
        let mut planned = Vec::with_capacity(BLOCK);
        for n in 0..BLOCK {
            let customer = Actor::customer(Uuid::from_u128((block * BLOCK + n) as u128 % 20_000), "Customer");
            let plan = desk.tickets().plan_open(&customer, NewTicket::new("Parcel is late", "Where is it?")).await;
            let mut changes = plan.expect("a ticket").changes;
            if n % 4 > 0 {
                assign(&mut changes, &agents[n % agents.len()], ["assigned", "in_progress", "closed"][n % 3]);
            }
            planned.push(changes);
        }
        let transaction = connection.transaction().expect("a transaction");
        for changes in &planned {
            commit_in(&transaction, changes).expect("a ticket");
        }
        transaction.commit().expect("a commit");
    }
}

/// Lets the tickets begin in the middle of their lives.
fn assign(changes: &mut ChangeSet, agent: &Actor, status: &str) {
    for write in &mut changes.writes {
        if let Write::OpenTicket { ticket, .. } = write {
            ticket.assignee = agent.agent_id().map(|id| AgentRef { id, name: "Agent".into() });
            ticket.status = status.into();
        }
    }
}

pub(crate) fn run(report: &mut Report) {
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("the target folder is writable");
    let file = folder.path().join("million.db");
    let desk = runtime.block_on(async {
        let store = SqliteStore::open(&file).await.expect("a new file");
        let desk = Desk::builder(store).profile(Profile::bookings()).build().expect("a shipped profile");
        fill(&desk, &file).await;
        desk
    });
    let actors = [
        ("admin", Actor::admin(Uuid::from_u128(9), "Admin")),
        ("agent (own and unassigned)", Actor::agent(Uuid::from_u128(1_000_007), "Agent")),
    ];
    let none = TicketFilter::default;
    let filters = [
        ("all", none()),
        ("by status", TicketFilter { statuses: vec!["open".into(), "in_progress".into()], ..none() }),
    ];
    for (who, actor) in &actors {
        for (what, filter) in &filters {
            let page = |after: Option<Cursor>| {
                let page = Page { after, skip: 0, limit: ROWS };
                let list = desk.tickets().list(actor, filter.clone(), Sort::default(), page);
                runtime.block_on(list).expect("a list")
            };
            let mut cursor = None;
            for _ in 0..999 {
                cursor = page(cursor).next;
            }
            assert!(cursor.is_some(), "there are a thousand pages");
            let (first, thousandth) = by_turns(300, |_| drop(page(None)), |_| drop(page(cursor)));
            say(&format!("{who}, {what}: page 1 {first:.0} µs, page 1,000 {thousandth:.0} µs"));
            let ratio = (first / thousandth).max(thousandth / first);
            report.check(&format!("{who}, {what}: page 1 and page 1,000 apart"), ratio, "x", &Promise::AtMost(2.0));
            let slower = first.max(thousandth) / 1_000.0;
            report.check(&format!("{who}, {what}: p50 of the slower"), slower, "ms", &Promise::AtMost(2.0));
        }
    }
}
