//! How a ticket ends, and begins again.

use super::{Change, Context, Resolution, ResolutionKind, Satisfaction, Ticket, change::Pen};
use crate::domain::{
    event::{Cause, Fact},
    fault::{Faults, Refusal},
    profile::{HookName, Phase},
};

/// How staff end a ticket (S1, "Close Ticket").
#[derive(Debug, Clone, Default)]
pub struct Closing {
    /// What was done; the customer may read it.
    pub summary: Option<String>,
    /// In which way; `solved` where not said.
    pub kind: Option<ResolutionKind>,
    /// What staff should know.
    pub notes: Option<String>,
}

/// How a customer ends their ticket (S0, "Close ticket").
#[derive(Debug, Clone, Default)]
pub struct CustomerClosing {
    /// Whether the help was good; no opinion where absent.
    pub satisfied: Option<bool>,
    /// In words.
    pub feedback: Option<String>,
}

impl Closing {
    /// The resolution after closing: what is said now, over what was said when it was resolved.
    fn check(self, cx: Context<'_>, before: Option<&Resolution>) -> Result<Option<Resolution>, Faults> {
        let (rule, mut faults) = (cx.profile.limits.message(), Faults::new());
        let mut text = |field: &str, text: Option<String>| {
            text.and_then(|text| faults.keep(rule.optional(field, &text)).flatten())
        };
        let summary = text("summary", self.summary);
        let notes = text("resolutionNotes", self.notes);
        faults.check()?;
        if summary.is_none() && notes.is_none() && self.kind.is_none() {
            return Ok(before.cloned());
        }
        let nothing = Resolution { kind: ResolutionKind::Solved, summary: String::new(), notes: None };
        let before = before.cloned().unwrap_or(nothing);
        Ok(Some(Resolution {
            kind: self.kind.unwrap_or(before.kind),
            summary: summary.unwrap_or(before.summary),
            notes: notes.or(before.notes),
        }))
    }
}

impl Ticket {
    /// Declares the problem solved. The customer may still disagree.
    ///
    /// # Errors
    /// An empty resolution, or a status from which the workflow has no way to resolve.
    pub fn resolve(&self, cx: Context<'_>, resolution: &str) -> Result<Change, Refusal> {
        let summary = cx.profile.limits.message().required("resolution", resolution)?;
        if self.phase.is_done() {
            return Err(Refusal::State("the ticket is resolved already"));
        }
        let target = cx.profile.workflow.find("status", cx.profile.workflow.hooks.resolve.as_str())?;
        let resolution = Resolution { kind: ResolutionKind::Solved, summary, notes: None };
        let mut pen = Pen::new(cx, self);
        pen.step(target, None, Some(Fact::Resolved { resolution: Some(resolution.clone()) }))?;
        pen.ticket.resolution = Some(resolution);
        Ok(pen.done())
    }

    /// Ends the ticket, as staff.
    ///
    /// # Errors
    /// Faults of the texts, or a status from which the workflow has no way to close.
    pub fn close(&self, cx: Context<'_>, closing: Closing) -> Result<Change, Refusal> {
        let resolution = closing.check(cx, self.resolution.as_ref())?;
        let mut pen = Pen::new(cx, self);
        pen.end(resolution.clone())?;
        pen.ticket.resolution = resolution;
        Ok(pen.done())
    }

    /// Ends the ticket, as its customer, with an opinion if they have one.
    ///
    /// # Errors
    /// Faults of the feedback, or a status from which the workflow has no way to close.
    pub fn close_as_customer(&self, cx: Context<'_>, closing: &CustomerClosing) -> Result<Change, Refusal> {
        let feedback = closing.feedback.as_deref().unwrap_or_default();
        let feedback = cx.profile.limits.message().optional("feedback", feedback)?;
        let mut pen = Pen::new(cx, self);
        pen.end(self.resolution.clone())?;
        // An opinion is given once; a second one is no reason to keep the ticket open.
        if self.satisfaction.is_none() && (closing.satisfied.is_some() || feedback.is_some()) {
            pen.rate(Satisfaction { rating: None, satisfied: closing.satisfied, feedback });
        }
        Ok(pen.done())
    }

    /// Opens an ended ticket again. Whoever worked on it has it back.
    ///
    /// # Errors
    /// Faults of the reason, or a ticket that has not ended or cannot be opened again.
    pub fn reopen(&self, cx: Context<'_>, reason: Option<&str>) -> Result<Change, Refusal> {
        let reason = cx.profile.limits.message().optional("reason", reason.unwrap_or_default())?;
        if !self.phase.is_done() {
            return Err(Refusal::State("the ticket is open"));
        }
        let Some(target) = cx.profile.workflow.hooked(HookName::OnReopen, &self.status) else {
            return Err(Refusal::State("a ticket in this status cannot be opened again"));
        };
        let mut pen = Pen::new(cx, self);
        pen.step(target, None, Some(Fact::Reopened { reason }))?;
        Ok(pen.done())
    }
}

impl Pen<'_> {
    pub(super) fn end_by_rule(&mut self, rule: &str) -> Result<(), Refusal> {
        let target = self.cx.profile.workflow.find("status", self.cx.profile.workflow.hooks.close.as_str())?;
        let told = Fact::Closed { resolution: self.ticket.resolution.clone() };
        self.step_by(target, Cause::Rule(rule.to_owned()), None, Some(told))
    }

    fn end(&mut self, resolution: Option<Resolution>) -> Result<(), Refusal> {
        if self.ticket.phase == Phase::Closed {
            return Err(Refusal::State("the ticket is closed already"));
        }
        let target = self.cx.profile.workflow.find("status", self.cx.profile.workflow.hooks.close.as_str())?;
        self.step(target, None, Some(Fact::Closed { resolution }))
    }
}
