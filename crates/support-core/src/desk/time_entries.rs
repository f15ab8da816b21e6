//! Time that staff spend on tickets.

use super::{Desk, Error, Outcome, Planned, tickets::TicketRef};
use crate::{
    domain::{
        access::Action,
        actor::{Actor, AgentRef},
        fault::Refusal,
        id::TimeEntryId,
        message::Message,
        profile::Profile,
        ticket::Ticket,
        time_entry::{NewTime, TimeEntry, TimeSheet},
    },
    ports::Write,
};

/// Writes down, adds up and takes back time. From [`Desk::time_entries`].
#[derive(Debug, Clone, Copy)]
pub struct TimeEntries<'a>(pub(super) &'a Desk);

/// An entry that was written down or taken back, and its ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct Spent {
    /// The ticket.
    pub ticket: Ticket,
    /// The entry.
    pub entry: TimeEntry,
}

impl Outcome for Spent {
    fn ticket(&self) -> Option<&Ticket> {
        Some(&self.ticket)
    }

    fn message(&self) -> Option<&Message> {
        None
    }

    fn for_customer(self, profile: &Profile) -> Self {
        Self { ticket: self.ticket.for_customer(profile), ..self }
    }
}

/// So many entries a ticket has at most: all of them are added up whenever somebody looks.
const MOST: u32 = 1_000;

impl TimeEntries<'_> {
    /// Writes down time that the actor spent.
    ///
    /// # Errors
    /// Every wrong field; a thousand entries; actors who are no agents; a ticket that is not there or not theirs.
    #[tracing::instrument(name = "time_entries.add", skip_all, fields(ticket, actor))]
    pub async fn add(self, actor: &Actor, ticket: impl Into<TicketRef>, time: NewTime) -> Result<Spent, Error> {
        let ticket = ticket.into();
        self.0.run(actor, || self.plan_add(actor, ticket.clone(), time.clone())).await
    }

    /// As [`TimeEntries::add`], decided and not committed.
    pub async fn plan_add(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        time: NewTime,
    ) -> Result<Planned<Spent>, Error> {
        let ticket = self.0.load(actor, &ticket.into(), Action::SpendTime).await?;
        let (Actor::Agent { id, name } | Actor::Admin { id, name }) = actor else {
            return Err(Refusal::State("only an agent spends time on a ticket").into());
        };
        if self.0.0.store.time_entries(ticket.id, MOST).await?.len() >= MOST as usize {
            return Err(Refusal::State("the ticket has as many entries of time as it can have").into());
        }
        let (cx, agent) = (self.0.context(actor), AgentRef { id: *id, name: name.clone() });
        let (change, entry) = ticket.spend_time(cx, self.0.0.ids.id(cx.now).into(), agent, time)?;
        let Planned { mut changes, outcome: ticket } = self.0.plan_change(actor, &ticket, change).await?;
        changes.writes.push(Write::AddTimeEntry(Box::new(entry.clone())));
        Ok(Planned { changes, outcome: Spent { ticket, entry } })
    }

    /// What was written down, and what it adds up to.
    ///
    /// # Errors
    /// A ticket that is not there or not theirs; customers have no business here.
    #[tracing::instrument(name = "time_entries.list", skip_all, fields(ticket, actor))]
    pub async fn list(self, actor: &Actor, ticket: impl Into<TicketRef>) -> Result<TimeSheet, Error> {
        let ticket = self.0.load(actor, &ticket.into(), Action::ReadTrail).await?;
        Ok(self.0.0.store.time_entries(ticket.id, MOST).await?.into())
    }

    /// Takes an entry back: one's own as long as messages may be withdrawn; anybody's, whoever may withdraw what others
    /// wrote.
    ///
    /// # Errors
    /// An entry that is too old or somebody else's; an entry or a ticket that is not there or not theirs.
    #[tracing::instrument(name = "time_entries.remove", skip_all, fields(ticket, actor))]
    pub async fn remove(self, actor: &Actor, ticket: impl Into<TicketRef>, entry: TimeEntryId) -> Result<Spent, Error> {
        let ticket = ticket.into();
        self.0.run(actor, || self.plan_remove(actor, ticket.clone(), entry)).await
    }

    /// As [`TimeEntries::remove`], decided and not committed.
    pub async fn plan_remove(
        self,
        actor: &Actor,
        ticket: impl Into<TicketRef>,
        entry: TimeEntryId,
    ) -> Result<Planned<Spent>, Error> {
        let ticket = self.0.load(actor, &ticket.into(), Action::SpendTime).await?;
        let entry = self.0.0.store.time_entry(ticket.id, entry).await?.ok_or(Error::NotFound)?;
        let any = self.0.may(actor, Action::DeleteMessage, Some(&ticket));
        if !any && actor.agent_id() != Some(entry.agent.id) {
            return Err(Error::Forbidden(Action::DeleteMessage));
        }
        let change = ticket.remove_time(self.0.context(actor), &entry, any)?;
        let Planned { mut changes, outcome: ticket } = self.0.plan_change(actor, &ticket, change).await?;
        changes.writes.push(Write::RemoveTimeEntry { ticket: ticket.id, id: entry.id });
        Ok(Planned { changes, outcome: Spent { ticket, entry } })
    }
}
