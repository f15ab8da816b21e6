use super::{Change, Context, Ticket, change::Pen};
use crate::domain::{
    event::{Cause, Fact},
    fault::Refusal,
};

impl Ticket {
    /// Whether anything can be done to it: it is neither deleted nor merged into another one.
    ///
    /// # Errors
    /// What keeps it from being changed.
    pub fn must_stand(&self) -> Result<(), Refusal> {
        if self.deleted_at.is_some() {
            Err(Refusal::State("the ticket is deleted: restore it first"))
        } else if self.merged_into.is_some() {
            Err(Refusal::State("the ticket was merged into another one: go on there"))
        } else {
            Ok(())
        }
    }

    /// Takes the ticket out of every list. Nothing of it is lost.
    ///
    /// # Errors
    /// A ticket that is deleted already.
    pub fn delete(&self, cx: Context<'_>) -> Result<Change, Refusal> {
        if self.deleted_at.is_some() {
            return Err(Refusal::State("the ticket is deleted already"));
        }
        let mut pen = Pen::new(cx, self);
        pen.delete();
        Ok(pen.done())
    }

    /// Brings a deleted ticket back as it was.
    ///
    /// # Errors
    /// A ticket that is not deleted.
    pub fn restore(&self, cx: Context<'_>) -> Result<Change, Refusal> {
        if self.deleted_at.is_none() {
            return Err(Refusal::State("the ticket is not deleted"));
        }
        let mut pen = Pen::new(cx, self);
        pen.ticket.deleted_at = None;
        pen.note(Cause::Request, Fact::Restored {});
        Ok(pen.done())
    }
}

impl Pen<'_> {
    pub(super) fn delete(&mut self) {
        self.ticket.deleted_at = Some(self.cx.now);
        self.note(Cause::Request, Fact::Deleted {});
    }
}
