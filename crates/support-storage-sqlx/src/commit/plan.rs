//! What a change set comes to.
//!
//! Statements that do not touch the same rows go together; one that touches a row for the second time, or has to see what
//! another did, begins a new stage. Most change sets are one stage.

use super::{
    restore,
    step::{Stage, Step, Together},
};
use crate::{
    agents, catalogue, documents,
    error::Error,
    events, leases, messages,
    names::{Dialect, Names},
    operations, outbox, requests,
    stats::notes,
    tickets::{words, write as tickets},
    time_entries,
    value::{Value, signed},
};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use support_core::{
    domain::{
        document::{Document, DocumentKind, Placement},
        id::{AgentId, MessageId, TicketId},
        message::Message,
        ticket::Ticket,
    },
    ports::{ChangeSet, Guard, Write, archive::Record},
};
use uuid::Uuid;

/// A change set, ready to be run as often as it takes.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) stages: Vec<Stage>,
    /// How many rows it notes of what it counts.
    pub(crate) notes: u64,
}

pub(crate) fn plan(names: &Names, changes: &ChangeSet) -> Result<Plan, Error> {
    let mut planner = Planner::new(names.dialect);
    planner.alone = changes.writes.iter().any(|write| matches!(write, Write::PlaceEvents { .. }));
    for guard in &changes.guards {
        planner.guard(guard)?;
    }
    planner.settle_guards()?;
    let mut tallies = Vec::new();
    for write in &changes.writes {
        match write {
            Write::Tally(entries) => tallies.extend(entries),
            Write::Restore(record) => planner.restored.push(record),
            write => {
                planner.restore()?;
                planner.write(write)?;
            }
        }
    }
    planner.restore()?;
    planner.tell(changes)?;
    if let Some(step) = notes::of_tallies(&tallies)? {
        planner.notes += tallies.len() as u64;
        planner.stage.rest.push(step);
    }
    planner.count_documents()?;
    planner.close()?;
    Ok(Plan { stages: planner.stages, notes: planner.notes })
}

/// How the row of a ticket is taken hold of: what must be so, and what it becomes.
#[derive(Debug, Default, Clone)]
pub(crate) struct Hold {
    /// Conditions on the row as it was.
    pub(crate) conditions: Vec<(&'static str, Option<Value>)>,
    /// Raises the moment of its last change.
    pub(crate) touch: Option<DateTime<Utc>>,
    /// Makes the row this, if it has the version.
    pub(crate) update: Option<(Box<Ticket>, u64)>,
    /// Leaves its mark on the row, so that whoever waits for it sees that something was added. Otherwise it is only kept
    /// from others.
    pub(crate) writes: bool,
}

/// What a stage has touched.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Touched {
    Opened(TicketId),
    Messages(TicketId),
    Words(TicketId),
    /// Something hangs on it that asks only at its end whether it is there.
    About(TicketId),
    Agent(AgentId),
    Catalogue,
    Document(DocumentKind, Uuid),
    /// A key that a document takes or gives up, for another.
    DocumentKey(DocumentKind, String),
    Operation(Uuid),
    TimeEntry(Uuid),
    Request,
    Places,
}

struct Planner<'c> {
    dialect: Dialect,
    stages: Vec<Stage>,
    stage: Together,
    holds: BTreeMap<TicketId, Hold>,
    touched: BTreeSet<Touched>,
    /// Tickets that were opened or held in any stage.
    known: BTreeSet<TicketId>,
    /// Whether others under the same lease have to wait.
    alone: bool,
    notes: u64,
    /// What stands on lists of documents more than before, or less. Everybody's documents meet on these rows, so they are
    /// written last and held as short as can be.
    counts: documents::Counts,
    last_messages: Vec<Step>,
    /// Records that follow each other, to be written together.
    restored: Vec<&'c Record>,
}

impl Planner<'_> {
    fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            stages: Vec::new(),
            stage: Together::default(),
            holds: BTreeMap::new(),
            touched: BTreeSet::new(),
            known: BTreeSet::new(),
            alone: false,
            notes: 0,
            counts: documents::Counts::new(),
            last_messages: Vec::new(),
            restored: Vec::new(),
        }
    }

    fn guard(&mut self, guard: &Guard) -> Result<(), Error> {
        match guard {
            Guard::TicketVersion { ticket, version } => {
                let version = Some(signed(*version)?.into());
                self.require(*ticket, "version = ?", version);
            }
            Guard::TicketStands { ticket } => self.require(*ticket, tickets::STANDS, None),
            Guard::TicketUntouched { ticket, updated_at } => {
                self.require(*ticket, "updated_at = ?", Some((*updated_at).into()));
            }
            Guard::LastMessage { ticket, message } => {
                self.hold(*ticket);
                self.last_messages.push(messages::is_last(self.dialect, *ticket, *message));
            }
            Guard::Lease { job, token } => {
                self.stage.holds.push(leases::holds(self.dialect, job, *token, self.alone)?);
            }
        }
        Ok(())
    }

    fn require(&mut self, ticket: TicketId, condition: &'static str, value: Option<Value>) {
        self.holds.entry(ticket).or_default().conditions.push((condition, value));
    }

    /// Which message is the last can only be asked once nobody else can add one, so that is a stage of its own.
    fn settle_guards(&mut self) -> Result<(), Error> {
        if !self.last_messages.is_empty() {
            self.close()?;
            self.stage.holds.append(&mut self.last_messages);
        }
        Ok(())
    }

    /// Takes hold of a ticket that must be there.
    fn hold(&mut self, ticket: TicketId) -> &mut Hold {
        self.known.insert(ticket);
        let hold = self.holds.entry(ticket).or_default();
        hold.writes = true;
        hold
    }

    /// Begins a new stage where this one has touched any of that.
    fn apart(&mut self, from: &[Touched]) -> Result<(), Error> {
        if from.iter().any(|row| self.touched.contains(row)) {
            self.close()?;
        }
        Ok(())
    }

    fn write(&mut self, write: &Write) -> Result<(), Error> {
        let dialect = self.dialect;
        match write {
            Write::OpenTicket { ticket, message } => self.open(ticket, message),
            Write::UpdateTicket { ticket, read } => self.update(ticket, *read),
            Write::AddMessage { .. }
            | Write::UpdateMessage { .. }
            | Write::MarkRead { .. }
            | Write::MoveMessages { .. } => self.write_messages(write),
            Write::PutAgent { agent, read } => self.once(Touched::Agent(agent.id), agents::put(agent, *read)?),
            Write::Occupy { agent, read, most, at } => {
                self.once(Touched::Agent(agent.id), agents::occupy(agent, *read, *most, *at)?)
            }
            Write::Release { agent } => self.once(Touched::Agent(*agent), agents::release(*agent)),
            // Gathered before they come here.
            Write::Tally(_) | Write::Restore(_) => Ok(()),
            Write::PutEntry { entry, read } => self.once(Touched::Catalogue, catalogue::put(entry, *read)?),
            Write::RemoveEntry { kind, id, read } => {
                self.once(Touched::Catalogue, catalogue::remove(*kind, *id, *read)?)
            }
            Write::PutDocument { document, read, before } => self.put_document(document, *read, before),
            Write::RemoveDocument { kind, id, read, before } => self.remove_document((*kind, *id), *read, before),
            Write::AddOperation(operation) => {
                self.once(Touched::Operation(operation.id.uuid()), operations::insert(dialect, [&**operation])?)?;
                self.touched.extend([Touched::About(operation.ticket), Touched::About(operation.other)]);
                Ok(())
            }
            Write::UndoOperation { id, undone } => {
                self.once(Touched::Operation(id.uuid()), operations::undo(*id, undone)?)
            }
            Write::AddTimeEntry(entry) => {
                self.once(Touched::TimeEntry(entry.id.uuid()), time_entries::insert(dialect, [&**entry]))?;
                self.touched.insert(Touched::About(entry.ticket));
                Ok(())
            }
            Write::RemoveTimeEntry { ticket, id } => {
                self.once(Touched::TimeEntry(id.uuid()), time_entries::remove(*ticket, *id))
            }
            Write::RememberRequest { request, expired } => {
                self.apart(&[Touched::Request])?;
                self.touched.insert(Touched::Request);
                self.stage.rest.extend(requests::remember(dialect, request, *expired));
                Ok(())
            }
            Write::ForgetRequests { until } => self.once(Touched::Request, requests::forget(dialect, *until)),
            Write::PlaceEvents { limit } if dialect.choose(true, false) => {
                self.once(Touched::Places, outbox::placing(*limit))
            }
            Write::PlaceEvents { limit } => {
                self.close()?;
                self.stages.push(Stage::Place(*limit));
                Ok(())
            }
            Write::Erase(erasure) => {
                self.close()?;
                self.stages.push(Stage::Erase(erasure.clone()));
                Ok(())
            }
        }
    }

    /// Writes the records that have come together, each stretch of a kind in a stage of its own.
    fn restore(&mut self) -> Result<(), Error> {
        let records = std::mem::take(&mut self.restored);
        for some in restore::stretches(&records) {
            self.close()?;
            let restored = restore::steps(self.dialect, some)?;
            self.stage.rest = restored.steps;
            self.notes += restored.notes;
            for (list, by) in restored.counts {
                *self.counts.entry(list).or_default() += by;
            }
            self.close()?;
        }
        Ok(())
    }

    /// A statement that is the only one of its stage to touch that.
    fn once(&mut self, row: Touched, step: Step) -> Result<(), Error> {
        self.apart(std::slice::from_ref(&row))?;
        self.touched.insert(row);
        self.stage.rest.push(step);
        Ok(())
    }

    fn put_document(&mut self, document: &Document, read: u64, before: &Placement) -> Result<(), Error> {
        let nothing = Placement::default();
        let before = if read == 0 { &nothing } else { before };
        let placing = documents::Placing::new((document.kind, document.id), before, &document.placement)?;
        let steps = documents::put(self.dialect, document, read, &placing)?;
        self.place(&placing, steps)
    }

    fn remove_document(&mut self, of: (DocumentKind, Uuid), read: u64, before: &Placement) -> Result<(), Error> {
        let nothing = Placement::default();
        let placing = documents::Placing::new(of, before, &nothing)?;
        let steps = documents::remove(self.dialect, read, &placing)?;
        self.place(&placing, steps)
    }

    /// A document touches its own row, which is held, its places on lists, and its keys. A key may pass from one to another.
    fn place(&mut self, placing: &documents::Placing<'_>, steps: Vec<Step>) -> Result<(), Error> {
        let keys = placing.keys().map(|key| Touched::DocumentKey(placing.kind, key.to_owned()));
        let touched: Vec<Touched> = keys.chain([Touched::Document(placing.kind, placing.id)]).collect();
        self.apart(&touched)?;
        self.touched.extend(touched);
        let mut steps = steps.into_iter();
        self.stage.holds.extend(steps.next());
        self.stage.rest.extend(steps);
        placing.count(&mut self.counts);
        Ok(())
    }

    /// The numbers of a list fall to nothing in one statement, and are found to have in the next.
    fn count_documents(&mut self) -> Result<(), Error> {
        let counts = std::mem::take(&mut self.counts);
        for step in documents::counted(self.dialect, &counts) {
            self.stage.rest.push(step);
            if counts.len() > documents::AT_ONCE {
                self.close()?;
            }
        }
        let forget = documents::forget_empty(&counts);
        if !forget.is_empty() {
            self.close()?;
            self.stage.rest = forget;
        }
        Ok(())
    }

    fn open(&mut self, ticket: &Ticket, message: &Message) -> Result<(), Error> {
        if message.ticket != ticket.id {
            return Err(Error::Conflict);
        }
        self.apart(&[Touched::Opened(ticket.id), Touched::About(ticket.id)])?;
        self.touched.insert(Touched::Opened(ticket.id));
        self.touched.insert(Touched::Messages(ticket.id));
        self.known.insert(ticket.id);
        self.stage.rest.extend(tickets::open(self.dialect, ticket, message)?);
        self.notes += 1;
        Ok(())
    }

    fn update(&mut self, ticket: &Ticket, read: u64) -> Result<(), Error> {
        self.apart(&[Touched::Opened(ticket.id)])?;
        if self.holds.get(&ticket.id).is_some_and(|hold| hold.update.is_some()) {
            self.close()?;
        }
        self.hold(ticket.id).update = Some((Box::new(ticket.clone()), read));
        let derived = tickets::derived(self.dialect, ticket, read)?;
        self.stage.peeks.extend(derived.peek.map(|peek| (ticket.id, peek)));
        self.stage.before.push(derived.standing);
        self.stage.rest.extend(derived.rest);
        self.notes += 2;
        Ok(())
    }

    fn write_messages(&mut self, write: &Write) -> Result<(), Error> {
        match write {
            Write::AddMessage { message, touch } => {
                let ticket = message.ticket;
                self.apart(&[Touched::Opened(ticket)])?;
                let hold = self.hold(ticket);
                if *touch {
                    hold.touch = hold.touch.max(Some(message.sent_at));
                }
                self.touched.insert(Touched::Messages(ticket));
                self.stage.rest.push(messages::insert(self.dialect, message)?);
                // Of several in one stage the first is the first.
                if !message.internal && self.touched.insert(Touched::Words(ticket)) {
                    self.stage.rest.push(words::begin(self.dialect, message));
                }
            }
            Write::UpdateMessage { message, read } => {
                self.hold_messages(message.ticket)?;
                self.stage.rest.extend(messages::update(self.dialect, message, *read)?);
            }
            Write::MarkRead { ticket, message, by, at } => {
                self.hold_messages(*ticket)?;
                self.stage.rest.push(messages::mark_read(*ticket, *message, *by, *at));
            }
            Write::MoveMessages { from, to, messages } => self.relocate(*from, *to, messages)?,
            _ => {}
        }
        Ok(())
    }

    /// Takes hold of a ticket whose messages are about to be changed.
    fn hold_messages(&mut self, ticket: TicketId) -> Result<(), Error> {
        self.apart(&[Touched::Opened(ticket), Touched::Messages(ticket), Touched::Words(ticket)])?;
        self.hold(ticket);
        self.touched.insert(Touched::Messages(ticket));
        Ok(())
    }

    fn relocate(&mut self, from: TicketId, to: TicketId, messages: &[MessageId]) -> Result<(), Error> {
        self.close()?;
        self.hold(to);
        if messages.is_empty() {
            return Ok(());
        }
        self.hold(from);
        let distinct: BTreeSet<_> = messages.iter().collect();
        if distinct.len() != messages.len() {
            return Err(Error::Conflict);
        }
        self.stage.rest.push(messages::relocate(from, to, messages));
        self.close()?;
        self.stages.extend([Stage::Refresh(from), Stage::Refresh(to)]);
        Ok(())
    }

    /// The events, behind everything that they tell of.
    fn tell(&mut self, changes: &ChangeSet) -> Result<(), Error> {
        if changes.events.is_empty() {
            return Ok(());
        }
        for event in &changes.events {
            if !self.known.contains(&event.ticket) {
                self.hold(event.ticket);
            }
        }
        self.stage.rest.push(events::insert(self.dialect, &changes.events)?);
        Ok(())
    }

    fn close(&mut self) -> Result<(), Error> {
        let mut stage = std::mem::take(&mut self.stage);
        // In the order of their ids, so that two who hold the same tickets wait for each other and not crosswise.
        for (ticket, hold) in std::mem::take(&mut self.holds) {
            stage.holds.push(tickets::hold(self.dialect, ticket, hold)?);
        }
        self.touched.clear();
        if stage != Together::default() {
            self.stages.push(Stage::Together(stage));
        }
        Ok(())
    }
}

#[cfg(all(test, feature = "postgres"))]
mod tests;
