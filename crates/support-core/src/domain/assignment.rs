//! Who gets a ticket: rules as data, and a choice that says why.

use crate::domain::{
    actor::AgentRef,
    agent::{Agent, Availability},
    profile::When,
    ticket::Ticket,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How tickets find their agents.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Assignment {
    /// Whether tickets are given out by themselves: when they are opened, when somebody becomes available, and by a job.
    pub automatic: bool,
    /// Whom to prefer among those who can take it.
    pub strategy: Strategy,
    /// The most open tickets of an agent who has no capacity of their own; any number where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity: Option<u32>,
    /// What becomes of the tickets of somebody who goes offline.
    pub on_offline: OnOffline,
    /// Who may get what; the first rule that holds for a ticket counts. A ticket without one may go to anybody.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<AssignmentRule>,
}

/// Whom to prefer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Who has the fewest open tickets.
    #[default]
    LeastLoaded,
    /// Whose last ticket is the longest ago.
    RoundRobin,
}

/// What becomes of the tickets of somebody who goes offline.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnOffline {
    /// They wait for them.
    #[default]
    Keep,
    /// They go back into the queue, and to others where assignment is automatic.
    Release,
}

/// Who may get some tickets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssignmentRule {
    /// Its name in the audit trail.
    pub name: String,
    /// Which tickets.
    #[serde(default)]
    pub when: When,
    /// Only members of this team.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Only people with all of these skills.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skills: Vec<String>,
    /// Only people who speak the language of the ticket, where it is known.
    #[serde(default)]
    pub same_language: bool,
}

/// The agent who gets a ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice<'a> {
    /// Who.
    pub agent: &'a Agent,
    /// Why them, for people: `least loaded of 3 (1 open); rule billing`.
    pub why: String,
    /// The rule that counted; none where none held.
    pub rule: Option<&'a str>,
}

/// Why nobody gets a ticket: how many were looked at, and what kept each of them from it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Nobody {
    /// How many agents there are.
    pub considered: usize,
    /// Who do not say that they are available.
    pub unavailable: usize,
    /// Who do not work at this hour.
    pub off_shift: usize,
    /// Who are of another team.
    pub other_team: usize,
    /// Who miss a skill.
    pub unskilled: usize,
    /// Who do not speak the language.
    pub other_language: usize,
    /// Who have as many tickets as they can take.
    pub full: usize,
}

impl fmt::Display for Nobody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "none of {} agents can take it", self.considered)?;
        let reasons = [
            (self.unavailable, "not available"),
            (self.off_shift, "off shift"),
            (self.other_team, "of another team"),
            (self.unskilled, "without the skills"),
            (self.other_language, "without the language"),
            (self.full, "full"),
        ];
        for (index, (count, reason)) in reasons.iter().filter(|(count, _)| *count > 0).enumerate() {
            write!(f, "{}{count} {reason}", if index == 0 { ": " } else { ", " })?;
        }
        Ok(())
    }
}

impl Assignment {
    /// The agent who should get `ticket` now. Where several are equal, the one whose last ticket is the longest ago, and
    /// then the one with the lowest id, so that the answer does not depend on the order of `agents`.
    ///
    /// # Errors
    /// Why nobody can take it.
    pub fn choose<'a>(
        &'a self,
        ticket: &Ticket,
        agents: &'a [Agent],
        now: DateTime<Utc>,
    ) -> Result<Choice<'a>, Nobody> {
        let tier = ticket.customer_tier.as_deref();
        let mut rules = self.rules.iter();
        let rule = rules.find(|rule| rule.when.holds(Some(&ticket.priority), ticket.category.as_ref(), tier));
        let mut nobody = Nobody { considered: agents.len(), ..Nobody::default() };
        let candidates: Vec<&Agent> =
            agents.iter().filter(|agent| self.can_take(agent, ticket, rule, now, &mut nobody)).collect();
        let waiting = |agent: &&&Agent| (agent.assigned_at, agent.id);
        let chosen = match self.strategy {
            Strategy::LeastLoaded => candidates.iter().min_by_key(|agent| (agent.open_tickets, waiting(agent))),
            Strategy::RoundRobin => candidates.iter().min_by_key(waiting),
        };
        let agent = *chosen.ok_or(nobody)?;
        let preferred = match self.strategy {
            Strategy::LeastLoaded => "least loaded",
            Strategy::RoundRobin => "next in turn",
        };
        let mut why = format!("{preferred} of {} ({} open)", candidates.len(), agent.open_tickets);
        if let Some(rule) = rule {
            why.push_str("; rule ");
            why.push_str(&rule.name);
        }
        Ok(Choice { agent, why, rule: rule.map(|rule| rule.name.as_str()) })
    }

    /// Whether the agent may get the ticket; if not, the first reason is counted.
    fn can_take(
        &self,
        agent: &Agent,
        ticket: &Ticket,
        rule: Option<&AssignmentRule>,
        now: DateTime<Utc>,
        nobody: &mut Nobody,
    ) -> bool {
        // A ticket that was handed to a team is that team's, whatever the rule for its like.
        let team = ticket.team.as_deref().or_else(|| rule?.team.as_deref());
        let in_team = |team: &str| agent.team.as_ref().is_some_and(|own| own.to_lowercase() == team.to_lowercase());
        let has = |skill: &String| agent.skills.contains(&skill.to_lowercase());
        let language = ticket.language.as_deref().filter(|_| rule.is_some_and(|rule| rule.same_language));
        let reason = if agent.availability != Some(Availability::Available) {
            &mut nobody.unavailable
        } else if !agent.is_on_shift(now) {
            &mut nobody.off_shift
        } else if !team.is_none_or(in_team) {
            &mut nobody.other_team
        } else if !rule.is_none_or(|rule| rule.skills.iter().all(has)) {
            &mut nobody.unskilled
        } else if !language.is_none_or(|language| speaks(agent, language)) {
            &mut nobody.other_language
        } else if !agent.has_room(self.capacity) {
            &mut nobody.full
        } else {
            return true;
        };
        *reason += 1;
        false
    }
}

/// Whoever speaks `pt` understands `pt-br`, and the other way round.
fn speaks(agent: &Agent, language: &str) -> bool {
    let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_lowercase();
    agent.languages.iter().any(|own| primary(own) == primary(language))
}

impl From<&Agent> for AgentRef {
    fn from(agent: &Agent) -> Self {
        Self { id: agent.id, name: agent.name.clone() }
    }
}
