//! What is printed: one line a figure, and whether it keeps its promise.

use std::time::{Duration, Instant};

/// Collects the lines.
pub(crate) struct Report {
    missed: u32,
}

/// What a figure must be.
pub(crate) enum Promise {
    AtLeast(f64),
    AtMost(f64),
    /// A count: no more, no less.
    Exactly(f64),
}

impl Report {
    pub(crate) fn start() -> Self {
        let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": unknown");
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        println!("{cores} cores{model}; SQLite {}", support_desk::sqlite::rusqlite::version());
        Self { missed: 0 }
    }

    /// A figure with its promise.
    pub(crate) fn check(&mut self, what: &str, figure: f64, unit: &str, promise: &Promise) {
        let (word, bound, kept) = match promise {
            Promise::AtLeast(bound) => ("at least", bound, figure >= *bound),
            Promise::AtMost(bound) => ("at most", bound, figure <= *bound),
            Promise::Exactly(bound) => ("exactly", bound, (figure - bound).abs() < 0.5),
        };
        let mark = if kept { "ok" } else { "MISSED" };
        println!("  {what:<58} {figure:>9.2} {unit:<5} {word} {bound} {mark}");
        self.missed += u32::from(!kept);
    }

    pub(crate) fn end(self) {
        println!(
            "\n{}",
            if self.missed == 0 { "every promise kept".into() } else { format!("{} MISSED", self.missed) }
        );
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
pub(crate) fn since(start: Instant) -> Duration {
    start.elapsed()
}

/// A line beside the figures.
pub(crate) fn say(text: &str) {
    println!("  {text}");
}

/// So many in a second.
pub(crate) fn per_second(count: usize, start: Instant) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / since(start).as_secs_f64()
}

/// The middle one.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The middle durations of two operations that take turns, `rounds` times each, in microseconds: whatever else the machine
/// does meanwhile, both meet it.
pub(crate) fn by_turns(rounds: usize, mut one: impl FnMut(usize), mut other: impl FnMut(usize)) -> (f64, f64) {
    let (mut ones, mut others) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        ones.push(micros(|| one(round)));
        others.push(micros(|| other(round)));
    }
    (median(ones), median(others))
}

/// The middle duration of an operation, in microseconds.
pub(crate) fn p50(rounds: usize, operation: impl Fn()) -> f64 {
    median((0..rounds).map(|_| micros(&operation)).collect())
}

fn micros(operation: impl FnOnce()) -> f64 {
    let start = now();
    operation();
    since(start).as_secs_f64() * 1e6
}
