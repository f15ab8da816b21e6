//! The figures of the README, each beside what it is compared with, in one run.
//!
//! `cargo bench --bench figures` runs all; `cargo bench --bench figures -- store http` runs some of `sla`, `store`,
//! `list`, `http`, `help`, `events`, `memory`, `team`, `postgres`, `mysql`. Ratios are what counts: single figures belong to the machine and
//! the hour. The last two start servers of their own, and need `--features full`; so does `postgres-million`, which is run only
//! when it is asked for.

mod client;
mod dice;
mod events;
mod flaky;
mod help;
mod http;
mod list;
mod memory;
mod million;
mod raw;
mod report;
mod reports;
#[cfg(all(feature = "postgres", feature = "mysql"))]
mod servers;
mod sla;
mod store;
mod team;

use report::Report;

/// Prints figures of one kind.
type Section<'a> = &'a dyn Fn(&mut Report);

/// The section that is left out unless it is asked for.
const LONG: &str = "postgres-million";

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    // Two sections read the same million tickets.
    let million = million::Lazy::default();
    let sections: [(&str, Section<'_>); 11] = [
        ("sla", &sla::run),
        ("store", &store::run),
        ("list", &|report| list::run(report, &million)),
        ("http", &http::run),
        ("help", &help::run),
        ("events", &events::run),
        ("memory", &memory::run),
        ("team", &|report| team::run(report, &million)),
        ("postgres", &servers::postgres),
        ("mysql", &servers::mysql),
        (LONG, &servers::postgres_million),
    ];
    let mut report = Report::start();
    for (name, run) in sections {
        if (asked.is_empty() && name != LONG) || asked.iter().any(|asked| asked == name) {
            println!("\n{name}");
            run(&mut report);
        }
    }
    report.end();
}

/// What stands for the sections of servers where they were not compiled.
#[cfg(not(all(feature = "postgres", feature = "mysql")))]
mod servers {
    use crate::report::{Report, say};

    pub(crate) fn postgres(_: &mut Report) {
        say("left out: this needs `--features full`");
    }

    pub(crate) fn mysql(report: &mut Report) {
        postgres(report);
    }

    pub(crate) fn postgres_million(report: &mut Report) {
        postgres(report);
    }
}
