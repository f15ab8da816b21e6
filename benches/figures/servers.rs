//! What a desk on a database server gets done, beside what the server does for whoever writes the same rows by hand.
//!
//! Each section starts a server of its own and ends it again. Where commits are measured, it waits for the disk at each.

mod interactive;
mod line;
mod lists;
mod million;
mod pgbench;
mod replies;

use crate::report::{Promise, Report, median, say};
use interactive::{Interactive, Rows};
use line::Line;
use pgbench::Pgbench;
use replies::Replies;
use std::time::Duration;
use support_desk::sqlx::{
    SqlxOptions,
    sqlx::{mysql::MySqlPoolOptions, postgres::PgPoolOptions},
};
use test_servers::{MariaDb, Postgres, Setup};
use tokio::runtime::Runtime;

/// How long each rate is measured, and how often. The first round warms up and is not counted.
const ROUND: Duration = Duration::from_secs(5);
const ROUNDS: usize = 5;

/// Where the desk's tables are, and where those that are written by hand.
const DESK: &str = "desk";
const RAW: &str = "raw";

pub(crate) fn postgres(report: &mut Report) {
    let server = match Postgres::start(Setup::default().durable()) {
        Ok(server) => server,
        Err(sentence) => return say(&format!("left out: {sentence}")),
    };
    let runtime = Runtime::new().expect("threads");
    runtime.block_on(async {
        let url = server.url();
        let desk = Replies::seed(options(&url, DESK)).await;
        options(&url, RAW).migrate().await.expect("the same tables");
        interactive::copy(&url).await;
        match Pgbench::find(&server) {
            Ok(pgbench) => beside_pgbench(report, &desk, &pgbench).await,
            Err(sentence) => say(&format!("left out: {sentence}")),
        }
        at_a_distance(report, &server, &desk).await;
    });
}

async fn beside_pgbench(report: &mut Report, desk: &Replies, pgbench: &Pgbench) {
    let [store, desk, pgbench] = rounds(async |which| match which {
        0 => desk.commits(ROUND).await,
        1 => desk.answers(ROUND).await,
        // Nothing else of this program works meanwhile, so the runtime may stand still.
        _ => pgbench.rate(ROUND),
    })
    .await;
    say(&format!("16 callers answer: {desk:.0}/s desk, {store:.0}/s store alone, {pgbench:.0}/s pgbench"));
    report.check("PostgreSQL, 16 callers answer, to pgbench", desk / pgbench, "x", &Promise::AtLeast(0.7));
    say(&format!("the store alone, without reading and deciding: {:.2} x pgbench", store / pgbench));
}

/// Every round trip takes two milliseconds longer, as to a database in another building.
async fn at_a_distance(report: &mut Report, server: &Postgres, desk: &Replies) {
    let line = Line::to(server.port(), Duration::from_millis(1));
    let url = server.url().replace(&format!(":{}/", server.port()), &format!(":{}/", line.port()));
    let desk = desk.on(options(&url, DESK)).await;
    let pool = PgPoolOptions::new().max_connections(20).connect(&url).await.expect("a connection");
    say(&format!("a round trip on the line takes {:.2} ms", interactive::round_trip(&pool).await));
    let raw = Interactive::new(Rows::Postgres(pool), interactive::made_ids());
    let [store, desk, raw] = rounds(async |which| match which {
        0 => desk.commits(ROUND).await,
        1 => desk.answers(ROUND).await,
        _ => raw.rate(ROUND).await,
    })
    .await;
    say(&format!("2 ms away, 16 callers: {store:.0}/s store, {desk:.0}/s desk, {raw:.0}/s statement by statement"));
    let what = "PostgreSQL, 2 ms away: store, to statement by statement";
    report.check(what, store / raw, "x", &Promise::AtLeast(1.5));
}

/// Lists of a million tickets, and how large their tables are. Making them takes some minutes.
pub(crate) fn postgres_million(_: &mut Report) {
    let setup = Setup::default().setting("shared_buffers", "1GB").setting("max_wal_size", "8GB");
    let server = match Postgres::start(setup) {
        Ok(server) => server,
        Err(sentence) => return say(&format!("left out: {sentence}")),
    };
    let runtime = Runtime::new().expect("threads");
    let store = runtime.block_on(million::fill(&server.url()));
    lists::run(&runtime, &store);
    runtime.block_on(million::sizes(&server.url()));
}

pub(crate) fn mysql(_: &mut Report) {
    let server = match MariaDb::start(Setup::default().durable()) {
        Ok(server) => server,
        Err(sentence) => return say(&format!("left out: {sentence}")),
    };
    let runtime = Runtime::new().expect("threads");
    runtime.block_on(async {
        let url = server.url();
        let desk = Replies::seed(options(&url, DESK)).await;
        let by_hand = Replies::seed(options(&url, RAW)).await;
        let pool = MySqlPoolOptions::new().max_connections(20).connect(&url).await.expect("a connection");
        let raw = Interactive::new(Rows::MySql(pool), by_hand.tickets());
        let [store, desk, raw] = rounds(async |which| match which {
            0 => desk.commits(ROUND).await,
            1 => desk.answers(ROUND).await,
            _ => raw.rate(ROUND).await,
        })
        .await;
        say(&format!(
            "16 callers answer: {desk:.0}/s desk, {store:.0}/s store alone, {raw:.0}/s statement by statement"
        ));
        say(&format!("to statement by statement: desk {:.2} x, store alone {:.2} x", desk / raw, store / raw));
    });
}

fn options(url: &str, schema: &str) -> SqlxOptions {
    SqlxOptions::new(url).schema(schema).connections(replies::CALLERS)
}

/// The middle rates of things that take turns: whatever else the machine does meanwhile, all of them meet it.
async fn rounds<const N: usize>(measure: impl AsyncFn(usize) -> f64) -> [f64; N] {
    let mut rates = [const { Vec::new() }; N];
    for round in 0..=ROUNDS {
        for (which, rates) in rates.iter_mut().enumerate() {
            let rate = measure(which).await;
            if round > 0 {
                rates.push(rate);
            }
        }
    }
    rates.map(median)
}
