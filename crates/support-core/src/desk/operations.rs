//! What is done to two tickets at once: merging, splitting, linking, and undoing that.

mod undo;

use super::{Desk, Error, Outcome, Planned, tickets::TicketRef};
use crate::{
    domain::{
        access::Action,
        actor::Actor,
        fault::{Fault, Faults, Refusal},
        id::{MessageId, OperationId, TicketId},
        message::Message,
        operation::{Deed, Operation, Relation},
        profile::Profile,
        ticket::{Context, NewIds, Ticket},
    },
    ports::{ChangeSet, Guard, Write, messages::MessageQuery},
};
use std::collections::BTreeSet;

/// Merges, splits and links tickets. From [`Desk::operations`].
///
/// Each is one commit, recorded whole, and can be undone once.
#[derive(Debug, Clone, Copy)]
pub struct Operations<'a>(pub(super) &'a Desk);

/// What was done to two tickets, or undone, and both of them afterwards.
#[derive(Debug, Clone, PartialEq)]
pub struct Operated {
    /// What.
    pub operation: Operation,
    /// The ticket it was done from.
    pub ticket: Ticket,
    /// The other.
    pub other: Ticket,
    /// The line with which a ticket begins that was split off.
    pub message: Option<Message>,
}

impl Outcome for Operated {
    fn ticket(&self) -> Option<&Ticket> {
        Some(&self.ticket)
    }

    fn other(&self) -> Option<&Ticket> {
        Some(&self.other)
    }

    fn message(&self) -> Option<&Message> {
        self.message.as_ref()
    }

    fn for_customer(self, profile: &Profile) -> Self {
        let mut operation = self.operation;
        if let Deed::Merge { before, .. } = &mut operation.deed
            && let Some(resolution) = &mut before.resolution
        {
            resolution.notes = None;
        }
        let (ticket, other) = (self.ticket.for_customer(profile), self.other.for_customer(profile));
        Self { operation, ticket, other, ..self }
    }
}

/// Something that was done to a ticket and another one.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// What.
    pub operation: Operation,
    /// The other one, as it is now.
    pub other: Ticket,
}

/// So many messages a ticket may have that is merged into another: they move in one commit.
const MOST_MESSAGES: usize = 10_000;
/// So many messages can be chosen to be split off.
const MOST_CHOSEN: usize = 1_000;
/// So many things can be done to a ticket before no more links are taken.
const MOST_OPERATIONS: u32 = 1_000;

impl Operations<'_> {
    /// Lets a ticket go up in another one of the same customer: its messages move there, and it closes as a duplicate,
    /// whatever the workflow says of such a step.
    ///
    /// # Errors
    /// The ticket itself, another customer's, a closed one to merge into, one that is deleted or was merged; more than ten
    /// thousand messages; tickets that are not there or not theirs.
    #[tracing::instrument(name = "operations.merge", skip_all, fields(ticket, actor))]
    pub async fn merge(
        self,
        actor: &Actor,
        from: impl Into<TicketRef>,
        into: impl Into<TicketRef>,
    ) -> Result<Operated, Error> {
        let (from, into) = (from.into(), into.into());
        self.0.run(actor, || self.plan_merge(actor, from.clone(), into.clone())).await
    }

    /// As [`Operations::merge`], decided and not committed.
    pub async fn plan_merge(
        self,
        actor: &Actor,
        from: impl Into<TicketRef>,
        into: impl Into<TicketRef>,
    ) -> Result<Planned<Operated>, Error> {
        let (from, into) = self.both(actor, &from.into(), &into.into()).await?;
        let cx = self.0.context(actor);
        let id = self.0.0.ids.id(cx.now).into();
        let (left, joined, before) = from.merge(cx, &into, id)?;
        let mut messages = Vec::new();
        self.each_message(from.id, |message| {
            messages.push(message.id);
            let few = messages.len() <= MOST_MESSAGES;
            few.then_some(()).ok_or(Refusal::State("the ticket has too many messages to be merged"))
        })
        .await?;
        let deed = Deed::Merge { messages: messages.clone(), before };
        let operation = operation(cx, id, [from.id, into.id], deed);
        let left = self.0.plan_change(actor, &from, left).await?;
        let joined = self.0.plan_change(actor, &into, joined).await?;
        let mut planned = together(left, joined, operation);
        // What somebody writes in the meantime must come along: a message leaves the version of its ticket alone.
        let last = messages.last().map(|message| Guard::LastMessage { ticket: from.id, message: *message });
        planned.changes.guards.extend(last);
        planned.changes.writes.extend(self.0.move_files(from.id, into.id, None).await?);
        planned.changes.writes.extend(moved(from.id, into.id, messages));
        Ok(recorded(planned))
    }

    /// Makes a ticket of its own of some messages: of the same customer and about the same, but with a subject, a number
    /// and clocks of its own, and in nobody's hands.
    ///
    /// # Errors
    /// Faults of the subject and of each message that is not there or is the first; a ticket that is deleted or was merged,
    /// is not there or not theirs.
    #[tracing::instrument(name = "operations.split", skip_all, fields(ticket, actor))]
    pub async fn split(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        messages: Vec<MessageId>,
        subject: &str,
    ) -> Result<Operated, Error> {
        let ticket = ticket.into();
        self.0.run(actor, || self.plan_split(actor, ticket.clone(), messages.clone(), subject)).await
    }

    /// As [`Operations::split`], decided and not committed: a number is taken, and nothing else.
    pub async fn plan_split(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        messages: Vec<MessageId>,
        subject: &str,
    ) -> Result<Planned<Operated>, Error> {
        let desk = self.0;
        let ticket = desk.load(actor, &ticket.into(), Action::Merge).await?;
        desk.authorise_on(actor, Action::Open, &ticket)?;
        // A ticket that was merged has no messages; that it has not is no fault of whoever chose them.
        ticket.must_stand()?;
        let categories = desk.categories().await?;
        let cx = Context { categories: &categories, ..desk.context(actor) };
        let (messages, faults) = self.chosen(actor, &ticket, messages).await?;
        let subject = ticket.check_split(cx, subject, faults)?;
        let number = desk.ticket_number(cx.now).await?;
        let ids = NewIds { ticket: desk.0.ids.id(cx.now).into(), message: desk.0.ids.id(cx.now).into() };
        let id = desk.0.ids.id(cx.now).into();
        let (whole, part) = ticket.split(cx, subject, &ids, number, id);
        let operation = operation(cx, id, [ticket.id, ids.ticket], Deed::Split { messages: messages.clone() });
        let whole = desk.plan_change(actor, &ticket, whole).await?;
        let part = desk.plan_opening(actor, part).await?;
        let message = Some(part.outcome.message);
        let part = Planned { changes: part.changes, outcome: part.outcome.ticket };
        let mut planned = together(whole, part, operation);
        planned.outcome.message = message;
        planned.changes.writes.extend(self.0.move_files(ticket.id, ids.ticket, Some(&messages)).await?);
        planned.changes.writes.extend(moved(ticket.id, ids.ticket, messages));
        Ok(recorded(planned))
    }

    /// Says that two tickets have to do with each other. They may be of different customers: only staff hear of it.
    ///
    /// # Errors
    /// The ticket itself, one that is deleted or was merged, a link that is there, a ticket to which a thousand things were
    /// done; tickets that are not there or not theirs.
    #[tracing::instrument(name = "operations.link", skip_all, fields(ticket, actor))]
    pub async fn link(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        other: impl Into<TicketRef>,
        relation: Relation,
    ) -> Result<Operated, Error> {
        let (ticket, other) = (ticket.into(), other.into());
        self.0.run(actor, || self.plan_link(actor, ticket.clone(), other.clone(), relation)).await
    }

    /// As [`Operations::link`], decided and not committed.
    pub async fn plan_link(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        other: impl Into<TicketRef>,
        relation: Relation,
    ) -> Result<Planned<Operated>, Error> {
        let (ticket, other) = self.both(actor, &ticket.into(), &other.into()).await?;
        let cx = self.0.context(actor);
        let known = self.0.0.store.operations(ticket.id, MOST_OPERATIONS).await?;
        if known.len() >= MOST_OPERATIONS as usize {
            return Err(Refusal::State("the ticket has as many links as it can have").into());
        }
        let id = self.0.0.ids.id(cx.now).into();
        let (one, two) = ticket.link(cx, &other, relation, &known, id)?;
        let operation = operation(cx, id, [ticket.id, other.id], Deed::Link { relation });
        let one = self.0.plan_change(actor, &ticket, one).await?;
        let two = self.0.plan_change(actor, &other, two).await?;
        Ok(recorded(together(one, two, operation)))
    }

    /// What was done to a ticket and others, undone or not, in the order in which it was done, at most `limit` of the
    /// latest. What concerns a ticket that the actor may not know of is left out.
    ///
    /// # Errors
    /// A ticket that is not there or not theirs; customers have no business here.
    #[tracing::instrument(name = "operations.list", skip_all, fields(ticket, actor))]
    pub async fn list(self, actor: &Actor, ticket: impl Into<TicketRef>, limit: u32) -> Result<Vec<Listed>, Error> {
        let ticket = self.0.load(actor, &ticket.into(), Action::ReadTrail).await?;
        let limit = limit.clamp(1, self.0.profile().limits.page);
        let mut listed = Vec::new();
        for operation in self.0.0.store.operations(ticket.id, limit).await? {
            let other = operation.seen_from(ticket.id);
            match self.0.load_beside(actor, &other.into(), Action::Read).await {
                Ok(other) => listed.push(Listed { operation, other }),
                Err(Error::NotFound | Error::Forbidden(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(listed)
    }

    /// Both tickets, if the actor may do such things to them.
    async fn both(self, actor: &Actor, ticket: &TicketRef, other: &TicketRef) -> Result<(Ticket, Ticket), Error> {
        let ticket = self.0.load(actor, ticket, Action::Merge).await?;
        let other = self.0.load_beside(actor, other, Action::Merge).await?;
        Ok((ticket, other))
    }

    async fn last_message(self, ticket: TicketId) -> Result<Option<MessageId>, Error> {
        let mut last = None;
        self.each_message(ticket, |message| {
            last = Some(message.id);
            Ok(())
        })
        .await?;
        Ok(last)
    }

    /// Looks at every message of a ticket, notes among them, in the order of the thread.
    async fn each_message(
        self,
        ticket: TicketId,
        mut look: impl FnMut(&Message) -> Result<(), Refusal>,
    ) -> Result<(), Error> {
        let mut query = MessageQuery { ticket, internal: true, after: None, limit: 1_000 };
        loop {
            let slice = self.0.0.store.messages(&query).await?;
            slice.items.iter().try_for_each(&mut look)?;
            query.after = slice.items.last().map(|message| message.id);
            if !slice.more {
                return Ok(());
            }
        }
    }

    /// The chosen messages, each once, and what is wrong with the choice.
    async fn chosen(
        self,
        actor: &Actor,
        ticket: &Ticket,
        messages: Vec<MessageId>,
    ) -> Result<(Vec<MessageId>, Faults), Error> {
        let mut faults = Faults::new();
        if messages.is_empty() || messages.len() > MOST_CHOSEN {
            faults.push(Fault::new("messages", format!("must hold 1 to {MOST_CHOSEN} messages")));
            return Ok((Vec::new(), faults));
        }
        let first = self.0.first_message(ticket).await?;
        let mut kept = BTreeSet::new();
        for (index, id) in messages.into_iter().enumerate() {
            let field = format!("messages.{index}");
            if first == Some(id) {
                // Without it nobody would know what is left behind.
                faults.push(Fault::new(field, "is the first message, which stays where it is"));
                continue;
            }
            match self.0.message(actor, ticket, id).await {
                Ok(message) => drop(kept.insert(message.id)),
                Err(Error::NotFound) => faults.push(Fault::new(field, "is no message of this ticket")),
                Err(error) => return Err(error),
            }
        }
        Ok((kept.into_iter().collect(), faults))
    }
}

fn operation(cx: Context<'_>, id: OperationId, [ticket, other]: [TicketId; 2], deed: Deed) -> Operation {
    Operation { id, ticket, other, deed, by: cx.actor.signature(), at: cx.now, undone: None }
}

/// Two changes as one, not recorded yet.
fn together(one: Planned<Ticket>, other: Planned<Ticket>, operation: Operation) -> Planned<Operated> {
    let mut changes: ChangeSet = one.changes;
    changes.guards.extend(other.changes.guards);
    changes.writes.extend(other.changes.writes);
    changes.events.extend(other.changes.events);
    Planned { changes, outcome: Operated { operation, ticket: one.outcome, other: other.outcome, message: None } }
}

fn recorded(mut planned: Planned<Operated>) -> Planned<Operated> {
    planned.changes.writes.push(Write::AddOperation(Box::new(planned.outcome.operation.clone())));
    planned
}

fn moved(from: TicketId, to: TicketId, messages: Vec<MessageId>) -> Option<Write> {
    (!messages.is_empty()).then_some(Write::MoveMessages { from, to, messages })
}
