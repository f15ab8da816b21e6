use super::{Change, Context, Ticket, change::Pen};
use crate::domain::{
    event::{Cause, Fact},
    id::CustomerId,
};

impl Ticket {
    /// Gives a ticket that was opened without an account to whoever has one now for the same address.
    pub fn adopt(&self, cx: Context<'_>, customer: CustomerId, name: &str) -> Change {
        let mut pen = Pen::new(cx, self);
        if self.customer != customer {
            pen.ticket.customer = customer;
            if !name.is_empty() {
                name.clone_into(&mut pen.ticket.customer_name);
            }
            pen.note(Cause::Request, Fact::Adopted {});
        }
        pen.done()
    }
}
