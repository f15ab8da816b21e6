//! A process that is killed while it writes: what it acknowledged is there, and no use case is there by half.

use std::{
    collections::HashSet,
    env,
    io::{BufRead, BufReader, Write as _},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};
use support_core::{
    contract::sample::{event, message, opening, ticket},
    domain::ticket::Ticket,
    ports::{ChangeSet, Store, Write},
};
use support_storage_sqlite::{
    SqliteStore,
    rusqlite::{self, Connection},
};

const ROUNDS: u32 = 50;
const CALLERS: u32 = 8;
const DATABASE: &str = "SUPPORT_DESK_CRASH_DATABASE";
const START: &str = "SUPPORT_DESK_CRASH_START";

/// Not a test of its own: the process that the other one kills. Writes for ever, and says what was acknowledged.
#[test]
fn writes_until_it_is_killed() {
    let (Ok(path), Ok(start)) = (env::var(DATABASE), env::var(START)) else {
        return;
    };
    let start: u32 = start.parse().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = Arc::new(SqliteStore::open(path).await.unwrap());
        let callers: Vec<_> = (0..CALLERS)
            .map(|caller| {
                let store = Arc::clone(&store);
                tokio::spawn(async move {
                    for n in (start + caller..).step_by(CALLERS as usize) {
                        store.commit(opening(&ticket(n), n)).await.unwrap();
                        say("opened", n);
                        store.commit(reply(n)).await.unwrap();
                        say("replied", n);
                    }
                })
            })
            .collect();
        for caller in callers {
            caller.await.unwrap();
        }
    });
}

fn say(what: &str, n: u32) {
    let line = format!("\n{what} {n}\n");
    std::io::stdout().write_all(line.as_bytes()).expect("a reader");
}

/// A message, the ticket that it moves, and the entry in the trail.
fn reply(n: u32) -> ChangeSet {
    let row = Ticket { status: "waiting".into(), ..ticket(n) };
    let later = n + 100_000_000;
    ChangeSet {
        guards: Vec::new(),
        writes: vec![
            Write::UpdateTicket { ticket: Box::new(row.clone()), read: 1 },
            Write::AddMessage { message: Box::new(message(later, &row)), touch: false },
        ],
        events: vec![event(later, &row)],
    }
}

#[test]
fn nothing_acknowledged_is_lost_and_nothing_is_there_by_half() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("support.db");
    let mut acknowledged = HashSet::new();
    for round in 0..ROUNDS {
        // Some die before their first answer, some after many.
        let answers = (round * 7) % 23;
        acknowledged.extend(run_and_kill(&path, round * 1_000_000, answers as usize));
        check(&path, &acknowledged).unwrap();
    }
    assert!(acknowledged.len() > ROUNDS as usize, "{}", acknowledged.len());
}

/// Everything that a process said before it died.
fn run_and_kill(path: &Path, start: u32, answers: usize) -> Vec<(bool, u32)> {
    let mut child = Command::new(env::current_exe().expect("this program"))
        .args(["--exact", "writes_until_it_is_killed", "--nocapture"])
        .env(DATABASE, path)
        .env(START, start.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a process");
    let said = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut heard = Vec::new();
    if answers == 0 {
        child.kill().expect("a running process");
    }
    for line in said.map_while(Result::ok) {
        let Some((what, n)) = line.split_once(' ') else {
            continue;
        };
        if let ("opened" | "replied", Ok(n)) = (what, n.parse()) {
            heard.push((what == "replied", n));
            if heard.len() == answers {
                child.kill().expect("a running process");
            }
        }
    }
    child.wait().expect("a dead process");
    heard
}

fn check(path: &Path, acknowledged: &HashSet<(bool, u32)>) -> rusqlite::Result<()> {
    let conn = Connection::open(path)?;
    if !conn.table_exists(None, "support_tickets")? {
        assert!(acknowledged.is_empty());
        return Ok(());
    }
    let intact: String = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    assert_eq!(intact, "ok");
    conn.execute("INSERT INTO support_ticket_text (support_ticket_text, rank) VALUES ('integrity-check', 1)", [])?;
    // An opening leaves version 1 and one of each, a reply version 2 and two of each.
    let halves: i64 = conn.query_row(
        "SELECT count(*) FROM support_tickets
             WHERE version <> (SELECT count(*) FROM support_messages WHERE ticket = support_tickets.seq)
                OR version <> (SELECT count(*) FROM support_events WHERE ticket = support_tickets.seq)
                OR (version = 2) <> (status = 'waiting')
                OR 2 <> (SELECT count(*) FROM support_ticket_tags WHERE ticket = support_tickets.seq)
                OR 1 <> (SELECT count(*) FROM support_ticket_related WHERE ticket = support_tickets.seq)",
        [],
        |row| row.get(0),
    )?;
    assert_eq!(halves, 0);
    // Kept counts are those of a recount.
    let astray: i64 = conn.query_row(
        "SELECT count(*) FROM (SELECT status, count(*) FROM support_tickets GROUP BY status
                 EXCEPT SELECT status, sum(n) FROM support_cells WHERE holder = 'anybody' AND span = 86400000 GROUP BY status)",
        [],
        |row| row.get(0),
    )?;
    assert_eq!(astray, 0);
    let mut version = conn.prepare("SELECT version FROM support_tickets WHERE id = ?1")?;
    for (replied, n) in acknowledged {
        let id = ticket(*n).id.uuid();
        let found: Vec<i64> = version.query_map([id.as_bytes()], |row| row.get(0))?.map(Result::unwrap).collect();
        assert!(found.len() == 1 && found[0] > i64::from(*replied), "{n}: {found:?}");
    }
    Ok(())
}
