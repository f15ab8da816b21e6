//! How what was written is corrected and withdrawn.

use super::{Context, Post, Ticket, change::Pen};
use crate::domain::{
    event::{Cause, Fact},
    fault::{Faults, Refusal},
    message::{Message, NewText},
    profile::Phase,
};

/// By what right somebody withdraws a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withdrawal {
    /// It is theirs, and was written a moment ago.
    Own {
        /// Whether it is the text with which the ticket begins, without which nobody would know what it is about.
        opening: bool,
    },
    /// They may withdraw whatever they find, whenever that is.
    Any,
}

impl Ticket {
    /// Corrects a message or a note of one's own. Where the text is as it was, nothing changes.
    ///
    /// # Errors
    /// Faults of text and links; somebody else's message, one that was withdrawn or is too old, a closed ticket.
    pub fn edit_message(&self, cx: Context<'_>, message: &Message, text: NewText) -> Result<Post, Refusal> {
        let mut faults = Faults::new();
        let field = if text.field.is_empty() { "message" } else { text.field };
        let mut draft = text.over(&message.attachments);
        draft.take_files();
        let mut draft = draft.check(&cx.profile.limits, field, &mut faults);
        faults.check()?;
        // Files that came with it are taken away by themselves, not by leaving them out.
        draft.attachments.extend(message.attachments.iter().filter(|link| link.file_id().is_some()).cloned());
        self.may_correct(cx, message)?;
        let mut pen = Pen::new(cx, self);
        if draft.body == message.body && draft.attachments == message.attachments {
            return Ok(Post { change: pen.done(), message: message.clone() });
        }
        let (id, internal, before) = (message.id, message.internal, Some(message.body.clone()));
        pen.corrected(internal, Fact::MessageEdited { message: id, before, internal });
        let message = Message {
            body: draft.body,
            attachments: draft.attachments,
            edited_at: Some(pen.cx.now),
            revision: message.revision + 1,
            ..message.clone()
        };
        Ok(Post { change: pen.done(), message })
    }

    /// Withdraws a message or a note: its place stays, its text and links go.
    ///
    /// # Errors
    /// One that was withdrawn before. Without the right to withdraw any: somebody else's, one that is too old, the first
    /// of its ticket, a closed ticket.
    pub fn withdraw_message(&self, cx: Context<'_>, message: &Message, right: Withdrawal) -> Result<Post, Refusal> {
        match right {
            Withdrawal::Any if message.deleted_at.is_some() => return Err(WITHDRAWN),
            Withdrawal::Any => {}
            Withdrawal::Own { opening } => {
                self.may_correct(cx, message)?;
                if opening {
                    return Err(Refusal::State("the first message says what the ticket is about: correct it instead"));
                }
            }
        }
        let mut pen = Pen::new(cx, self);
        let (id, internal, before) = (message.id, message.internal, Some(message.body.clone()));
        pen.corrected(internal, Fact::MessageDeleted { message: id, before, internal });
        let message = Message {
            body: String::new(),
            attachments: Vec::new(),
            deleted_at: Some(pen.cx.now),
            revision: message.revision + 1,
            ..message.clone()
        };
        Ok(Post { change: pen.done(), message })
    }

    fn may_correct(&self, cx: Context<'_>, message: &Message) -> Result<(), Refusal> {
        let window = cx.profile.limits.edit_window;
        if !message.is_by(&cx.actor.signature()) {
            Err(Refusal::State("only its author can change a message"))
        } else if message.deleted_at.is_some() {
            Err(WITHDRAWN)
        } else if self.phase == Phase::Closed {
            Err(Refusal::State("the ticket is closed: what was said stays as it is"))
        } else if window.seconds() == 0 || cx.now > message.sent_at + window.delta() {
            Err(Refusal::State("the message is too old to be changed"))
        } else {
            Ok(())
        }
    }
}

const WITHDRAWN: Refusal = Refusal::State("the message was withdrawn");

impl Pen<'_> {
    /// The row of the ticket hears of what customers can see: its time is theirs, and wakes whoever waits for a change.
    fn corrected(&mut self, internal: bool, fact: Fact) {
        if internal { self.tell(fact) } else { self.note(Cause::Request, fact) }
    }
}
