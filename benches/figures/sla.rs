use crate::report::{Promise, Report, median, now, since};
use chrono::{DateTime, NaiveTime, TimeDelta, Utc, Weekday};
use std::{collections::BTreeMap, hint::black_box};
use support_desk::domain::{
    calendar::Calendar,
    profile::Phase,
    sla::{Sla, SlaLog, SlaPolicy, SlaSignal, evaluate},
    span::Span,
};

/// Twenty events over sixty days: question, answer, waiting, working, by turns.
fn history(policy: &SlaPolicy) -> (SlaLog, DateTime<Utc>) {
    let start = DateTime::from_timestamp(1_767_603_600, 0).unwrap_or_default();
    let mut log = SlaLog::opened(start, Some(policy));
    for n in 0..18_i64 {
        let signal = match n % 4 {
            0 => SlaSignal::AgentReply,
            1 => SlaSignal::Phase(Phase::WaitingOnCustomer),
            2 => SlaSignal::Phase(Phase::Open),
            _ => SlaSignal::CustomerMessage,
        };
        log.push(start + TimeDelta::hours(n * 80), signal);
    }
    assert_eq!(log.entries().len(), 20);
    (log, start + TimeDelta::days(60))
}

pub(crate) fn run(report: &mut Report) {
    let nine = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
    let office = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri]
        .into_iter()
        .fold(Calendar::new(chrono_tz::Europe::Berlin), |office, day| office.with_hours(day, nine(9), nine(17)));
    let calendars = BTreeMap::from([("office".to_owned(), office)]);
    let sla = Sla::default();
    let policy =
        SlaPolicy::new("p").first_response(Span::hours(4)).next_response(Span::hours(8)).resolution(Span::days(5));
    for (name, policy, most) in [
        ("evaluate, 20 events, 24x7", policy.clone(), 2.0),
        ("evaluate, 20 events, business hours over 60 days", policy.calendar("office"), 20.0),
    ] {
        let (log, end) = history(&policy);
        let round = |_| {
            let start = now();
            for _ in 0..2_000 {
                black_box(evaluate(black_box(&log), &sla, &calendars, end));
            }
            since(start).as_secs_f64() * 1e6 / 2_000.0
        };
        report.check(name, median((0..50).map(round).collect()), "µs", &Promise::AtMost(most));
    }
}
