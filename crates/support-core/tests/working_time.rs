//! Facts about working time gathered from the test suites of other help desks
//! and business-hours libraries (named in `from` of each case).

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::Value;
use support_core::domain::calendar::Calendar;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    id: String,
    kind: String,
    #[serde(rename = "from")]
    _from: String,
    calendar: Value,
    /// The same hours as in `calendar` without windows that cross midnight.
    weekly_split: Option<Value>,
    start: DateTime<Utc>,
    end: Option<DateTime<Utc>>,
    target_seconds: Option<i64>,
    /// When the clock stands still, in order.
    #[serde(default)]
    pauses: Vec<(DateTime<Utc>, DateTime<Utc>)>,
    expected: Value,
}

impl Case {
    fn calendars(&self) -> Vec<Calendar> {
        let mut forms = vec![self.calendar.clone()];
        if let Some(split) = &self.weekly_split {
            let mut calendar = self.calendar.clone();
            calendar["weekly"] = split.clone();
            forms.push(calendar);
        }
        forms.into_iter().map(|form| serde_json::from_value(form).expect("the calendar is well-formed")).collect()
    }

    fn expected<T: for<'de> Deserialize<'de>>(&self) -> T {
        serde_json::from_value(self.expected.clone()).expect("what is expected fits the kind")
    }

    fn check(&self, calendar: &Calendar) {
        let id = &self.id;
        assert_eq!(calendar.faults(), [], "{id}");
        match self.kind.as_str() {
            "due" => {
                let target = TimeDelta::seconds(self.target_seconds.expect("due has a target"));
                let due = due(calendar, self.start, target, &self.pauses);
                assert_eq!(due, Some(self.expected()), "{id}");
            }
            "elapsed" => {
                let end = self.end.expect("elapsed has an end");
                let elapsed = elapsed(calendar, self.start, end, &self.pauses);
                assert_eq!(elapsed, TimeDelta::seconds(self.expected()), "{id}");
            }
            "is_open" => {
                assert_eq!(calendar.is_open(self.start), self.expected::<bool>(), "{id}");
            }
            "next_open" => {
                assert_eq!(calendar.next_open(self.start), Some(self.expected()), "{id}");
            }
            other => panic!("{id}: unknown kind {other}"),
        }
    }
}

fn due(
    calendar: &Calendar,
    start: DateTime<Utc>,
    mut target: TimeDelta,
    pauses: &[(DateTime<Utc>, DateTime<Utc>)],
) -> Option<DateTime<Utc>> {
    let mut at = start;
    for &(pause, resume) in pauses.iter().filter(|(_, resume)| *resume > start) {
        let open = calendar.open_between(at, pause);
        if target <= open {
            break;
        }
        target -= open;
        at = resume;
    }
    calendar.add(at, target)
}

fn elapsed(
    calendar: &Calendar,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    pauses: &[(DateTime<Utc>, DateTime<Utc>)],
) -> TimeDelta {
    let stopped: TimeDelta =
        pauses.iter().map(|&(pause, resume)| calendar.open_between(pause.max(start), resume.min(end))).sum();
    calendar.open_between(start, end) - stopped
}

#[test]
fn agrees_with_other_help_desks() {
    let cases: Vec<Case> =
        serde_json::from_str(include_str!("fixtures/working_time.json")).expect("the fixture is well-formed");
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let mut split = 0;
    for case in &cases {
        for calendar in case.calendars() {
            case.check(&calendar);
        }
        *kinds.entry(&case.kind).or_default() += 1;
        split += usize::from(case.weekly_split.is_some());
    }
    assert_eq!(cases.len(), 84);
    let expected = [("due", 46), ("elapsed", 29), ("is_open", 4), ("next_open", 5)];
    assert_eq!(kinds, BTreeMap::from(expected));
    assert_eq!(split, 2);
}
