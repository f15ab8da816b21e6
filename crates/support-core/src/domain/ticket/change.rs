use super::{Alarms, Mark, Pace, Ticket};
use crate::domain::{
    actor::{Actor, AgentRef},
    catalogue::Category,
    event::{Cause, Fact},
    fault::{Fault, Refusal},
    id::MessageId,
    key::{CategoryKey, PriorityKey},
    message::{Draft, Message},
    profile::{HookName, Phase, Profile, Status},
    sla::{self, AppliedPolicy, ClockState, SlaLog, SlaReport, SlaSignal},
};
use chrono::{DateTime, Utc};

/// What every decision looks at besides the ticket.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The rules.
    pub profile: &'a Profile,
    /// The categories that stand beside the profile's own.
    pub categories: &'a [Category],
    /// Who asks.
    pub actor: &'a Actor,
    /// The moment.
    pub now: DateTime<Utc>,
}

/// A decision: the ticket as it shall be, what is written on it, and what to tell of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The ticket after the change.
    pub ticket: Ticket,
    /// Whether its row differs from before; a message alone leaves the row to the store, which only touches it.
    pub row_changed: bool,
    /// What happened, in order.
    pub facts: Vec<(Cause, Fact)>,
    /// When.
    pub at: DateTime<Utc>,
}

/// A decision that writes a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Post {
    /// What it changes about the ticket.
    pub change: Change,
    /// The message.
    pub message: Message,
}

/// A ticket in the course of a decision.
pub(super) struct Pen<'a> {
    pub(super) cx: Context<'a>,
    pub(super) ticket: Ticket,
    row_changed: bool,
    facts: Vec<(Cause, Fact)>,
    /// How many moments the clocks had heard before.
    heard: usize,
}

impl<'a> Pen<'a> {
    pub(super) fn new(cx: Context<'a>, ticket: &Ticket) -> Self {
        // The clock of another machine may have been ahead; a log that went back would stop the clocks.
        let latest = ticket.sla.entries().last().map_or(cx.now, |entry| entry.at);
        let cx = Context { now: cx.now.max(latest), ..cx };
        let heard = ticket.sla.entries().len();
        Self { cx, ticket: ticket.clone(), row_changed: false, facts: Vec::new(), heard }
    }

    /// The pen of a ticket that nobody has stored yet.
    pub(super) fn fresh(cx: Context<'a>, ticket: Ticket) -> Self {
        let heard = ticket.sla.entries().len();
        Self { cx, ticket, row_changed: true, facts: Vec::new(), heard }
    }

    /// Tells of something that changed the row.
    pub(super) fn note(&mut self, cause: Cause, fact: Fact) {
        self.row_changed = true;
        self.facts.push((cause, fact));
    }

    /// Has the alarms set anew although nothing else changed.
    pub(super) fn reset_alarms(&mut self) {
        self.row_changed = true;
    }

    /// Tells of something that leaves the row alone.
    pub(super) fn tell(&mut self, fact: Fact) {
        self.facts.push((Cause::Request, fact));
    }

    /// What the clocks have heard in this decision is nobody's merit and nobody's fault: nothing is told of it.
    pub(super) fn hush_clocks(&mut self) {
        self.heard = self.ticket.sla.entries().len();
    }

    /// Tells of something that leaves the row alone, and was not asked for.
    pub(super) fn tell_as(&mut self, cause: Cause, fact: Fact) {
        self.facts.push((cause, fact));
    }

    /// A message of the actor on this ticket.
    pub(super) fn message(&self, id: MessageId, draft: Draft, internal: bool) -> Message {
        Message {
            id,
            ticket: self.ticket.id,
            author: self.cx.actor.signature(),
            body: draft.body,
            internal,
            attachments: draft.attachments,
            sent_at: self.cx.now,
            revision: 0,
            edited_at: None,
            deleted_at: None,
            read_at: None,
        }
    }

    /// Lets the clocks hear something.
    pub(super) fn signal(&mut self, signal: SlaSignal) {
        let before = self.ticket.sla.entries().len();
        self.ticket.sla.push(self.cx.now, signal);
        self.row_changed |= self.ticket.sla.entries().len() != before;
    }

    /// Moves the ticket where the hook leads, if it applies here.
    pub(super) fn hook(&mut self, name: HookName) {
        self.hook_by(name, Cause::Hook(name));
    }

    /// As [`Pen::hook`], on behalf of something else.
    pub(super) fn hook_by(&mut self, name: HookName, cause: Cause) {
        let cause = if cause == Cause::Request { Cause::Hook(name) } else { cause };
        if let Some(status) = self.cx.profile.workflow.hooked(name, &self.ticket.status)
            && status.key != self.ticket.status
        {
            self.enter(status, cause, None, None);
        }
    }

    /// Moves the ticket along the workflow. `told` is what to tell of its ending or new beginning, if it is more than
    /// that it happened.
    pub(super) fn step(&mut self, to: &Status, notes: Option<String>, told: Option<Fact>) -> Result<(), Refusal> {
        self.step_by(to, Cause::Request, notes, told)
    }

    /// As [`Pen::step`], for a reason.
    pub(super) fn step_by(
        &mut self,
        to: &Status,
        cause: Cause,
        notes: Option<String>,
        told: Option<Fact>,
    ) -> Result<(), Refusal> {
        let here = self.cx.profile.workflow.status(self.ticket.status.as_str());
        // A profile may have lost the status of an older ticket; then every way out is open.
        let allowed = here.map(|status| status.to.clone());
        match allowed {
            Some(allowed) if !allowed.contains(&to.key) => {
                Err(Refusal::Transition { from: self.ticket.status.clone(), to: to.key.clone(), allowed })
            }
            _ => {
                self.enter(to, cause, notes, told);
                Ok(())
            }
        }
    }

    pub(super) fn enter(&mut self, status: &Status, cause: Cause, notes: Option<String>, told: Option<Fact>) {
        let from = std::mem::replace(&mut self.ticket.status, status.key.clone());
        self.note(cause.clone(), Fact::StatusChanged { from, to: status.key.clone(), notes });
        let before = std::mem::replace(&mut self.ticket.phase, status.phase);
        let (now, after) = (self.cx.now, status.phase);
        if before == after {
            return;
        }
        if after.is_done() {
            self.ticket.resolved_at.get_or_insert(now);
            self.ticket.closed_at = (after == Phase::Closed).then_some(now);
        } else if before.is_done() {
            // How it ended belongs to an ending that is no more; the trail keeps it. What the customer said of the help
            // stays: whoever could say it again after every reopening would count as many as they like.
            self.ticket.resolved_at = None;
            self.ticket.closed_at = None;
            self.ticket.resolution = None;
        }
        let crossing = match (before.is_done(), after) {
            (_, Phase::Closed) => Some(Fact::Closed { resolution: None }),
            (false, Phase::Resolved) => Some(Fact::Resolved { resolution: None }),
            (true, after) if !after.is_done() => Some(Fact::Reopened { reason: None }),
            _ => None,
        };
        if let Some(fact) = crossing {
            self.note(cause, told.unwrap_or(fact));
        }
        self.signal(SlaSignal::Phase(after));
    }

    /// Applies the policy that fits the ticket as it is now, if it is another one.
    pub(super) fn apply_policy(&mut self) {
        let ticket = &self.ticket;
        let tier = ticket.customer_tier.as_deref();
        let policy = self.cx.policy_for(&ticket.priority, ticket.category.as_ref(), tier);
        if policy.as_ref() != ticket.sla.policy() {
            self.signal(SlaSignal::Policy(policy));
        }
    }

    /// Remembers that something was told or done. Of each clock and rule only the latest cycle is remembered: what is over
    /// is never asked for again.
    pub(super) fn mark(&mut self, mark: Mark) {
        self.ticket.marks.retain(|known| match (known, &mark) {
            (Mark::Deadline { clock, cycle, .. }, Mark::Deadline { clock: other, cycle: now, .. }) => {
                clock != other || cycle >= now
            }
            (Mark::Rule { name, .. }, Mark::Rule { name: other, .. }) => name != other,
            _ => true,
        });
        self.ticket.marks.insert(mark);
        self.row_changed = true;
    }

    pub(super) fn done(mut self) -> Change {
        // Customers read this moment: it must not tell them that staff have written a note or raised the ticket.
        if self.facts.iter().any(|(_, fact)| !fact.is_internal()) {
            self.ticket.updated_at = self.ticket.updated_at.max(self.cx.now);
        }
        if self.row_changed {
            let report = self.cx.evaluate(&self.ticket.sla);
            self.tell_stops(&report);
            self.ticket.pace = Pace::of(&report);
            self.ticket.alarms = Alarms::set(&self.ticket, self.cx.profile, &report);
        }
        Change { ticket: self.ticket, row_changed: self.row_changed, facts: self.facts, at: self.cx.now }
    }

    /// Tells of the clocks that this change has stopped: whether in time, and where it was too late and nobody has noticed
    /// yet, that too.
    fn tell_stops(&mut self, after: &SlaReport) {
        if self.ticket.sla.entries().len() == self.heard {
            return;
        }
        let before = self.cx.evaluate(&self.ticket.sla.first(self.heard));
        for now in after.clocks.iter().filter(|clock| clock.target.is_some()) {
            let was = before.clocks.iter().find(|clock| (clock.clock, clock.cycle) == (now.clock, now.cycle));
            let (clock, cycle) = (now.clock, now.cycle);
            // A clock that pauses or stops is asked for no deadline any more, so what it missed is told here. Marks of
            // cycles that are over are gone, and so is what they missed.
            let mark = Mark::Deadline { clock, cycle, percent: 100 };
            let latest = after.clock(clock).is_some_and(|latest| latest.cycle == cycle);
            if now.breached && latest && !self.ticket.marks.contains(&mark) {
                self.mark(mark);
                let due = was.and_then(|was| was.due);
                self.tell_as(Cause::Rule(MONITOR.to_owned()), Fact::SlaBreached { clock, cycle, due });
            }
            let ran = was.is_some_and(|was| !matches!(was.state, ClockState::Stopped(_)));
            if let (ClockState::Stopped(_), Some(target), true) = (now.state, now.target, ran) {
                let (counted, target) = (now.counted.num_seconds(), target.seconds());
                self.tell(Fact::SlaFulfilled { clock, cycle, counted, target, breached: now.breached });
            }
        }
    }
}

/// The name of the rule that watches the clocks.
pub(super) const MONITOR: &str = "sla-monitor";

impl Context<'_> {
    /// Where clocks with this log stand.
    pub(super) fn evaluate(&self, log: &SlaLog) -> SlaReport {
        sla::evaluate(log, &self.profile.sla, &self.profile.calendars, self.now)
    }

    /// What is promised to a ticket of these properties: what its category says, or else the profile.
    pub(super) fn policy_for(
        &self,
        priority: &PriorityKey,
        category: Option<&CategoryKey>,
        tier: Option<&str>,
    ) -> Option<AppliedPolicy> {
        let own = category.and_then(|key| self.categories.iter().find(|known| known.slug == *key));
        if let Some((category, targets)) = own.and_then(|category| Some((category, category.sla?))) {
            return Some(AppliedPolicy { name: format!("category {}", category.slug), calendar: None, targets });
        }
        self.profile.sla.policy_for(priority, category, tier).map(AppliedPolicy::from)
    }

    /// The category of that name, for a ticket that gets it now.
    ///
    /// # Errors
    /// A fault of `field` that lists the ones that tickets may have.
    pub(super) fn find_category(&self, field: &str, name: &str) -> Result<CategoryKey, Fault> {
        match self.categories.iter().find(|known| known.slug == *name) {
            Some(category) if category.is_active => Ok(category.slug.clone()),
            Some(_) => Err(Fault::new(field, format!("`{name}` is not in use any more"))),
            None => self.profile.categories.find(field, name).map_err(|mut fault| {
                let active = self.categories.iter().filter(|category| category.is_active);
                fault.allowed.extend(active.map(|category| category.slug.to_string()));
                fault
            }),
        }
    }

    /// What a ticket gets that comes without a priority.
    pub(super) fn default_priority(&self, category: Option<&CategoryKey>, tier: Option<&str>) -> PriorityKey {
        let own = category.and_then(|key| self.categories.iter().find(|known| known.slug == *key));
        // A category may name a priority that the profile has lost since.
        let own = own.and_then(|category| category.priority.clone());
        let own = own.filter(|priority| self.profile.priorities.rank(priority.as_str()).is_some());
        own.unwrap_or_else(|| self.profile.priorities.for_ticket(category, tier).clone())
    }
}

impl Change {
    /// Whether it was a rule that said who has the ticket now.
    pub fn is_assigned_by_rule(&self) -> bool {
        let assigned = self.facts.iter().rev().find(|(_, fact)| matches!(fact, Fact::Assigned { .. }));
        matches!(assigned, Some((Cause::Rule(_), _)))
    }

    /// The same change, after which somebody else or nobody has the ticket: for what only the desk knows when the ticket
    /// is decided, such as who has room for it.
    #[must_use]
    pub fn given_to(self, cx: Context<'_>, to: Option<AgentRef>, rule: &str, why: String) -> Self {
        let mut pen = Pen::new(Context { now: self.at, ..cx }, &self.ticket);
        pen.row_changed = self.row_changed;
        pen.facts = self.facts;
        let hook = if to.is_some() { HookName::OnAssign } else { HookName::OnUnassign };
        pen.give(to, Cause::Rule(rule.to_owned()), Some(why));
        pen.hook(hook);
        pen.done()
    }
}
