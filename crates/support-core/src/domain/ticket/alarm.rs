use crate::domain::{
    escalation::{EscalationRule, Trigger},
    profile::Profile,
    sla::{ClockKind, ClockReport, ClockState, SlaReport},
    ticket::Ticket,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// When a job has to look at a ticket again; never where absent. Kept on the row, so that no job reads tickets of which
/// nothing is due.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Alarms {
    /// A clock comes to be at risk or due, and nobody has told yet.
    pub sla: Option<DateTime<Utc>>,
    /// An escalation rule comes to hold.
    pub escalation: Option<DateTime<Utc>>,
    /// It may have been left alone for long enough to end by itself. A message that came later puts it off; the job
    /// finds that out.
    pub auto_close: Option<DateTime<Utc>>,
}

/// Which alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlarmKind {
    /// See [`Alarms::sla`].
    Sla,
    /// See [`Alarms::escalation`].
    Escalation,
    /// See [`Alarms::auto_close`].
    AutoClose,
}

impl AlarmKind {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Sla, Self::Escalation, Self::AutoClose];
}

impl Alarms {
    /// The alarm of that kind.
    pub fn of(&self, kind: AlarmKind) -> Option<DateTime<Utc>> {
        match kind {
            AlarmKind::Sla => self.sla,
            AlarmKind::Escalation => self.escalation,
            AlarmKind::AutoClose => self.auto_close,
        }
    }

    /// The alarms of a ticket whose clocks stand as `report` says.
    pub(super) fn set(ticket: &Ticket, profile: &Profile, report: &SlaReport) -> Self {
        if ticket.deleted_at.is_some() || ticket.merged_into.is_some() {
            return Self::default();
        }
        let closing = profile.auto_close.as_ref().filter(|rule| rule.phases.contains(&ticket.phase));
        Self {
            sla: deadlines(ticket, profile, report).map(|deadline| deadline.at).min(),
            escalation: rules(ticket, profile, report).map(|(_, at)| at).min(),
            auto_close: closing.map(|rule| ticket.updated_at + rule.after.delta()),
        }
    }
}

/// Something that was told or done about a ticket, and is not to be told or done again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// This share of the target of this cycle of a clock was used up.
    Deadline {
        /// Which clock.
        clock: ClockKind,
        /// Which cycle, from 1.
        cycle: u32,
        /// In percent; 100 is the whole target.
        percent: u8,
    },
    /// This escalation rule was applied in this cycle.
    Rule {
        /// Its name.
        name: String,
        /// Of the clock it watches, or else of the ticket: how often it was opened.
        cycle: u32,
    },
}

/// A share of a target that comes to be used up.
pub(super) struct Deadline<'r> {
    pub(super) clock: &'r ClockReport,
    pub(super) percent: u8,
    pub(super) at: DateTime<Utc>,
}

impl Deadline<'_> {
    pub(super) fn mark(&self) -> Mark {
        Mark::Deadline { clock: self.clock.clock, cycle: self.clock.cycle, percent: self.percent }
    }
}

/// The deadlines of running clocks of which nothing was told yet.
pub(super) fn deadlines<'r>(
    ticket: &'r Ticket,
    profile: &'r Profile,
    report: &'r SlaReport,
) -> impl Iterator<Item = Deadline<'r>> {
    let of_clock = |clock: &'r ClockReport| {
        let shares = profile.sla.at_risk_percent.iter().copied().zip(clock.at_risk.iter().copied());
        let due = clock.due.map(|due| (100, due));
        shares.chain(due).map(move |(percent, at)| Deadline { clock, percent, at })
    };
    report.clocks.iter().flat_map(of_clock).filter(|deadline| !ticket.marks.contains(&deadline.mark()))
}

/// The escalation rules that hold for the ticket and were not applied yet, each with its mark and its moment.
pub(super) fn rules<'r>(
    ticket: &'r Ticket,
    profile: &'r Profile,
    report: &'r SlaReport,
) -> impl Iterator<Item = ((&'r EscalationRule, Mark), DateTime<Utc>)> {
    let open = !ticket.phase.is_done();
    let tier = ticket.customer_tier.as_deref();
    let rules = profile.escalation.rules.iter().filter(move |_| open);
    let held = rules.filter(move |rule| rule.when.holds(Some(&ticket.priority), ticket.category.as_ref(), tier));
    held.filter_map(move |rule| {
        let (at, cycle) = moment(rule.trigger, ticket, report)?;
        let mark = Mark::Rule { name: rule.name.clone(), cycle };
        (!ticket.marks.contains(&mark)).then_some(((rule, mark), at))
    })
}

/// When a trigger comes to hold, and in which cycle.
fn moment(trigger: Trigger, ticket: &Ticket, report: &SlaReport) -> Option<(DateTime<Utc>, u32)> {
    let (cycle, began) = ticket.sla.cycle().unwrap_or((1, ticket.created_at));
    let running = |kind| report.clock(kind).filter(|clock| clock.state == ClockState::Running);
    Some(match trigger {
        Trigger::UnresolvedFor(span) => (began + span.delta(), cycle),
        // Whoever was helped in another way and comes back has waited since then, not since the beginning.
        Trigger::NoResponseFor(span) => (ticket.sla.unanswered_since()?.max(began) + span.delta(), cycle),
        Trigger::Breached(kind) => {
            let clock = running(kind)?;
            (clock.due?, clock.cycle)
        }
        Trigger::AtRisk(kind) => {
            let clock = running(kind)?;
            (*clock.at_risk.first()?, clock.cycle)
        }
        Trigger::Opened => (began, cycle),
    })
}
