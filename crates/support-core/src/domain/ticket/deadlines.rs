use super::{
    Change, Context, Ticket, alarm,
    change::{MONITOR, Pen},
};
use crate::domain::{
    event::{Cause, Fact},
    fault::Refusal,
    profile::Phase,
};

impl Ticket {
    /// Tells of every share of a target that is used up and of which nothing was told yet, each once for the clock, its
    /// cycle and the share.
    pub fn tell_deadlines(&self, cx: Context<'_>) -> Change {
        let mut pen = Pen::new(cx, self);
        // At the pen's moment, which is not before what the clocks have heard last: another node's clock may be ahead.
        let cx = pen.cx;
        let report = cx.evaluate(&self.sla);
        for deadline in alarm::deadlines(self, cx.profile, &report).filter(|deadline| deadline.at <= cx.now) {
            let (clock, cycle, due) = (deadline.clock.clock, deadline.clock.cycle, deadline.clock.due);
            let fact = match deadline.percent {
                100 => Fact::SlaBreached { clock, cycle, due },
                percent => Fact::SlaAtRisk { clock, cycle, percent, due },
            };
            pen.mark(deadline.mark());
            pen.note(Cause::Rule(MONITOR.to_owned()), fact);
        }
        pen.reset_alarms();
        pen.done()
    }

    /// Sets the alarms as the profile sets them now: it may have other rules than when the ticket was last changed. Changes
    /// nothing where they are right already; an alarm to close that is too early is, because the job puts it off.
    pub fn rearm(&self, cx: Context<'_>) -> Change {
        let mut pen = Pen::new(cx, self);
        pen.reset_alarms();
        let mut change = pen.done();
        let right = change.ticket.alarms;
        let early = self.alarms.auto_close.is_some() && self.alarms.auto_close <= right.auto_close;
        let same_close = early || self.alarms.auto_close == right.auto_close;
        let same = (self.alarms.sla, self.alarms.escalation) == (right.sla, right.escalation);
        change.row_changed = !(same && same_close && self.pace == change.ticket.pace);
        change
    }

    /// Ends a ticket that nobody has touched for as long as the profile says, or puts the alarm off where somebody has.
    ///
    /// # Errors
    /// A status from which the workflow has no way to close.
    pub fn close_by_itself(&self, cx: Context<'_>) -> Result<Change, Refusal> {
        let mut pen = Pen::new(cx, self);
        pen.reset_alarms();
        let rule = cx.profile.auto_close.as_ref().filter(|rule| rule.phases.contains(&self.phase));
        let alone = rule.is_some_and(|rule| self.updated_at + rule.after.delta() <= pen.cx.now);
        if alone && self.phase != Phase::Closed {
            pen.end_by_rule("auto-close")?;
        }
        Ok(pen.done())
    }
}
