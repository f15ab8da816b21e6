use super::{Change, Context, Mark, Ticket, alarm, change::Pen};
use crate::domain::{
    actor::AgentRef,
    escalation::EscalationRule,
    event::{Cause, Fact},
    fault::{Faults, Refusal},
    profile::HookName,
    text::TextRule,
};

/// To whom a ticket rises. Neither: one level up, with whoever has it.
#[derive(Debug, Clone, Default)]
pub struct EscalateTo {
    /// To this person, who then has it.
    pub agent: Option<AgentRef>,
    /// To this team, whose queue it enters unless a person is named.
    pub team: Option<String>,
}

impl Ticket {
    /// Raises the ticket one level, by hand.
    ///
    /// # Errors
    /// Faults of reason and team, an ended ticket, or one that is at the highest level.
    pub fn escalate(&self, cx: Context<'_>, to: EscalateTo, reason: &str) -> Result<Change, Refusal> {
        let mut faults = Faults::new();
        let reason = faults.keep(cx.profile.limits.message().required("reason", reason)).unwrap_or_default();
        let team = to.team.and_then(|team| faults.keep(TextRule::line(100).optional("team", &team)).flatten());
        faults.check()?;
        if self.phase.is_done() {
            return Err(Refusal::State("the ticket has ended: reopen it before escalating it"));
        }
        if self.escalation_level >= cx.profile.escalation.max_level {
            return Err(Refusal::State("the ticket is at the highest level"));
        }
        let mut pen = Pen::new(cx, self);
        pen.rise(1, to.agent, team.as_ref(), reason, &Cause::Request);
        Ok(pen.done())
    }

    /// Applies every escalation rule whose moment has come, each once for the ticket and cycle.
    pub fn escalate_by_rules(&self, cx: Context<'_>) -> Change {
        let mut pen = Pen::new(cx, self);
        pen.apply_rules();
        // Where nothing was due after all, the alarm was: it is set anew.
        pen.reset_alarms();
        pen.done()
    }
}

impl Pen<'_> {
    /// So many levels up, to a person or a team if one is named.
    fn rise(&mut self, by: u32, to: Option<AgentRef>, team: Option<&String>, reason: String, cause: &Cause) {
        let (from_level, from_team) = (self.ticket.escalation_level, self.ticket.team.clone());
        let to_level = from_level + by;
        self.ticket.escalation_level = to_level;
        let fact = Fact::Escalated { from_level, to_level, to: to.clone(), from_team, team: team.cloned(), reason };
        self.note(cause.clone(), fact);
        if team.is_some() {
            self.ticket.team = team.cloned();
        }
        // A team without a person takes it into its queue: whoever had it has passed it on.
        let holder = if to.is_none() && team.is_none() { self.ticket.assignee.clone() } else { to };
        if holder.as_ref().map(|agent| agent.id) != self.ticket.assignee.as_ref().map(|agent| agent.id) {
            self.hold(holder, cause.clone());
        }
        self.hook_by(HookName::OnEscalate, cause.clone());
    }

    /// Applies the escalation rules that are due. One may bring another about (a new priority, say), so they are looked at
    /// again until none is left; each is applied once, so that comes to an end.
    pub(super) fn apply_rules(&mut self) {
        while let Some((rule, mark)) = self.due_rule() {
            self.mark(mark);
            let cause = Cause::Rule(rule.name.clone());
            if let Some(priority) = rule.action.priority.filter(|priority| *priority != self.ticket.priority) {
                let from = std::mem::replace(&mut self.ticket.priority, priority.clone());
                self.note(cause.clone(), Fact::PriorityChanged { from, to: priority });
                self.apply_policy();
            }
            let raised = rule.action.raise_level && self.ticket.escalation_level < self.cx.profile.escalation.max_level;
            let moved = rule.action.team.is_some() && rule.action.team != self.ticket.team;
            if raised || moved {
                self.rise(u32::from(raised), None, rule.action.team.as_ref(), rule.name, &cause);
            }
        }
    }

    fn due_rule(&self) -> Option<(EscalationRule, Mark)> {
        let report = self.cx.evaluate(&self.ticket.sla);
        let due = alarm::rules(&self.ticket, self.cx.profile, &report).find(|(_, at)| *at <= self.cx.now);
        due.map(|((rule, mark), _)| (rule.clone(), mark))
    }
}
