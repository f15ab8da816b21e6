//! Two processes do the jobs of one file; one of them stands still for longer than its lease, and wakes up again.
//! Whatever a job does to a ticket is done once.

#![cfg(unix)]

use chrono::TimeDelta;
use std::{
    env,
    io::{BufRead, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};
use support_core::{
    desk::{Desk, Error, tickets::NewTicket, workers::Job},
    domain::{actor::Actor, profile::Profile},
    ports::{
        StoreError,
        clock::{Clock as _, FixedClock, SystemClock},
    },
};
use support_storage_sqlite::{
    SqliteStore,
    rusqlite::{Connection, ErrorCode},
};
use uuid::Uuid;

const LATE: usize = 300;
const RESOLVED: usize = 100;
const LEASE: TimeDelta = TimeDelta::milliseconds(400);
const DATABASE: &str = "SUPPORT_DESK_NODES_DATABASE";
const FIRST: &str = "SUPPORT_DESK_NODES_FIRST";

/// Two promises, one rule of escalation, and tickets that close by themselves.
fn profile() -> Profile {
    let mut profile = Profile::bookings();
    profile.escalation.rules.truncate(1);
    profile.auto_close = Profile::vehicle_retail().auto_close;
    profile
}

/// Not a test of its own: a node, which the other one starts. Waits for a line, and works until there are no more.
///
/// It looks again at once instead of taking [`Desk::run_workers`]' turns of seconds and minutes.
#[test]
fn looks_until_it_is_told_to_stop() {
    let Ok(path) = env::var(DATABASE) else {
        return;
    };
    let mut jobs = [Job::SlaMonitor, Job::Escalation, Job::AutoClose];
    if env::var(FIRST).is_err() {
        jobs.reverse();
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = SqliteStore::open(path).await.unwrap();
        let desk = Desk::builder(store).profile(profile()).build().unwrap();
        let workers = desk.workers().lease(LEASE);
        say("ready");
        std::io::stdin().read_line(&mut String::new()).unwrap();
        let stopping = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stopping);
        thread::spawn(move || {
            std::io::stdin().lines().for_each(drop);
            told.store(true, Ordering::SeqCst);
        });
        while !stopping.load(Ordering::SeqCst) {
            for job in jobs {
                match workers.tick(job).await {
                    // The other node stands still and holds the file: later it may work.
                    Ok(_) | Err(Error::Store(StoreError::Unavailable(_))) => {}
                    Err(other) => panic!("{other:?}"),
                }
            }
            say("looked");
            thread::sleep(Duration::from_millis(5));
        }
        // Gives its leases back.
        workers.run(async {}).await;
    });
    say("ended");
}

fn say(what: &str) {
    std::io::stdout().write_all(format!("\n{what}\n").as_bytes()).expect("a reader");
}

/// A node, from outside. It does not outlive the test, stopped or not.
struct Node {
    child: Child,
    orders: Option<ChildStdin>,
    looks: Arc<AtomicUsize>,
    heard: Option<thread::JoinHandle<String>>,
}

impl Node {
    fn start(path: &Path, first: bool) -> Self {
        let mut command = Command::new(env::current_exe().expect("this program"));
        command
            .args(["--exact", "looks_until_it_is_told_to_stop", "--nocapture"])
            .env(DATABASE, path)
            .env_remove(FIRST)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        if first {
            command.env(FIRST, "1");
        }
        let mut child = command.spawn().expect("a process");
        let orders = child.stdin.take();
        let mut said = BufReader::new(child.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
        assert!(said.any(|line| line == "ready"), "the node opens the file");
        let looks = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&looks);
        let heard = thread::spawn(move || {
            let mut last = String::new();
            for line in said {
                if line == "looked" {
                    counted.fetch_add(1, Ordering::SeqCst);
                } else if line == "ended" {
                    last = line;
                }
            }
            last
        });
        Self { child, orders, looks, heard: Some(heard) }
    }

    fn work(&mut self) {
        self.orders.as_mut().expect("a pipe").write_all(b"work\n").expect("a reader");
    }

    /// `STOP` or `CONT`.
    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(sent.expect("`kill` is everywhere").success());
    }

    fn looks(&self) -> usize {
        self.looks.load(Ordering::SeqCst)
    }

    /// Tells it to stop, and waits until it has.
    fn end(mut self) {
        drop(self.orders.take());
        assert!(self.child.wait().expect("a process").success());
        let last = self.heard.take().expect("not joined yet").join().expect("a reader");
        assert_eq!(last, "ended");
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..6_000 {
        if holds() {
            return;
        }
        thread::sleep(Duration::from_millis(5));
    }
    panic!("still not so after half a minute: {what}");
}

/// Tickets whose promises were broken long ago, and tickets that were resolved long ago.
async fn fill(path: &Path) {
    let clock = FixedClock::at(SystemClock.now() - TimeDelta::days(10));
    let store = SqliteStore::open(path).await.expect("a new file");
    let desk = Desk::builder(store).profile(profile()).clock(clock).build().expect("a lawful profile");
    let tickets = (0..LATE + RESOLVED).map(|n| {
        let desk = desk.clone();
        tokio::spawn(async move {
            let (ada, joan) = (Actor::customer(Uuid::from_u128(7), "Ada"), Actor::admin(Uuid::from_u128(0xad), "Joan"));
            let ticket =
                desk.tickets().open(&ada, NewTicket::new("No parcel", "Where is it?")).await.expect("a ticket").ticket;
            if n >= LATE {
                desk.tickets().resolve(&joan, ticket.id, "Found").await.expect("a ticket");
            }
        })
    });
    for ticket in tickets.collect::<Vec<_>>() {
        ticket.await.expect("nobody panics");
    }
}

fn count(conn: &Connection, sql: &str) -> usize {
    let count: i64 = conn.query_row(sql, [], |row| row.get(0)).expect("a count");
    count.try_into().expect("a count")
}

fn due(conn: &Connection, column: &str) -> usize {
    let now = SystemClock.now().timestamp_millis();
    count(conn, &format!("SELECT count(*) FROM support_tickets WHERE {column} <= {now}"))
}

/// Whether nobody who stands still holds the file. A node that works is out of the way again within this patience.
fn is_free(conn: &Connection, patience: Duration) -> bool {
    conn.busy_timeout(patience).expect("a setting");
    match conn.execute_batch("BEGIN IMMEDIATE; ROLLBACK") {
        Ok(()) => true,
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => false,
        Err(error) => panic!("{error}"),
    }
}

/// Stops a node that works, where others can go on.
///
/// A node that stands still inside a commit holds the file, keeps everybody else from writing, and no lease is of any use.
/// Most of its time goes into commits, so most stops fall into one. The other node then waits for the file (up to five
/// seconds, to which these moments do not come) and neither of them loses anything: the first goes on, and is stopped
/// again, until it holds its lease and not the file.
fn stop_between_commits(node: &Node, conn: &Connection) {
    node.signal("STOP");
    while !is_free(conn, Duration::from_millis(100)) {
        node.signal("CONT");
        thread::sleep(Duration::from_millis(3));
        node.signal("STOP");
    }
}

/// Answers whether the second node took over from the first; on a slow machine the first may have been done before.
fn one_stands_still_and_wakes_up(path: &Path) -> bool {
    let conn = Connection::open(path).expect("a file");
    let lease = || count(&conn, "SELECT token FROM support_leases WHERE job = 'sla-monitor'");
    let (mut first, mut second) = (Node::start(path, true), Node::start(path, false));
    first.work();
    until("the first node has begun", || {
        count(&conn, "SELECT count(*) FROM support_events WHERE kind = 'sla_breached'") > 0
    });
    second.work();
    stop_between_commits(&first, &conn);
    let (held, left) = (lease(), due(&conn, "sla_at"));
    until("the second node has done everything", || {
        // A thread stops when it leaves the kernel, and may come out of it with the lock that it had just asked for.
        if !is_free(&conn, Duration::from_millis(500)) {
            first.signal("CONT");
            thread::sleep(Duration::from_millis(3));
            stop_between_commits(&first, &conn);
        }
        ["sla_at", "escalation_at", "auto_close_at"].iter().all(|column| due(&conn, column) == 0)
    });
    if left == 0 || lease() == held {
        return false;
    }
    let goals = [first.looks() + 5, second.looks() + 5];
    first.signal("CONT");
    until("both go on", || first.looks() >= goals[0] && second.looks() >= goals[1]);
    first.end();
    second.end();
    true
}

#[test]
fn a_node_that_stood_still_does_nothing_twice() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for _ in 0..10 {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("support.db");
        runtime.block_on(fill(&path));
        if one_stands_still_and_wakes_up(&path) {
            check(&Connection::open(&path).unwrap());
            return;
        }
    }
    panic!("the first node was always done before it could be stopped");
}

/// Every effect stands in the trail once.
fn check(conn: &Connection) {
    let once = |kind: &str, of: &str, wanted: usize| {
        let all = count(conn, &format!("SELECT count(*) FROM support_events WHERE kind = '{kind}'"));
        let distinct =
            format!("SELECT count(*) FROM (SELECT DISTINCT ticket, {of} FROM support_events WHERE kind = '{kind}')");
        assert_eq!((all, count(conn, &distinct)), (wanted, wanted), "{kind}");
    };
    // What is due of which clock, in which cycle and how much of it, stands in the data.
    once("sla_at_risk", "data", 2 * LATE);
    once("sla_breached", "data ->> 'clock', data ->> 'cycle'", 2 * LATE);
    once("escalated", "kind", LATE);
    once("closed", "kind", RESOLVED);
    // The figures count what the trail tells.
    let counted =
        |of: &str| count(conn, &format!("SELECT sum({of}) FROM support_tallies WHERE kind = 'desk' AND span = 900000"));
    assert_eq!((counted("escalated"), counted("closed")), (LATE, RESOLVED));
    let held = count(conn, "SELECT count(*) FROM support_leases WHERE until > 0");
    assert_eq!(held, 0, "both have given their leases back");
}
