//! Copies a desk from one store to another, and compares both: a file grown too small moves to a server, and back.
//!
//! `cargo run --release --features postgres,mysql --example copy_store -- support.db postgres://USER@HOST/NAME`: a path is
//! an `SQLite` file, a URL a server. Stop the desk before; the target must be empty. Interrupted, it goes on where it was
//! when it is run again.

use std::{
    error::Error,
    io::{IsTerminal as _, Write as _},
    path::Path,
    process::ExitCode,
};
use support_desk::{
    SqliteStore,
    ports::{
        Store,
        clock::{Clock as _, SystemClock},
    },
    transfer::{Counts, Progress, Transfer},
};

const USAGE: &str = "\
copy_store SOURCE TARGET
  each the path of an SQLite file, or the URL of a database, such as postgres://USER@HOST/NAME or mysql://USER@HOST/NAME
  (with --features postgres or mysql); the target must hold no desk yet, or the part of this one that was copied before";

#[tokio::main]
async fn main() -> ExitCode {
    match copy().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("copy_store: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn copy() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [from, to] = args.as_slice() else { return Err(format!("two stores are wanted\n{USAGE}").into()) };
    if let Some(option) = args.iter().find(|arg| arg.starts_with('-')) {
        return Err(format!("`{option}` is no store\n{USAGE}").into());
    }
    if from == to {
        return Err("source and target are the same".into());
    }
    // To open a file makes it, and a mistyped source must not become an empty desk.
    if !is_url(from) && !Path::new(path(from)).exists() {
        return Err(format!("there is no file {}", path(from)).into());
    }
    let source = open(from).await?;
    let target = open(to).await?;
    let transfer = Transfer::new(&*source, &*target);

    let began = SystemClock.now();
    let mut bar = Bar::new("copied");
    let copied = transfer.run(|progress| bar.show(progress)).await;
    bar.end();
    let seconds = (SystemClock.now() - began).as_seconds_f64();
    let moved = bar.moved();
    tell(&copied?);
    println!("copied {moved} records in {seconds:.1} s, {:.0} a second", per_second(moved, seconds));

    let mut bar = Bar::new("compared");
    let compared = transfer.check(|progress| bar.show(progress)).await;
    bar.end();
    println!("compared: all {} records are the same in both", compared?.total());
    Ok(())
}

fn tell(counts: &Counts) {
    for (kind, count) in counts.iter() {
        println!("{count:>10} {kind}");
    }
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people, of numbers far below 2^53")]
fn per_second(records: u64, seconds: f64) -> f64 {
    records as f64 / seconds.max(0.001)
}

fn is_url(store: &str) -> bool {
    store.contains("://")
}

/// As `helpdesk` spells it, too.
fn path(store: &str) -> &str {
    store.strip_prefix("sqlite:").unwrap_or(store)
}

async fn open(store: &str) -> Result<Box<dyn Store>, String> {
    if is_url(store) {
        return open_server(store).await;
    }
    let opened = SqliteStore::open(path(store)).await;
    opened.map(|store| Box::new(store) as Box<dyn Store>).map_err(|error| format!("cannot open {store}: {error}"))
}

#[cfg(any(feature = "postgres", feature = "mysql"))]
async fn open_server(url: &str) -> Result<Box<dyn Store>, String> {
    let opened = support_desk::SqlxStore::open(url).await;
    // Without the URL: there may be a password in it.
    opened.map(|store| Box::new(store) as Box<dyn Store>).map_err(|error| format!("cannot open the database: {error}"))
}

#[cfg(not(any(feature = "postgres", feature = "mysql")))]
#[expect(clippy::unused_async, reason = "it is async where there is a server to open")]
async fn open_server(url: &str) -> Result<Box<dyn Store>, String> {
    let server = url.split(':').next().unwrap_or_default();
    Err(format!("a store of `{server}` needs `cargo run --features postgres,mysql --example copy_store`"))
}

/// One line on a terminal, drawn over itself; elsewhere a line for each kind that is done.
struct Bar {
    done: &'static str,
    terminal: bool,
    first: Option<u64>,
    last: u64,
}

/// Characters of the bar.
const WIDTH: u64 = 30;

impl Bar {
    fn new(done: &'static str) -> Self {
        Self { done, terminal: std::io::stderr().is_terminal(), first: None, last: 0 }
    }

    fn show(&mut self, progress: Progress) {
        let Progress { kind, done, total, done_in_all, total_in_all } = progress;
        self.first.get_or_insert(done_in_all);
        self.last = done_in_all;
        if self.terminal {
            let share = |of: u64| done_in_all.min(total_in_all) * of / total_in_all.max(1);
            let full = "#".repeat(usize::try_from(share(WIDTH)).unwrap_or_default());
            // What is left of a longer line is wiped out behind it.
            eprint!("\r[{full:<30}] {:>3} %  {kind}: {done} of {total}\x1b[K", share(100));
            let _ = std::io::stderr().flush();
        } else if done >= total && total > 0 {
            eprintln!("{} {done} of {total} {kind}", self.done);
        }
    }

    /// How many records went by.
    fn moved(&self) -> u64 {
        self.last - self.first.unwrap_or_default()
    }

    fn end(&self) {
        if self.terminal {
            eprintln!();
        }
    }
}
