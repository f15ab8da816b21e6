use super::{Context, Post, Ticket, change::Pen};
use crate::domain::{
    actor::Role,
    event::Fact,
    fault::{Faults, Refusal},
    id::MessageId,
    message::Draft,
    profile::{HookName, Phase},
    sla::SlaSignal,
};

impl Ticket {
    /// A message that both sides see. It moves the workflow and the clocks where the profile says so.
    ///
    /// # Errors
    /// Faults of text and links; a closed ticket takes no message.
    pub fn reply(&self, cx: Context<'_>, id: MessageId, draft: Draft, field: &str) -> Result<Post, Refusal> {
        let draft = checked(cx, draft, field)?;
        if self.phase == Phase::Closed {
            return Err(Refusal::State("the ticket is closed: reopen it, or open a new one"));
        }
        let mut pen = Pen::new(cx, self);
        let message = pen.message(id, draft, false);
        pen.tell(Fact::MessageAdded { message: id });
        // The status first: a message that opens a resolved ticket again is then heard by the next cycle.
        match cx.actor.role() {
            Role::Agent | Role::Admin => {
                pen.hook(HookName::OnAgentReply);
                pen.signal(SlaSignal::AgentReply);
                pen.ticket.first_response_at.get_or_insert(pen.cx.now);
            }
            Role::Customer | Role::Guest => {
                pen.hook(HookName::OnCustomerReply);
                pen.signal(SlaSignal::CustomerMessage);
            }
            // Nobody has answered and nobody has asked when a machine speaks.
            Role::System => {}
        }
        Ok(Post { change: pen.done(), message })
    }

    /// A line about the state of things that both sides see, signed by the system on behalf of the actor (S2, "System
    /// Update"). It is no answer: clocks and status stay.
    ///
    /// # Errors
    /// Faults of text and links.
    pub fn add_update(&self, cx: Context<'_>, id: MessageId, draft: Draft, field: &str) -> Result<Post, Refusal> {
        let draft = checked(cx, draft, field)?;
        let mut pen = Pen::new(cx, self);
        let mut message = pen.message(id, draft, false);
        message.author.role = Role::System;
        pen.tell(Fact::MessageAdded { message: id });
        Ok(Post { change: pen.done(), message })
    }

    /// A note that only staff see. It changes nothing else, whatever the status.
    ///
    /// # Errors
    /// Faults of text and links.
    pub fn add_note(&self, cx: Context<'_>, id: MessageId, draft: Draft, field: &str) -> Result<Post, Refusal> {
        let draft = checked(cx, draft, field)?;
        let mut pen = Pen::new(cx, self);
        let message = pen.message(id, draft, true);
        pen.tell(Fact::NoteAdded { message: id });
        Ok(Post { change: pen.done(), message })
    }
}

fn checked(cx: Context<'_>, draft: Draft, field: &str) -> Result<Draft, Faults> {
    let mut faults = Faults::new();
    let draft = draft.check(&cx.profile.limits, field, &mut faults);
    faults.check()?;
    Ok(draft)
}
