use crate::{
    raw::{Raw, Rows, Tables},
    report::{Promise, Report, by_turns, median, now, per_second, say, since},
};
use std::{path::Path, sync::Arc, time::Duration};
use support_desk::{
    Actor, Desk, Profile, SqliteStore,
    desk::{messages::NewMessage, tickets::NewTicket},
    domain::id::TicketId,
};
use uuid::Uuid;

const CALLERS: usize = 64;
const EACH: usize = 60;
const ROUNDS: usize = 3;
const LONE: usize = 400;

fn customer(n: usize) -> Actor {
    Actor::customer(Uuid::from_u128(n as u128 % 500), "Ada Lovelace")
}

fn agent() -> Actor {
    Actor::agent(Uuid::from_u128(0xa1), "Grace Hopper")
}

fn new_ticket(n: usize) -> NewTicket {
    NewTicket::new(format!("Parcel {n} is late"), "It was promised for Monday and nobody called. ".repeat(6))
}

async fn desk(file: &Path) -> Desk {
    let store = SqliteStore::open(file).await.expect("a new file");
    Desk::builder(store).profile(Profile::bookings()).build().expect("a shipped profile")
}

async fn open(desk: &Desk, n: usize) -> TicketId {
    desk.tickets().open(&customer(n), new_ticket(n)).await.expect("a ticket").ticket.id
}

async fn answer(desk: &Desk, ticket: TicketId) {
    let message = NewMessage::public("We have found it, you will have it tomorrow. ".repeat(4));
    desk.messages().add(&agent(), ticket, message).await.expect("a message");
}

/// Each caller opens its tickets; when all have, each answers them. Answers how many use cases a second that was, and what
/// the file held after each half.
async fn many_callers(file: &Path) -> (f64, Rows) {
    let desk = desk(file).await;
    let (tickets, opening) = by_callers(|caller| {
        let desk = desk.clone();
        async move {
            let mut tickets = Vec::new();
            for n in 0..EACH {
                tickets.push(open(&desk, caller * EACH + n).await);
            }
            tickets
        }
    })
    .await;
    let opened = Tables::read(file);
    let tickets = Arc::new(tickets);
    let (_, answering) = by_callers(|caller| {
        let (desk, tickets) = (desk.clone(), tickets.clone());
        async move {
            for ticket in &tickets[caller] {
                answer(&desk, *ticket).await;
            }
        }
    })
    .await;
    let all = f64::from(u32::try_from(2 * CALLERS * EACH).unwrap_or(u32::MAX));
    (all / (opening + answering).as_secs_f64(), Rows::new(opened, Tables::read(file)))
}

/// What all callers come to, one after the other, and how long it took.
async fn by_callers<T, F>(work: impl Fn(usize) -> F) -> (Vec<T>, Duration)
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let start = now();
    let running: Vec<_> = (0..CALLERS).map(|caller| tokio::spawn(work(caller))).collect();
    let mut done = Vec::new();
    for task in running {
        done.push(task.await.expect("no caller panics"));
    }
    (done, since(start))
}

fn raw_rate(file: &Path, desk: &Path, rows: &Rows, group: usize) -> f64 {
    let raw = Raw::create(file);
    let start = now();
    raw.write(rows, group);
    let rate = per_second(2 * rows.len(), start);
    raw.compare(desk);
    rate
}

pub(crate) fn run(report: &mut Report) {
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let folder = || tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("the target folder is writable");
    let (mut ours, mut grouped, mut single) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let folder = folder();
        let file = folder.path().join("desk.db");
        let (rate, rows) = runtime.block_on(many_callers(&file));
        ours.push(rate);
        grouped.push(raw_rate(&folder.path().join("grouped.db"), &file, &rows, CALLERS));
        single.push(raw_rate(&folder.path().join("single.db"), &file, &rows, 1));
    }
    let (ours, grouped, single) = (median(ours), median(grouped), median(single));
    say(&format!("{ours:.0}/s desk, {grouped:.0}/s raw in groups of {CALLERS}, {single:.0}/s raw one by one"));
    report.check("64 callers, to raw groups of the same rows", ours / grouped, "x", &Promise::AtLeast(0.6));
    report.check("64 callers, to one raw commit each", ours / single, "x", &Promise::AtLeast(5.0));

    let folder = folder();
    let file = folder.path().join("lone.db");
    let lone = runtime.block_on(desk(&file));
    let raw = Raw::create(&folder.path().join("raw.db"));
    // The raw rows are those that a desk has left behind: they must be there before the two can take turns.
    let model = folder.path().join("model.db");
    let rows = runtime.block_on(async {
        let desk = desk(&model).await;
        let mut tickets = Vec::new();
        for n in 0..LONE {
            tickets.push(open(&desk, n).await);
        }
        let opened = Tables::read(&model);
        for ticket in tickets {
            answer(&desk, ticket).await;
        }
        Rows::new(opened, Tables::read(&model))
    });
    let mut tickets = Vec::new();
    let (opening, raw_opening) = by_turns(
        LONE,
        |n| tickets.push(runtime.block_on(open(&lone, n))),
        |n| raw.transaction(|raw| raw.open(&rows, n)),
    );
    let (answering, raw_answering) = by_turns(
        LONE,
        |n| runtime.block_on(answer(&lone, tickets[n])),
        |n| raw.transaction(|raw| raw.answer(&rows, n)),
    );
    raw.compare(&model);
    say(&format!("open {opening:.0} µs, raw {raw_opening:.0} µs; answer {answering:.0} µs, raw {raw_answering:.0} µs"));
    report.check("a lone caller opens, to one raw commit", opening / raw_opening, "x", &Promise::AtMost(1.5));
    report.check("a lone caller answers, to one raw commit", answering / raw_answering, "x", &Promise::AtMost(1.5));
}
