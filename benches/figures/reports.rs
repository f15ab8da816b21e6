//! What a year with a million tickets costs those who look at it as a whole.

use crate::{
    million::{Million, admin, agent},
    report::{Promise, Report, p50},
};
use chrono::TimeDelta;
use std::hint::black_box;
use support_desk::{
    desk::workers::{Job, Ticked},
    domain::stats::{Range, Step},
};
use tokio::runtime::Runtime;

const ROUNDS: usize = 40;

pub(super) fn run(report: &mut Report, runtime: &Runtime, million: &Million) {
    let desk = &million.desk;
    let workers = desk.workers();
    let look = || {
        let ticked = runtime.block_on(workers.tick(Job::SlaMonitor)).expect("a look");
        assert_eq!(ticked, Ticked::default(), "nothing is due");
    };
    let tick = p50(500, look) / 1_000.0;
    report.check("sla-monitor looks at 1,000,000 alarms, none due", tick, "ms", &Promise::AtMost(1.0));

    let (admin, grace, stats, end) = (admin(), agent(7), desk.stats(), desk.now());
    let since = |days| Range { from: Some(end - TimeDelta::days(days)), to: Some(end) };
    let (always, month, year, own) = (Range::ALWAYS, since(30), since(364), grace.agent_id());
    let mut check = |what: &str, read: &dyn Fn()| {
        let what = format!("1,000,000 tickets, {what}");
        report.check(&what, p50(ROUNDS, read) / 1_000.0, "ms", &Promise::AtMost(20.0));
    };
    check("report of all time", &|| done(runtime, stats.report(&admin, always, None)));
    check("report of 30 days", &|| done(runtime, stats.report(&admin, month, None)));
    check("report of one agent", &|| done(runtime, stats.report(&admin, always, own)));
    check("report of one agent, 30 days", &|| done(runtime, stats.report(&admin, month, own)));
    check("sla of all time", &|| done(runtime, stats.sla(&admin, always)));
    check("sla of 30 days", &|| done(runtime, stats.sla(&admin, month)));
    check("agents of all time", &|| done(runtime, stats.agents(&admin, always)));
    check("agents of 30 days", &|| done(runtime, stats.agents(&admin, month)));
    let zone = chrono_tz::Europe::Berlin;
    check("a year by week", &|| done(runtime, stats.series(&admin, year, Step::Week, zone, None)));
    check("30 days by hour", &|| done(runtime, stats.series(&admin, month, Step::Hour, zone, None)));
    check("an agent's year by week", &|| done(runtime, stats.series(&admin, year, Step::Week, zone, own)));
    check("dashboard of an admin", &|| done(runtime, stats.dashboard(&admin)));
    check("dashboard of an agent", &|| done(runtime, stats.dashboard(&grace)));
}

fn done<T, E: std::fmt::Debug>(runtime: &Runtime, read: impl Future<Output = Result<T, E>>) {
    drop(black_box(runtime.block_on(read).expect("figures")));
}
