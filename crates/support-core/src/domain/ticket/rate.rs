use super::{Change, Context, Satisfaction, Ticket, change::Pen};
use crate::domain::{
    event::{Cause, Fact},
    fault::{Fault, Refusal},
};

impl Ticket {
    /// Rates the help from 1 to 5, once when the ticket has ended (S1, "Rate Ticket"); a ticket that was reopened and ended
    /// again may be rated again, and the trail keeps both.
    ///
    /// # Errors
    /// A rating outside 1 to 5, faults of the feedback, a ticket that is still open or was rated before.
    pub fn rate(&self, cx: Context<'_>, rating: i64, feedback: Option<&str>) -> Result<Change, Refusal> {
        let stars = u8::try_from(rating).ok().filter(|stars| (1..=5).contains(stars));
        let Some(stars) = stars else {
            return Err(Fault::new("rating", "must be a whole number from 1 to 5").into());
        };
        let feedback = cx.profile.limits.message().optional("feedback", feedback.unwrap_or_default())?;
        if !self.phase.is_done() {
            return Err(Refusal::State("a ticket is rated when it is resolved"));
        }
        if self.satisfaction.is_some() {
            return Err(Refusal::State("the ticket has been rated already"));
        }
        let mut pen = Pen::new(cx, self);
        pen.rate(Satisfaction { rating: Some(stars), satisfied: None, feedback });
        Ok(pen.done())
    }
}

impl Pen<'_> {
    pub(super) fn rate(&mut self, satisfaction: Satisfaction) {
        self.ticket.satisfaction = Some(satisfaction.clone());
        self.note(Cause::Request, Fact::Rated { satisfaction });
    }
}
