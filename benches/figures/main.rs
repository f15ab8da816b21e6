//! The figures of the README, each beside what it is compared with, in one run.
//!
//! `cargo bench --bench figures` runs all; `cargo bench --bench figures -- store http` runs some of `sla`, `store`,
//! `list`, `http`, `memory`. Ratios are what counts: single figures belong to the machine and the hour.

mod client;
mod http;
mod list;
mod memory;
mod raw;
mod report;
mod sla;
mod store;

use report::Report;

/// Prints figures of one kind.
type Section = fn(&mut Report);

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let sections: [(&str, Section); 5] =
        [("sla", sla::run), ("store", store::run), ("list", list::run), ("http", http::run), ("memory", memory::run)];
    let mut report = Report::start();
    for (name, run) in sections {
        if asked.is_empty() || asked.iter().any(|asked| asked == name) {
            println!("\n{name}");
            run(&mut report);
        }
    }
    report.end();
}
