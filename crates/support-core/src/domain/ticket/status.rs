use super::{Change, Context, Ticket, change::Pen};
use crate::domain::{
    event::{Cause, Fact},
    fault::{Faults, Refusal},
};

impl Ticket {
    /// Moves the ticket along the workflow. To the status it has: nothing happens, and the notes are not kept.
    ///
    /// # Errors
    /// An unknown status, a step the workflow has not, or faults of the notes.
    pub fn set_status(&self, cx: Context<'_>, status: &str, notes: Option<&str>) -> Result<Change, Refusal> {
        let mut faults = Faults::new();
        let status = faults.keep(cx.profile.workflow.find("status", status));
        let notes = notes.and_then(|notes| faults.keep(cx.profile.limits.message().optional("notes", notes)));
        faults.check()?;
        let mut pen = Pen::new(cx, self);
        if let Some(status) = status.filter(|status| status.key != self.status) {
            pen.step(status, notes.flatten(), None)?;
        }
        Ok(pen.done())
    }

    /// Changes the priority, and with it the targets of the running clocks.
    ///
    /// # Errors
    /// An unknown priority.
    pub fn set_priority(&self, cx: Context<'_>, priority: &str) -> Result<Change, Refusal> {
        let to = cx.profile.priorities.find("priority", priority)?;
        let mut pen = Pen::new(cx, self);
        if to != self.priority {
            let from = std::mem::replace(&mut pen.ticket.priority, to.clone());
            pen.note(Cause::Request, Fact::PriorityChanged { from, to });
            pen.apply_policy();
        }
        Ok(pen.done())
    }
}
