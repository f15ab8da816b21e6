use super::{Change, Context, Ticket, change::Pen};
use crate::domain::{
    event::{Cause, Fact},
    fault::Refusal,
    id::OperationId,
    operation::{Operation, Relation},
};

impl Ticket {
    /// Says that this ticket has to do with `other`. `known` is what was done to both so far. Answers both changes, this
    /// ticket's first.
    ///
    /// # Errors
    /// The ticket itself, one that is deleted or was merged, or a link that is there.
    pub fn link(
        &self,
        cx: Context<'_>,
        other: &Self,
        relation: Relation,
        known: &[Operation],
        operation: OperationId,
    ) -> Result<(Change, Change), Refusal> {
        if self.id == other.id {
            return Err(Refusal::State("a ticket cannot be linked to itself"));
        }
        self.must_stand()?;
        other.must_stand()?;
        if known.iter().any(|done| done.links(self.id, other.id, relation)) {
            return Err(Refusal::State("the tickets are linked in this way already"));
        }
        let tell = |ticket: &Self, other: &Self| {
            let mut pen = Pen::new(cx, ticket);
            pen.note(Cause::Request, Fact::Linked { ticket: other.id, relation, operation });
            pen.done()
        };
        Ok((tell(self, other), tell(other, self)))
    }

    /// Takes back a link to `other`.
    pub fn unlink(&self, cx: Context<'_>, other: &Self, operation: OperationId) -> (Change, Change) {
        let undone = |ticket| Pen::undone(cx, ticket, operation).done();
        (undone(self), undone(other))
    }
}

impl<'a> Pen<'a> {
    /// The pen of a ticket to which something is undone.
    pub(super) fn undone(cx: Context<'a>, ticket: &Ticket, operation: OperationId) -> Self {
        let mut pen = Self::new(cx, ticket);
        pen.note(Cause::Request, Fact::Undone { operation });
        pen
    }
}
