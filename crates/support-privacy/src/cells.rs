//! The cells of a ticket's row and of a remembered request: they are all sealed under the current key, because every
//! one of them can be written again, or goes by itself.

use crate::{
    envelope::{Envelope, Place},
    keys::Keys,
    names,
};
use support_core::{
    domain::{
        actor::Signature,
        id::{CustomerId, TicketId},
        request::{Request, RequestKey},
        ticket::Ticket,
    },
    ports::StoreError,
};

/// A cell of a ticket's row.
pub(crate) fn cell(ticket: TicketId, column: &'static str) -> Place {
    Place::new("tickets", ticket, column)
}

/// The cell of a request's answer.
fn answer(key: &RequestKey) -> Place {
    // Both parts are anybody's text: the length says where the first ends.
    Place::new("requests", format_args!("{}:{}:{}", key.principal.len(), key.principal, key.key), "answer")
}

impl Keys {
    pub(crate) fn seal_ticket(&self, ticket: Ticket) -> Ticket {
        let id = ticket.id;
        let Signature { role, id: by, name } = ticket.opened_by;
        let name = if names::is_sealed(role) { self.seal_text(&cell(id, "opened_by"), name) } else { name };
        Ticket {
            customer_name: self.seal_text(&cell(id, "customer_name"), ticket.customer_name),
            opened_by: Signature { role, id: by, name },
            reach: self.seal_reach(id, ticket.reach),
            ..ticket
        }
    }

    pub(crate) fn open_ticket(&self, ticket: Ticket) -> Result<Ticket, StoreError> {
        let (id, customer) = (ticket.id, ticket.customer);
        let customer_name = self.open_customer_name(id, customer, ticket.customer_name)?;
        let Signature { role, id: by, mut name } = ticket.opened_by;
        if names::is_sealed(role) {
            let owner = by.map_or(customer, CustomerId::from);
            name = self.open_name(cell(id, "opened_by"), name, owner)?;
        }
        Ok(Ticket {
            customer_name,
            opened_by: Signature { role, id: by, name },
            reach: self.open_reach(id, ticket.reach)?,
            ..ticket
        })
    }

    pub(crate) fn open_customer_name(
        &self,
        ticket: TicketId,
        customer: CustomerId,
        name: String,
    ) -> Result<String, StoreError> {
        self.open_name(cell(ticket, "customer_name"), name, customer)
    }

    pub(crate) fn seal_request(&self, request: Request) -> Request {
        let answer = self.current().seal_bytes(&answer(&request.key), &request.answer);
        Request { answer, ..request }
    }

    pub(crate) fn open_request(&self, request: Request) -> Result<Request, StoreError> {
        let Some(envelope) = Envelope::of_bytes(&request.answer) else { return Ok(request) };
        let place = answer(&request.key);
        let Some(sealer) = self.find(envelope.key) else { return Err(place.unknown_key(envelope.key)) };
        let Some(answer) = sealer.open_bytes(&place, &envelope.sealed) else {
            return Err(place.tampered(envelope.key));
        };
        Ok(Request { answer, ..request })
    }

    /// In an empty text there is nothing to hide.
    pub(crate) fn seal_text(&self, place: &Place, text: String) -> String {
        if text.is_empty() { text } else { self.current().seal(place, &text) }
    }

    /// The text of a cell. What is no envelope was written before values were sealed here, and is read as it is.
    pub(crate) fn open_text(&self, place: Place, text: String) -> Result<String, StoreError> {
        let Some(envelope) = Envelope::of(&text) else { return Ok(text) };
        let Some(sealer) = self.find(envelope.key) else { return Err(place.unknown_key(envelope.key)) };
        sealer.open(&place, &envelope.sealed).ok_or_else(|| place.tampered(envelope.key))
    }

    /// The name of a person in a ticket's row: sealed there, or put there when the person was forgotten.
    fn open_name(&self, place: Place, name: String, owner: CustomerId) -> Result<String, StoreError> {
        match Envelope::of(&name) {
            Some(envelope) if envelope.key == self.standing().erased.id() => {
                self.open_erased(place, &envelope, Some(owner))
            }
            _ => self.open_text(place, name),
        }
    }
}
