use super::{AppliedPolicy, ClockKind, ClockRule, OnPolicyChange, OnReopen, Sla, SlaLog, SlaSignal, Start, Stop};
use crate::domain::{calendar::Calendar, profile::Phase, span::Span};
use chrono::{DateTime, TimeDelta, Utc};
use std::{collections::BTreeMap, fmt::Write as _, sync::LazyLock};

static AROUND_THE_CLOCK: LazyLock<Calendar> = LazyLock::new(Calendar::always_open);

/// Where the clocks of a ticket stand at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlaReport {
    /// One for each cycle of each clock, in the order in which the cycles began.
    pub clocks: Vec<ClockReport>,
}

/// One cycle of one clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockReport {
    /// Which clock.
    pub clock: ClockKind,
    /// Which cycle, from 1.
    pub cycle: u32,
    /// The policy it is judged by; for a stopped clock the one that applied when it stopped.
    pub policy: Option<String>,
    /// What was promised.
    pub target: Option<Span>,
    /// Whether it runs.
    pub state: ClockState,
    /// How the time passed.
    pub segments: Vec<Segment>,
    /// Time that counted towards the target.
    pub counted: TimeDelta,
    /// When the target is used up if nothing pauses the clock any more. None without a target, and none
    /// while it does not run.
    pub due: Option<DateTime<Utc>>,
    /// When each percentage of `at_risk_percent` is used up, in their order; empty where `due` is none.
    pub at_risk: Vec<DateTime<Utc>>,
    /// Whether the target is missed: when it stopped, or by now. A stop at the very moment it was due is in time.
    pub breached: bool,
}

/// What a clock does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockState {
    /// Time counts.
    Running,
    /// Time does not count in this phase.
    Paused(Phase),
    /// It was fulfilled, in time or not.
    Stopped(DateTime<Utc>),
}

/// A stretch of a cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Whether time counted.
    pub kind: SegmentKind,
    /// Its beginning.
    pub from: DateTime<Utc>,
    /// Its end; for the last one of an unfinished cycle the moment of the report.
    pub to: DateTime<Utc>,
    /// How much of it counted: the open hours of a running stretch, nothing of a paused one.
    pub counted: TimeDelta,
}

/// Whether time counts in a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SegmentKind {
    /// It does, in business hours.
    Running,
    /// It does not, because the ticket is in this phase.
    Paused(Phase),
}

/// Counts the clocks of a ticket at `now`. Pure: the same input gives the same report.
///
/// Entries later than `now` are not looked at.
///
/// ```
/// use support_core::domain::{profile::Profile, sla::{self, SlaLog}};
/// let profile = Profile::bookings();
/// let opened = chrono::DateTime::from_timestamp(1_760_000_000, 0).unwrap();
/// let urgent = profile.sla.policy_for(&"urgent".into(), None, None);
/// let report = sla::evaluate(&SlaLog::opened(opened, urgent), &profile.sla, &profile.calendars, opened);
/// assert_eq!(report.due(), Some(opened + chrono::TimeDelta::minutes(15)));
/// ```
pub fn evaluate(log: &SlaLog, sla: &Sla, calendars: &BTreeMap<String, Calendar>, now: DateTime<Utc>) -> SlaReport {
    let mut clocks = Vec::with_capacity(4);
    for kind in ClockKind::ALL {
        let counter = Counter { kind, rule: sla.clocks.of(kind), sla, calendars, policy: None, done: Vec::new() };
        clocks.extend(counter.count(log, now));
    }
    clocks.sort_by_key(|clock| clock.segments.first().map(|segment| segment.from));
    SlaReport { clocks }
}

/// Walks the log for one clock.
struct Counter<'a> {
    kind: ClockKind,
    rule: &'a ClockRule,
    sla: &'a Sla,
    calendars: &'a BTreeMap<String, Calendar>,
    policy: Option<&'a AppliedPolicy>,
    done: Vec<ClockReport>,
}

/// A cycle that has begun.
struct Cycle<'a> {
    policy: Option<&'a AppliedPolicy>,
    state: ClockState,
    since: DateTime<Utc>,
    stretches: Vec<(SegmentKind, DateTime<Utc>, DateTime<Utc>)>,
}

impl Cycle<'_> {
    fn close_stretch(&mut self, at: DateTime<Utc>, stopped_in: Phase) {
        let kind = match self.state {
            ClockState::Running => SegmentKind::Running,
            ClockState::Paused(phase) => SegmentKind::Paused(phase),
            ClockState::Stopped(_) => SegmentKind::Paused(stopped_in),
        };
        self.stretches.push((kind, self.since, at));
        self.since = at;
    }
}

impl<'a> Counter<'a> {
    fn count(mut self, log: &'a SlaLog, now: DateTime<Utc>) -> Vec<ClockReport> {
        let mut cycle: Option<Cycle<'a>> = None;
        let mut phase = Phase::New;
        let mut answered = false;
        for entry in log.entries().iter().take_while(|entry| entry.at <= now) {
            match &entry.is {
                SlaSignal::Opened if self.rule.starts == Start::Opened => {
                    cycle = Some(self.begin(phase, entry.at));
                }
                SlaSignal::Opened => {}
                SlaSignal::Policy(policy) => {
                    self.policy = policy.as_ref();
                    self.retarget(cycle.as_mut());
                }
                SlaSignal::CustomerMessage => {
                    let running = cycle.as_ref().is_some_and(|cycle| !is_stopped(cycle.state));
                    if self.rule.starts == Start::CustomerMessage && answered && !running && !phase.is_done() {
                        self.finish(cycle.take(), now);
                        cycle = Some(self.begin(phase, entry.at));
                    }
                }
                SlaSignal::AgentReply => {
                    answered = true;
                    self.stop(cycle.as_mut(), Stop::AgentReply, entry.at, phase);
                }
                SlaSignal::Phase(to) => {
                    let from = std::mem::replace(&mut phase, *to);
                    cycle = self.enter(cycle, from, *to, entry.at, now);
                }
            }
        }
        self.finish(cycle, now);
        self.done
    }

    fn begin(&self, phase: Phase, at: DateTime<Utc>) -> Cycle<'a> {
        Cycle { policy: self.policy, state: self.state_in(phase), since: at, stretches: Vec::with_capacity(4) }
    }

    fn state_in(&self, phase: Phase) -> ClockState {
        if self.rule.pauses_in.contains(&phase) { ClockState::Paused(phase) } else { ClockState::Running }
    }

    fn retarget(&self, cycle: Option<&mut Cycle<'a>>) {
        if let Some(cycle) = cycle
            && !is_stopped(cycle.state)
            && self.rule.on_policy_change == OnPolicyChange::Retarget
        {
            cycle.policy = self.policy;
        }
    }

    fn stop(&self, cycle: Option<&mut Cycle<'a>>, signal: Stop, at: DateTime<Utc>, phase: Phase) {
        if let Some(cycle) = cycle
            && !is_stopped(cycle.state)
            && self.rule.stops.contains(&signal)
        {
            cycle.close_stretch(at, phase);
            cycle.state = ClockState::Stopped(at);
        }
    }

    fn enter(
        &mut self,
        mut cycle: Option<Cycle<'a>>,
        from: Phase,
        to: Phase,
        at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Option<Cycle<'a>> {
        if to.is_done() {
            self.stop(cycle.as_mut(), Stop::Done, at, from);
            return cycle;
        }
        let current = cycle.as_mut()?;
        if !is_stopped(current.state) {
            let state = self.state_in(to);
            if state != current.state {
                current.close_stretch(at, from);
                current.state = state;
            }
        } else if from.is_done() {
            match self.rule.on_reopen {
                OnReopen::Leave => {}
                OnReopen::Continue => {
                    current.close_stretch(at, from);
                    current.state = self.state_in(to);
                    if self.rule.on_policy_change == OnPolicyChange::Retarget {
                        current.policy = self.policy;
                    }
                }
                OnReopen::Restart => {
                    self.finish(cycle.take(), now);
                    cycle = Some(self.begin(to, at));
                }
            }
        }
        cycle
    }

    fn finish(&mut self, cycle: Option<Cycle<'a>>, now: DateTime<Utc>) {
        let Some(mut cycle) = cycle else { return };
        if !is_stopped(cycle.state) {
            cycle.close_stretch(now, Phase::Closed);
        }
        let hours = match cycle.policy.and_then(|policy| policy.calendar.as_ref()) {
            Some(name) => self.calendars.get(name),
            None => Some(&*AROUND_THE_CLOCK),
        };
        let known = hours.is_some();
        let hours = hours.unwrap_or(&AROUND_THE_CLOCK);
        let segments: Vec<Segment> = cycle.stretches.iter().map(|stretch| segment(hours, *stretch)).collect();
        let counted = segments.iter().fold(TimeDelta::zero(), |sum, segment| sum + segment.counted);
        // Hours that the profile has no longer judge nothing.
        let target = cycle.policy.and_then(|policy| policy.targets.of(self.kind)).filter(|_| known);

        let running = cycle.state == ClockState::Running;
        let reached = |target: Span| used_up(hours, &segments, target.delta());
        let due = target.and_then(reached);
        let ran_until = segments.iter().rfind(|segment| segment.kind == SegmentKind::Running).map(|segment| segment.to);
        let breached = due.is_some_and(|due| if running { due <= now } else { ran_until.is_some_and(|end| due < end) });
        let percent = |share: &u8| used_up(hours, &segments, target?.delta() * i32::from(*share) / 100);
        let at_risk = self.sla.at_risk_percent.iter().filter(|_| running).filter_map(percent).collect();
        let due = due.filter(|_| running);
        self.done.push(ClockReport {
            clock: self.kind,
            cycle: u32::try_from(self.done.len()).map_or(u32::MAX, |before| before + 1),
            policy: cycle.policy.map(|policy| policy.name.clone()),
            target,
            state: cycle.state,
            segments,
            counted,
            due,
            at_risk,
            breached,
        });
    }
}

fn is_stopped(state: ClockState) -> bool {
    matches!(state, ClockState::Stopped(_))
}

/// When `amount` has counted: in the stretch in which it did, or in the last one, which runs on.
fn used_up(hours: &Calendar, segments: &[Segment], amount: TimeDelta) -> Option<DateTime<Utc>> {
    let mut left = amount;
    let mut running = segments.iter().filter(|segment| segment.kind == SegmentKind::Running).peekable();
    while let Some(segment) = running.next() {
        if segment.counted >= left || running.peek().is_none() {
            return hours.add(segment.from, left);
        }
        left -= segment.counted;
    }
    None
}

fn segment(hours: &Calendar, (kind, from, to): (SegmentKind, DateTime<Utc>, DateTime<Utc>)) -> Segment {
    let counted = match kind {
        SegmentKind::Running => hours.open_between(from, to),
        SegmentKind::Paused(_) => TimeDelta::zero(),
    };
    Segment { kind, from, to, counted }
}

impl SlaReport {
    /// The latest cycle of a clock, if it has ever begun.
    pub fn clock(&self, kind: ClockKind) -> Option<&ClockReport> {
        self.clocks.iter().filter(|clock| clock.clock == kind).max_by_key(|clock| clock.cycle)
    }

    /// The earliest moment at which a running clock has used up its target; it may lie in the past.
    pub fn due(&self) -> Option<DateTime<Utc>> {
        self.clocks.iter().filter_map(|clock| clock.due).min()
    }

    /// The earliest moment at which a running clock is at risk; it may lie in the past.
    pub fn at_risk(&self) -> Option<DateTime<Utc>> {
        self.clocks.iter().flat_map(|clock| clock.at_risk.iter().copied()).min()
    }

    /// The next moment after `now` at which a clock comes to be at risk or due, so that nobody has to poll.
    pub fn next_deadline(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let moments = self.clocks.iter().flat_map(|clock| clock.at_risk.iter().chain(clock.due.as_ref()));
        moments.copied().filter(|moment| *moment > now).min()
    }

    /// Whether any cycle of any clock missed its target.
    pub fn is_breached(&self) -> bool {
        self.clocks.iter().any(|clock| clock.breached)
    }
}

impl ClockReport {
    /// How the time was counted, for people: `2h 10m counted, 3h paused (waiting_on_customer), due 2026-01-05 12:00 UTC`.
    pub fn explain(&self) -> String {
        let mut text = format!("{} counted", Self::length(self.counted));
        if let Some(target) = self.target {
            let _ = write!(text, " of {target}");
        }
        let mut paused: BTreeMap<Phase, TimeDelta> = BTreeMap::new();
        let mut outside = TimeDelta::zero();
        for segment in &self.segments {
            let length = segment.to - segment.from;
            match segment.kind {
                SegmentKind::Running => outside += length - segment.counted,
                SegmentKind::Paused(phase) => *paused.entry(phase).or_default() += length,
            }
        }
        if outside > TimeDelta::zero() {
            let _ = write!(text, ", {} outside business hours", Self::length(outside));
        }
        for (phase, length) in paused {
            let _ = write!(text, ", {} paused ({phase})", Self::length(length));
        }
        let moment = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M UTC");
        match (self.state, self.due) {
            (ClockState::Stopped(at), _) => {
                let _ = write!(text, ", stopped {}", moment(at));
            }
            (ClockState::Paused(phase), _) => {
                let _ = write!(text, ", paused now ({phase})");
            }
            (ClockState::Running, Some(due)) => {
                let _ = write!(text, ", due {}", moment(due));
            }
            (ClockState::Running, None) => {}
        }
        if self.breached {
            text.push_str(", breached");
        }
        text
    }

    fn length(delta: TimeDelta) -> String {
        let (hours, minutes) = (delta.num_hours(), delta.num_minutes() % 60);
        match (hours, minutes) {
            (0, 0) => format!("{}s", delta.num_seconds()),
            (0, _) => format!("{minutes}m"),
            (_, 0) => format!("{hours}h"),
            _ => format!("{hours}h {minutes}m"),
        }
    }
}
