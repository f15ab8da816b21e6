use super::{Change, Context, Ticket, change::Pen};
use crate::domain::{
    actor::AgentRef,
    event::Fact,
    fault::Refusal,
    id::TimeEntryId,
    time_entry::{NewTime, TimeEntry},
};

impl Ticket {
    /// Writes down time that `agent` spent on the ticket. It is staff's own affair: nothing about the ticket changes.
    ///
    /// # Errors
    /// Every wrong field.
    pub fn spend_time(
        &self,
        cx: Context<'_>,
        id: TimeEntryId,
        agent: AgentRef,
        time: NewTime,
    ) -> Result<(Change, TimeEntry), Refusal> {
        let entry = time.check(cx, self.id, id, agent)?;
        let mut pen = Pen::new(cx, self);
        pen.tell(Fact::TimeSpent { entry: id, minutes: entry.minutes, billable: entry.billable });
        Ok((pen.done(), entry))
    }

    /// Takes an entry of time back. `any`: whoever wrote it down, and whenever that was.
    ///
    /// # Errors
    /// Without that right: somebody else's entry, or one that is too old.
    pub fn remove_time(&self, cx: Context<'_>, entry: &TimeEntry, any: bool) -> Result<Change, Refusal> {
        if !any {
            let window = cx.profile.limits.edit_window;
            if cx.actor.agent_id() != Some(entry.agent.id) {
                return Err(Refusal::State("only who spent the time can take it back"));
            }
            if window.seconds() == 0 || cx.now > entry.created_at + window.delta() {
                return Err(Refusal::State("the time was written down too long ago to be taken back"));
            }
        }
        let mut pen = Pen::new(cx, self);
        pen.tell(Fact::TimeRemoved { entry: entry.id, minutes: entry.minutes });
        Ok(pen.done())
    }
}
