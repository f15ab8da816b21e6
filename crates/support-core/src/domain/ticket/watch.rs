use super::{Change, Context, Ticket, change::Pen};
use crate::domain::{
    actor::AgentRef,
    event::{Cause, Fact},
    fault::Refusal,
    id::AgentId,
};

impl Ticket {
    /// Lets somebody hear of the ticket. Whoever does already goes on.
    ///
    /// # Errors
    /// As many watchers as the profile allows.
    pub fn watch(&self, cx: Context<'_>, agent: AgentRef) -> Result<Change, Refusal> {
        let mut pen = Pen::new(cx, self);
        if !self.watchers.iter().any(|watcher| watcher.id == agent.id) {
            if self.watchers.len() >= cx.profile.limits.watchers {
                return Err(Refusal::State("the ticket has as many watchers as it can have"));
            }
            pen.ticket.watchers.push(agent.clone());
            pen.note(Cause::Request, Fact::WatcherAdded { agent });
        }
        Ok(pen.done())
    }

    /// Lets somebody hear of the ticket no more. Whoever does not already is left alone.
    pub fn unwatch(&self, cx: Context<'_>, agent: AgentId) -> Change {
        let mut pen = Pen::new(cx, self);
        if let Some(place) = self.watchers.iter().position(|watcher| watcher.id == agent) {
            let agent = pen.ticket.watchers.remove(place);
            pen.note(Cause::Request, Fact::WatcherRemoved { agent });
        }
        pen.done()
    }
}
