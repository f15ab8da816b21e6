//! The clocks: what starts, pauses, stops and re-arms them, and laws that hold over any history.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chrono::{DateTime, TimeDelta, Utc, Weekday};
use proptest::prelude::*;
use std::collections::BTreeMap;
use support_core::domain::{
    calendar::Calendar,
    profile::{Phase, Profile},
    sla::{
        ClockKind, ClockRule, ClockRules, ClockState, OnPolicyChange, OnReopen, SegmentKind, Sla, SlaLog, SlaPolicy,
        SlaReport, SlaSignal, Start, Stop, evaluate,
    },
    span::Span,
};

fn minute(n: i64) -> DateTime<Utc> {
    "2026-01-05T09:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(n)
}

fn span(text: &str) -> Span {
    text.parse().unwrap()
}

fn policy(name: &str, first: &str, next: &str, resolution: &str) -> SlaPolicy {
    SlaPolicy::new(name).first_response(span(first)).next_response(span(next)).resolution(span(resolution))
}

fn log(signals: &[(i64, SlaSignal)]) -> SlaLog {
    let mut log = SlaLog::opened(minute(0), Some(&policy("standard", "1h", "30m", "4h")));
    for (at, signal) in signals {
        log.push(minute(*at), signal.clone());
    }
    log
}

fn read(log: &SlaLog, sla: &Sla, now: i64) -> SlaReport {
    evaluate(log, sla, &BTreeMap::new(), minute(now))
}

fn minutes(delta: TimeDelta) -> i64 {
    delta.num_minutes()
}

use SlaSignal::{AgentReply, CustomerMessage, Phase as Enters};

#[test]
fn a_first_response_in_time_is_met_for_ever() {
    let log = log(&[(59, AgentReply)]);
    let report = read(&log, &Sla::default(), 100_000);
    let clock = report.clock(ClockKind::FirstResponse).unwrap();
    assert_eq!(clock.state, ClockState::Stopped(minute(59)));
    assert_eq!((minutes(clock.counted), clock.breached, clock.due), (59, false, None));
}

#[test]
fn a_clock_is_judged_when_it_stopped_not_when_somebody_looked() {
    let on_time = log(&[(60, AgentReply)]);
    let late = log(&[(61, AgentReply)]);
    for (log, breached) in [(on_time, false), (late, true)] {
        let report = read(&log, &Sla::default(), 500);
        assert_eq!(report.clock(ClockKind::FirstResponse).unwrap().breached, breached);
    }
}

#[test]
fn a_running_clock_is_breached_from_the_moment_it_is_due() {
    let log = log(&[]);
    for (now, breached) in [(59, false), (60, true), (61, true)] {
        let report = read(&log, &Sla::default(), now);
        let clock = report.clock(ClockKind::FirstResponse).unwrap();
        assert_eq!((clock.due, clock.breached), (Some(minute(60)), breached), "{now}");
    }
}

#[test]
fn the_next_response_is_armed_by_each_question_after_the_first_answer() {
    let signals = [
        (10, CustomerMessage),
        (20, AgentReply),
        (30, CustomerMessage),
        (40, CustomerMessage),
        (50, AgentReply),
        (100, CustomerMessage),
    ];
    let report = read(&log(&signals), &Sla::default(), 110);
    let cycles: Vec<_> = report.clocks.iter().filter(|clock| clock.clock == ClockKind::NextResponse).collect();
    assert_eq!(cycles.len(), 2, "the message before the first answer arms nothing, nor does a second one");
    assert_eq!((cycles[0].cycle, minutes(cycles[0].counted)), (1, 20));
    assert_eq!((cycles[1].cycle, cycles[1].due), (2, Some(minute(130))));
}

#[test]
fn the_resolution_pauses_while_the_customer_has_to_answer() {
    let signals = [
        (10, AgentReply),
        (60, Enters(Phase::WaitingOnCustomer)),
        (240, Enters(Phase::Open)),
        (300, Enters(Phase::Resolved)),
    ];
    let sla = Sla::default();
    let paused = read(&log(&signals[..2]), &sla, 100);
    let clock = paused.clock(ClockKind::Resolution).unwrap();
    assert_eq!((clock.state, clock.due), (ClockState::Paused(Phase::WaitingOnCustomer), None));
    let resumed = read(&log(&signals[..3]), &sla, 250);
    assert_eq!(resumed.clock(ClockKind::Resolution).unwrap().due, Some(minute(240 + 180)));
    let done = read(&log(&signals), &sla, 9_999);
    let clock = done.clock(ClockKind::Resolution).unwrap();
    assert_eq!((minutes(clock.counted), clock.breached), (120, false));
    assert_eq!(clock.explain(), "2h counted of 4h, 3h paused (waiting_on_customer), stopped 2026-01-05 14:00 UTC");
    let kinds: Vec<_> = clock.segments.iter().map(|segment| segment.kind).collect();
    let waiting = SegmentKind::Paused(Phase::WaitingOnCustomer);
    assert_eq!(kinds, [SegmentKind::Running, waiting, SegmentKind::Running]);
}

#[test]
fn reopening_does_what_the_rule_says() {
    let signals = [(60, Enters(Phase::Resolved)), (600, Enters(Phase::Open))];
    for (rule, counted, cycles) in [(OnReopen::Continue, 90, 1), (OnReopen::Restart, 30, 2), (OnReopen::Leave, 60, 1)] {
        let mut sla = Sla::default();
        sla.clocks.resolution.on_reopen = rule;
        let report = read(&log(&signals), &sla, 630);
        let clock = report.clock(ClockKind::Resolution).unwrap();
        assert_eq!((minutes(clock.counted), clock.cycle), (counted, cycles), "{rule:?}");
    }
}

#[test]
fn a_new_priority_is_a_new_target_from_the_same_start() {
    let mut changed = log(&[]);
    let urgent = policy("urgent", "15m", "15m", "1h");
    changed.push(minute(10), SlaSignal::Policy(Some((&urgent).into())));
    let report = read(&changed, &Sla::default(), 12);
    assert_eq!(report.clock(ClockKind::FirstResponse).unwrap().due, Some(minute(15)));
    assert_eq!(report.clock(ClockKind::Resolution).unwrap().due, Some(minute(60)));

    let mut keeping = Sla::default();
    keeping.clocks.resolution.on_policy_change = OnPolicyChange::Keep;
    let report = read(&changed, &keeping, 12);
    assert_eq!(report.clock(ClockKind::Resolution).unwrap().due, Some(minute(240)));
}

#[test]
fn a_clock_that_has_stopped_is_not_judged_again_by_a_new_target() {
    let mut changed = log(&[(30, AgentReply)]);
    changed.push(minute(40), SlaSignal::Policy(Some((&policy("urgent", "15m", "15m", "1h")).into())));
    let report = read(&changed, &Sla::default(), 50);
    let clock = report.clock(ClockKind::FirstResponse).unwrap();
    assert_eq!((clock.policy.as_deref(), clock.breached), (Some("standard"), false));
}

#[test]
fn deadlines_come_one_after_the_other() {
    let sla = Sla { at_risk_percent: vec![50, 75], ..Sla::default() };
    let log = log(&[]);
    let mut moments = Vec::new();
    let mut now = minute(0);
    while let Some(next) = evaluate(&log, &sla, &BTreeMap::new(), now).next_deadline(now) {
        moments.push((next - minute(0)).num_minutes());
        now = next;
    }
    assert_eq!(moments, [30, 45, 60, 120, 180, 240]);
}

#[test]
fn without_a_policy_clocks_run_unjudged() {
    let log = SlaLog::opened(minute(0), None);
    let report = read(&log, &Sla::default(), 10_000);
    assert_eq!((report.due(), report.next_deadline(minute(0)), report.is_breached()), (None, None, false));
    assert_eq!(minutes(report.clock(ClockKind::Resolution).unwrap().counted), 10_000);
}

#[test]
fn a_breach_stays_a_breach_when_the_office_is_closed() {
    let nine = |hour| chrono::NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    let monday = Calendar::new(chrono_tz::Tz::UTC).with_hours(Weekday::Mon, nine(9), nine(17));
    let calendars = BTreeMap::from([("office".to_owned(), monday)]);
    let policy = SlaPolicy::new("office").first_response(span("8h")).resolution(span("8h")).calendar("office");
    let mut log = SlaLog::opened(minute(0), Some(&policy));
    log.push(minute(10 * 60), AgentReply);
    log.push(minute(10 * 60), Enters(Phase::WaitingOnCustomer));
    for now in [8 * 60, 9 * 60, 11 * 60] {
        let report = evaluate(&log, &Sla::default(), &calendars, minute(now));
        for kind in [ClockKind::FirstResponse, ClockKind::Resolution] {
            assert!(report.clock(kind).unwrap().breached, "{kind:?} at {now}: due at closing time, answered after it");
        }
    }
    let before = evaluate(&log, &Sla::default(), &calendars, minute(8 * 60 - 1));
    assert!(!before.is_breached());
}

#[test]
fn a_kept_target_is_kept_over_reopening() {
    let mut sla = Sla::default();
    sla.clocks.resolution.on_policy_change = OnPolicyChange::Keep;
    let mut changed = log(&[]);
    changed.push(minute(10), SlaSignal::Policy(Some((&policy("urgent", "15m", "15m", "1h")).into())));
    changed.push(minute(20), Enters(Phase::Resolved));
    changed.push(minute(30), Enters(Phase::Open));
    let report = read(&changed, &sla, 40);
    assert_eq!(report.clock(ClockKind::Resolution).unwrap().policy.as_deref(), Some("standard"));
}

#[test]
fn a_ticket_may_begin_in_another_phase() {
    let mut sla = Sla::default();
    sla.clocks.resolution.pauses_in = vec![Phase::New];
    let policy = policy("standard", "1h", "30m", "4h");
    let waiting = SlaLog::opened(minute(0), Some(&policy));
    let begun = SlaLog::opened_in(Phase::Open, minute(0), Some(&policy));
    assert_eq!(read(&waiting, &sla, 5).clock(ClockKind::Resolution).unwrap().state, ClockState::Paused(Phase::New));
    assert_eq!(read(&begun, &sla, 5).clock(ClockKind::Resolution).unwrap().state, ClockState::Running);
}

#[test]
fn hours_that_are_gone_judge_nothing() {
    let policy = SlaPolicy::new("office").first_response(span("1h")).calendar("gone");
    let report = read(&SlaLog::opened(minute(0), Some(&policy)), &Sla::default(), 500);
    assert_eq!((report.is_breached(), report.due()), (false, None));
}

#[test]
fn business_hours_count_and_the_rest_is_explained() {
    let days = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
    let nine = |hour| chrono::NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    let office = days
        .into_iter()
        .fold(Calendar::new(chrono_tz::Tz::UTC), |calendar, day| calendar.with_hours(day, nine(9), nine(17)));
    let calendars = BTreeMap::from([("office".to_owned(), office)]);
    let policy = SlaPolicy::new("office").resolution(span("10h")).calendar("office");
    let log = SlaLog::opened(minute(0), Some(&policy));
    let report = evaluate(&log, &Sla::default(), &calendars, minute(9 * 60));
    let clock = report.clock(ClockKind::Resolution).unwrap();
    assert_eq!(clock.due, Some(minute(26 * 60)), "eight hours on Monday, two on Tuesday");
    assert_eq!(clock.explain(), "8h counted of 10h, 1h outside business hours, due 2026-01-06 11:00 UTC");
}

/// Any lawful history: times never go back.
fn histories() -> impl Strategy<Value = Vec<(i64, SlaSignal)>> {
    let signal = prop_oneof![
        Just(CustomerMessage),
        Just(AgentReply),
        prop::sample::select(Phase::ALL.to_vec()).prop_map(Enters),
        (1..20_u32).prop_map(|hours| {
            let policy = SlaPolicy::new("other").resolution(Span::hours(hours)).first_response(Span::hours(1));
            SlaSignal::Policy(Some((&policy).into()))
        }),
    ];
    prop::collection::vec((0..400_i64, signal), 0..20).prop_map(|mut steps| {
        steps.sort_by_key(|(at, _)| *at);
        steps
    })
}

/// Any rules that a profile may have.
fn clock_rules() -> impl Strategy<Value = ClockRules> {
    let open = [Phase::New, Phase::Open, Phase::WaitingOnCustomer, Phase::WaitingInternally];
    let rule = (
        prop::sample::select(vec![Start::Opened, Start::CustomerMessage]),
        any::<bool>(),
        prop::sample::subsequence(open.to_vec(), 0..3),
        prop::sample::select(vec![OnReopen::Continue, OnReopen::Restart, OnReopen::Leave]),
        prop::sample::select(vec![OnPolicyChange::Retarget, OnPolicyChange::Keep]),
    )
        .prop_map(|(starts, answered, pauses_in, on_reopen, on_policy_change)| {
            let stops = if answered { vec![Stop::AgentReply, Stop::Done] } else { vec![Stop::Done] };
            ClockRule { starts, stops, pauses_in, on_reopen, on_policy_change }
        });
    (rule.clone(), rule.clone(), rule).prop_map(|(first_response, next_response, resolution)| ClockRules {
        first_response,
        next_response,
        resolution,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn segments_tell_the_whole_story(history in histories(), now in 0..800_i64) {
        let report = read(&log(&history), &Sla::default(), now);
        for clock in &report.clocks {
            let sum = clock.segments.iter().fold(TimeDelta::zero(), |sum, segment| sum + segment.counted);
            prop_assert_eq!(sum, clock.counted);
            for pair in clock.segments.windows(2) {
                prop_assert_eq!(pair[0].to, pair[1].from, "no gap, no overlap");
            }
            for segment in &clock.segments {
                prop_assert!(segment.to >= segment.from && segment.counted >= TimeDelta::zero());
                prop_assert!(segment.counted <= segment.to - segment.from);
            }
            prop_assert!(clock.due.is_none() || clock.state == ClockState::Running);
        }
    }

    #[test]
    fn counted_time_never_shrinks(history in histories(), now in 0..800_i64, later in 0..400_i64) {
        let (sla, log) = (Sla::default(), log(&history));
        let (before, after) = (read(&log, &sla, now), read(&log, &sla, now + later));
        for clock in &before.clocks {
            let same = after.clocks.iter().find(|other| (other.clock, other.cycle) == (clock.clock, clock.cycle));
            prop_assert!(same.is_some_and(|same| same.counted >= clock.counted));
        }
    }

    #[test]
    fn what_is_due_comes_true(history in histories()) {
        let (sla, log) = (Sla::default(), log(&history));
        let report = read(&log, &sla, 400);
        for clock in &report.clocks {
            if let (Some(due), Some(target)) = (clock.due.filter(|due| *due >= minute(400)), clock.target) {
                let then = evaluate(&log, &sla, &BTreeMap::new(), due);
                let then = then.clocks.iter().find(|other| (other.clock, other.cycle) == (clock.clock, clock.cycle)).unwrap();
                prop_assert_eq!(then.counted, target.delta(), "the target is used up exactly when it is due");
                prop_assert!(then.breached);
            }
        }
    }

    /// A pause is inserted into a history: every later deadline stays or moves away.
    #[test]
    fn pausing_never_brings_a_deadline_nearer(history in histories(), from in 0..400_i64, length in 0..400_i64) {
        let sla = Sla::default();
        let open: Vec<_> = history.iter().filter(|(_, signal)| !matches!(signal, Enters(_))).cloned().collect();
        let mut paused: Vec<_> = open.clone();
        paused.push((from, Enters(Phase::WaitingOnCustomer)));
        paused.push((from + length, Enters(Phase::Open)));
        paused.sort_by_key(|(at, _)| *at);
        let (without, with) = (read(&log(&open), &sla, 900), read(&log(&paused), &sla, 900));
        let due = |report: &SlaReport| report.clock(ClockKind::Resolution).and_then(|clock| clock.due);
        if let (Some(without), Some(with)) = (due(&without), due(&with)) {
            prop_assert!(with >= without);
            prop_assert!(with <= without + TimeDelta::minutes(length));
        }
    }

    /// Leaving out what no clock can hear changes no report, whatever the rules of the clocks.
    #[test]
    fn a_short_log_tells_the_same(history in histories(), rules in clock_rules(), now in 0..800_i64) {
        let short = log(&history);
        let opening = serde_json::to_value(log(&[])).unwrap();
        let mut entries = opening.as_array().unwrap().clone();
        for (at, is) in &history {
            let is = serde_json::to_value(is).unwrap();
            entries.push(serde_json::json!({ "at": minute(*at).timestamp_millis(), "is": is }));
        }
        let full: SlaLog = serde_json::from_value(entries.into()).unwrap();
        let sla = Sla { clocks: rules, ..Sla::default() };
        prop_assert_eq!(read(&short, &sla, now), read(&full, &sla, now));
    }

    #[test]
    fn a_log_survives_being_stored(history in histories()) {
        let log = log(&history);
        let stored = serde_json::to_string(&log).unwrap();
        prop_assert_eq!(serde_json::from_str::<SlaLog>(&stored).unwrap(), log);
    }
}

/// The presets' clocks pause only while the customer has to answer (L3).
#[test]
fn shipped_profiles_pause_only_for_the_customer() {
    for name in Profile::names() {
        let profile = Profile::named(name).unwrap();
        assert_eq!(profile.sla.clocks.resolution.pauses_in, [Phase::WaitingOnCustomer], "{name}");
        assert!(profile.sla.clocks.first_response.pauses_in.is_empty(), "{name}");
    }
}
