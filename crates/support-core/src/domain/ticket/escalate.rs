use super::{Change, Context, Ticket, change::Pen};
use crate::domain::{
    actor::AgentRef,
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
        pen.ticket.escalation_level += 1;
        let (from_level, to_level) = (self.escalation_level, pen.ticket.escalation_level);
        pen.note(
            Cause::Request,
            Fact::Escalated {
                from_level,
                to_level,
                to: to.agent.clone(),
                from_team: self.team.clone(),
                team: team.clone(),
                reason,
            },
        );
        if team.is_some() {
            pen.ticket.team.clone_from(&team);
        }
        // A team without a person takes it into its queue: whoever had it has passed it on.
        let holder = if to.agent.is_none() && team.is_none() { self.assignee.clone() } else { to.agent };
        if holder.as_ref().map(|agent| agent.id) != self.assignee.as_ref().map(|agent| agent.id) {
            pen.hold(holder, Cause::Request);
        }
        pen.hook(HookName::OnEscalate);
        Ok(pen.done())
    }
}
