use crate::{
    SealedStore,
    keys::Keys,
    names::{Owner, Signed},
};
use async_trait::async_trait;
use std::collections::{HashMap, HashSet};
use support_core::{
    domain::{actor::Signature, id::TicketId, message::Message},
    ports::{ChangeSet, Store, StoreError, Write, archive::Record},
};

type Owners = HashMap<TicketId, Owner>;

impl<S: Store> SealedStore<S> {
    /// The change set as it goes into the rows, for a host that commits a plan of the desk in a transaction of its own:
    /// what is committed past this store without it stands there in clear.
    ///
    /// # Errors
    /// Those of reading the tickets that are written on.
    pub async fn seal(&self, changes: ChangeSet) -> Result<ChangeSet, StoreError> {
        let owners = self.owners(&changes).await?;
        let keys = self.keys();
        Ok(ChangeSet {
            guards: changes.guards,
            writes: changes.writes.into_iter().map(|write| keys.seal_write(write, &owners)).collect(),
            events: changes.events.into_iter().map(|event| seal_signed(keys, event, &owners)).collect(),
        })
    }

    /// The tickets that are signed by somebody with a name, as they are when the change set is committed.
    async fn owners(&self, changes: &ChangeSet) -> Result<Owners, StoreError> {
        // Rows of somebody who is forgotten in the same breath must not refer to what is gone a write later.
        if changes.writes.iter().any(|write| matches!(write, Write::Erase(_))) {
            return Ok(Owners::new());
        }
        let mut owners = Owners::new();
        for write in &changes.writes {
            if let Write::OpenTicket { ticket, .. }
            | Write::UpdateTicket { ticket, .. }
            | Write::Restore(Record::Ticket(ticket)) = write
            {
                owners.insert(ticket.id, Owner::of(ticket));
            }
        }
        let signed = changes.events.iter().filter(|event| event.has_name()).map(Signed::ticket);
        let written = changes.writes.iter().filter_map(|write| match write {
            Write::AddMessage { message, .. } | Write::Restore(Record::Message(message)) if message.has_name() => {
                Some(message.ticket)
            }
            Write::Restore(Record::Event(event)) if event.has_name() => Some(event.ticket),
            _ => None,
        });
        let missing: HashSet<TicketId> = signed.chain(written).filter(|id| !owners.contains_key(id)).collect();
        for id in missing {
            if let Some(ticket) = self.inner().ticket(id).await? {
                owners.insert(id, Owner::of(&self.keys().open_ticket(ticket)?));
            }
        }
        Ok(owners)
    }
}

fn seal_signed<T: Signed>(keys: &Keys, row: T, owners: &Owners) -> T {
    let owner = owners.get(&row.ticket());
    keys.seal_signed(row, owner)
}

/// A message of which the store shall write everything but the author: the name is not handed over at all.
fn unsigned(message: Message) -> Message {
    if message.has_name() {
        let author = Signature { name: String::new(), ..message.author };
        return Message { author, ..message };
    }
    message
}

impl Keys {
    /// Exhaustive on purpose: whoever adds a write says here whether there is something to seal in it.
    fn seal_write(&self, write: Write, owners: &Owners) -> Write {
        match write {
            Write::OpenTicket { ticket, message } => Write::OpenTicket {
                ticket: Box::new(self.seal_ticket(*ticket)),
                message: Box::new(seal_signed(self, *message, owners)),
            },
            Write::UpdateTicket { ticket, read } => {
                Write::UpdateTicket { ticket: Box::new(self.seal_ticket(*ticket)), read }
            }
            Write::AddMessage { message, touch } => {
                Write::AddMessage { message: Box::new(seal_signed(self, *message, owners)), touch }
            }
            Write::UpdateMessage { message, read } => {
                Write::UpdateMessage { message: Box::new(unsigned(*message)), read }
            }
            Write::RememberRequest { request, expired } => {
                Write::RememberRequest { request: Box::new(self.seal_request(*request)), expired }
            }
            Write::PutDocument { document, read, before } => {
                Write::PutDocument { document: Box::new(self.seal_document(*document)), read, before }
            }
            Write::Erase(erasure) => Write::Erase(Box::new(self.seal_erasure(*erasure))),
            Write::Restore(record) => Write::Restore(self.seal_record(record, owners)),
            // Staff, ids, counts and times.
            plain @ (Write::MarkRead { .. }
            | Write::MoveMessages { .. }
            | Write::PutAgent { .. }
            | Write::Occupy { .. }
            | Write::Release { .. }
            | Write::Tally(_)
            | Write::PutEntry { .. }
            | Write::RemoveEntry { .. }
            | Write::RemoveDocument { .. }
            | Write::AddOperation(_)
            | Write::UndoOperation { .. }
            | Write::AddTimeEntry(_)
            | Write::RemoveTimeEntry { .. }
            | Write::ForgetRequests { .. }
            | Write::PlaceEvents { .. }) => plain,
        }
    }
}

impl Keys {
    /// As above: whoever adds a kind of record says here whether there is something to seal in it.
    fn seal_record(&self, record: Record, owners: &Owners) -> Record {
        match record {
            Record::Ticket(ticket) => Record::Ticket(Box::new(self.seal_ticket(*ticket))),
            Record::Message(message) => Record::Message(Box::new(seal_signed(self, *message, owners))),
            Record::Event(event) => Record::Event(Box::new(seal_signed(self, *event, owners))),
            Record::Document(document) => Record::Document(Box::new(self.seal_document(*document))),
            Record::Request(request) => Record::Request(Box::new(self.seal_request(*request))),
            // Staff, ids, counts and times.
            plain @ (Record::Agent(_)
            | Record::Entry(_)
            | Record::Operation(_)
            | Record::TimeEntry(_)
            | Record::Counter { .. }
            | Record::Tally(_)) => plain,
        }
    }
}

#[async_trait]
impl<S: Store> Store for SealedStore<S> {
    async fn commit(&self, changes: ChangeSet) -> Result<(), StoreError> {
        self.inner().commit(self.seal(changes).await?).await
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        self.inner().scrub().await
    }
}
