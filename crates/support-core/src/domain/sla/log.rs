use super::{SlaPolicy, Targets};
use crate::domain::profile::Phase;
use chrono::{DateTime, Utc, serde::ts_milliseconds};
use serde::{Deserialize, Serialize};

/// What happened to a ticket, as far as its clocks care. In order of time, starting with the opening.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SlaLog(Vec<SlaEntry>);

/// One moment of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlaEntry {
    /// When, kept to the millisecond.
    #[serde(with = "ts_milliseconds")]
    pub at: DateTime<Utc>,
    /// What.
    pub is: SlaSignal,
}

/// What a clock can react to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlaSignal {
    /// The ticket was opened.
    Opened,
    /// These targets apply from now on.
    Policy(Option<AppliedPolicy>),
    /// The customer wrote.
    CustomerMessage,
    /// Staff answered in public.
    AgentReply,
    /// The ticket entered this phase.
    Phase(Phase),
}

/// A policy as it was when it was applied: targets that change later do not judge the past anew. The hours are those of
/// the calendar of that name, as they are when they are counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedPolicy {
    /// Its name.
    pub name: String,
    /// The business hours it counts in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<String>,
    /// Its targets.
    pub targets: Targets,
}

impl From<&SlaPolicy> for AppliedPolicy {
    fn from(policy: &SlaPolicy) -> Self {
        Self { name: policy.name.clone(), calendar: policy.calendar.clone(), targets: policy.targets }
    }
}

impl SlaLog {
    /// The log of a ticket opened at `at` under `policy`.
    pub fn opened(at: DateTime<Utc>, policy: Option<&SlaPolicy>) -> Self {
        Self::opened_in(Phase::New, at, policy)
    }

    /// The log of a ticket whose first status is in another phase than [`Phase::New`].
    pub fn opened_in(phase: Phase, at: DateTime<Utc>, policy: Option<&SlaPolicy>) -> Self {
        Self::opened_under(phase, at, policy.map(AppliedPolicy::from))
    }

    pub(crate) fn opened_under(phase: Phase, at: DateTime<Utc>, policy: Option<AppliedPolicy>) -> Self {
        let mut log = Self::default();
        log.0.push(SlaEntry { at, is: SlaSignal::Policy(policy) });
        if phase != Phase::New {
            log.0.push(SlaEntry { at, is: SlaSignal::Phase(phase) });
        }
        log.0.push(SlaEntry { at, is: SlaSignal::Opened });
        log
    }

    /// Its entries.
    pub fn entries(&self) -> &[SlaEntry] {
        &self.0
    }

    /// The log as it was when it had `count` entries.
    #[must_use]
    pub(crate) fn first(&self, count: usize) -> Self {
        Self(self.0.iter().take(count).cloned().collect())
    }

    /// The policy that applies now.
    pub fn policy(&self) -> Option<&AppliedPolicy> {
        self.0.iter().rev().find_map(|entry| match &entry.is {
            SlaSignal::Policy(policy) => Some(policy.as_ref()),
            _ => None,
        })?
    }

    /// Which life of the ticket this is, from 1, and when it began: each reopening begins another. None before the opening.
    pub fn cycle(&self) -> Option<(u32, DateTime<Utc>)> {
        let (mut cycle, mut done) = (None, false);
        for entry in &self.0 {
            match entry.is {
                SlaSignal::Opened => cycle = Some((1, entry.at)),
                SlaSignal::Phase(phase) => {
                    if done && !phase.is_done() {
                        cycle = cycle.map(|(count, _)| (count + 1, entry.at));
                    }
                    done = phase.is_done();
                }
                _ => {}
            }
        }
        cycle
    }

    /// Since when the customer has been waiting for an answer; none where staff had the last word.
    pub fn unanswered_since(&self) -> Option<DateTime<Utc>> {
        self.0.iter().fold(None, |since: Option<DateTime<Utc>>, entry| match entry.is {
            SlaSignal::Opened | SlaSignal::CustomerMessage => since.or(Some(entry.at)),
            SlaSignal::AgentReply => None,
            _ => since,
        })
    }

    /// Adds a moment, unless no clock could tell the difference: the log of a long conversation stays short, and a
    /// reply that changes no clock changes no ticket.
    pub fn push(&mut self, at: DateTime<Utc>, is: SlaSignal) {
        if self.matters(&is) {
            let at = self.0.last().map_or(at, |latest| at.max(latest.at));
            self.0.push(SlaEntry { at, is });
        }
    }

    fn matters(&self, signal: &SlaSignal) -> bool {
        let talk = matches!(signal, SlaSignal::CustomerMessage | SlaSignal::AgentReply);
        if !talk {
            return true;
        }
        let phase = self.0.iter().rev().find_map(|entry| match entry.is {
            SlaSignal::Phase(phase) => Some(phase),
            _ => None,
        });
        // A word of thanks on a ticket that stays resolved asks for no answer.
        if *signal == SlaSignal::CustomerMessage && phase.is_some_and(Phase::is_done) {
            return false;
        }
        // Another phase may have begun another cycle, in which the same word counts again.
        let latest = self.0.iter().rev().find(|entry| !matches!(entry.is, SlaSignal::Policy(_)));
        match latest.map(|entry| &entry.is) {
            // The opening is itself the customer's word, waiting for the first response.
            Some(SlaSignal::Opened) => *signal == SlaSignal::AgentReply,
            Some(other) => other != signal,
            None => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(minute * 60, 0).unwrap()
    }

    #[test]
    fn keeps_only_words_that_a_clock_hears() {
        let mut log = SlaLog::opened(at(0), None);
        log.push(at(1), SlaSignal::CustomerMessage);
        log.push(at(2), SlaSignal::AgentReply);
        log.push(at(3), SlaSignal::AgentReply);
        log.push(at(4), SlaSignal::CustomerMessage);
        log.push(at(5), SlaSignal::CustomerMessage);
        log.push(at(6), SlaSignal::Phase(Phase::Resolved));
        log.push(at(7), SlaSignal::CustomerMessage);
        log.push(at(8), SlaSignal::Phase(Phase::Open));
        log.push(at(9), SlaSignal::CustomerMessage);
        let minutes: Vec<_> = log.entries().iter().map(|entry| entry.at.timestamp() / 60).collect();
        assert_eq!(minutes, [0, 0, 2, 4, 6, 8, 9]);
    }
}
