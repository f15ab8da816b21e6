//! Names of people beside what they wrote and did.
//!
//! Authors of messages and actors of events can never be written again, so whatever stands there stays for ever. A name
//! that is also the ticket's is therefore not kept there: a sealed reference says which ticket has it. The reference
//! names the ticket on which the row was *written*. Where messages are moved, by merging and splitting, it goes with
//! them and still leads to the right name, whoever the other ticket belongs to; and when the person is forgotten, their
//! name is gone from every row that referred to it, the moved ones included.
//!
//! Any other name, of somebody else or spelled in another way than on the ticket, is sealed in its place under a key
//! that does not rotate.

use crate::{
    envelope::{Envelope, Place},
    keys::Keys,
};
use support_core::{
    domain::{
        actor::{Role, Signature},
        erasure::Erasure,
        event::Event,
        id::{CustomerId, TicketId},
        message::Message,
        ticket::Ticket,
    },
    ports::StoreError,
};

/// Whether names of people in this role are sealed. Those of staff are not: customers read them.
pub(crate) fn is_sealed(role: Role) -> bool {
    match role {
        Role::Customer | Role::Guest => true,
        Role::Agent | Role::Admin | Role::System => false,
    }
}

/// A row that somebody signed.
pub(crate) trait Signed {
    fn place(&self) -> Place;
    fn ticket(&self) -> TicketId;
    fn signature(&self) -> &Signature;
    fn signature_mut(&mut self) -> &mut Signature;

    /// Whether there is a name in it to be sealed.
    fn has_name(&self) -> bool {
        is_sealed(self.signature().role) && !self.signature().name.is_empty()
    }
}

impl Signed for Message {
    fn place(&self) -> Place {
        Place::new("messages", self.id, "author")
    }

    fn ticket(&self) -> TicketId {
        self.ticket
    }

    fn signature(&self) -> &Signature {
        &self.author
    }

    fn signature_mut(&mut self) -> &mut Signature {
        &mut self.author
    }
}

impl Signed for Event {
    fn place(&self) -> Place {
        Place::new("events", self.id, "actor")
    }

    fn ticket(&self) -> TicketId {
        self.ticket
    }

    fn signature(&self) -> &Signature {
        &self.actor
    }

    fn signature_mut(&mut self) -> &mut Signature {
        &mut self.actor
    }
}

/// A ticket, as far as names refer to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) ticket: TicketId,
    pub(crate) customer: CustomerId,
    pub(crate) name: String,
}

impl Owner {
    pub(crate) fn of(ticket: &Ticket) -> Self {
        Self { ticket: ticket.id, customer: ticket.customer, name: ticket.customer_name.clone() }
    }

    fn signed(&self, signature: &Signature) -> bool {
        signature.id == Some(self.customer.uuid()) && signature.name == self.name
    }
}

/// Where a name is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Here.
    Name(String),
    /// On this ticket.
    On(TicketId),
}

impl Keys {
    /// Seals the name in a row; `owner` is the ticket that it is written on, where that is known.
    pub(crate) fn seal_signed<T: Signed>(&self, mut row: T, owner: Option<&Owner>) -> T {
        if row.has_name() {
            let place = row.place();
            let name = match owner.filter(|owner| owner.signed(row.signature())) {
                Some(owner) => self.standing().reference.seal(&place, &owner.ticket.to_string()),
                None => self.standing().name.seal(&place, &row.signature().name),
            };
            row.signature_mut().name = name;
        }
        row
    }

    pub(crate) fn find_name(&self, row: &impl Signed) -> Result<Found, StoreError> {
        let Signature { role, id, name } = row.signature();
        let envelope = if is_sealed(*role) { Envelope::of(name) } else { None };
        let Some(envelope) = envelope else { return Ok(Found::Name(name.clone())) };
        let (place, standing) = (row.place(), self.standing());
        if envelope.key == standing.erased.id() {
            return self.open_erased(place, &envelope, id.map(CustomerId)).map(Found::Name);
        }
        let sealer = [&standing.name, &standing.reference].into_iter().find(|sealer| sealer.id() == envelope.key);
        let Some(sealer) = sealer else { return Err(place.unknown_key(envelope.key)) };
        let Some(text) = sealer.open(&place, &envelope.sealed) else { return Err(place.tampered(envelope.key)) };
        if envelope.key == standing.name.id() {
            return Ok(Found::Name(text));
        }
        text.parse().map(Found::On).map_err(|_| place.corrupt("it refers to no ticket"))
    }

    /// One name goes into many rows, of which the wrapped store alone knows how many. So it is sealed with whose it is,
    /// not with where it stands.
    pub(crate) fn seal_erasure(&self, erasure: Erasure) -> Erasure {
        if erasure.name.is_empty() {
            return erasure;
        }
        let both = format!("{}{}", erasure.pseudonym, erasure.name);
        Erasure { name: self.standing().erased.seal(&everywhere(), &both), ..erasure }
    }

    /// The name of somebody who was forgotten, where a row says that it is theirs, or does not say whose it is.
    pub(crate) fn open_erased(
        &self,
        place: Place,
        envelope: &Envelope<'_>,
        whose: Option<CustomerId>,
    ) -> Result<String, StoreError> {
        let opened = self.standing().erased.open(&everywhere(), &envelope.sealed);
        let opened = opened.as_deref().and_then(|both| both.split_at_checked(UUID_CHARS));
        match opened {
            Some((id, name)) if whose.is_none_or(|whose| whose.to_string() == id) => Ok(name.to_owned()),
            _ => Err(place.tampered(envelope.key)),
        }
    }
}

/// A UUID as text, with its hyphens.
const UUID_CHARS: usize = 36;

fn everywhere() -> Place {
    Place::new("erasures", "", "name")
}
