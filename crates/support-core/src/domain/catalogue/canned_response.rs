use super::CannedResponse;
use crate::domain::{actor::Actor, fault::Fault, ticket::Ticket};

/// What a canned response can say of a ticket, as `{{ticket.number}}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placeholder {
    /// The number of the ticket.
    TicketNumber,
    /// Its subject.
    TicketSubject,
    /// Its status.
    TicketStatus,
    /// Its priority.
    TicketPriority,
    /// Its category.
    TicketCategory,
    /// The name of its customer.
    CustomerName,
    /// The name of whoever answers.
    AgentName,
}

impl Placeholder {
    /// All of them, with the name that each has between the braces.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::TicketNumber, "ticket.number"),
        (Self::TicketSubject, "ticket.subject"),
        (Self::TicketStatus, "ticket.status"),
        (Self::TicketPriority, "ticket.priority"),
        (Self::TicketCategory, "ticket.category"),
        (Self::CustomerName, "customer.name"),
        (Self::AgentName, "agent.name"),
    ];

    fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name.trim()).map(|(placeholder, _)| *placeholder)
    }

    fn value<'a>(self, ticket: &'a Ticket, agent: &'a str) -> &'a str {
        match self {
            Self::TicketNumber => &ticket.number,
            Self::TicketSubject => &ticket.subject,
            Self::TicketStatus => ticket.status.as_str(),
            Self::TicketPriority => ticket.priority.as_str(),
            Self::TicketCategory => ticket.category.as_ref().map_or("", |category| category.as_str()),
            Self::CustomerName => &ticket.customer_name,
            Self::AgentName => agent,
        }
    }
}

/// A piece of the text: as it stands, or the name between two pairs of braces.
enum Piece<'a> {
    Text(&'a str),
    Name(&'a str),
}

fn pieces(body: &str) -> Vec<Piece<'_>> {
    let (mut pieces, mut rest) = (Vec::new(), body);
    while let Some((text, (name, tail))) =
        rest.split_once("{{").and_then(|(text, tail)| Some((text, tail.split_once("}}")?)))
    {
        pieces.extend([Piece::Text(text), Piece::Name(name)]);
        rest = tail;
    }
    pieces.push(Piece::Text(rest));
    pieces
}

impl CannedResponse {
    /// Refuses names that nothing stands for: whoever answers with the text later would send the braces.
    pub(super) fn check_placeholders(&self) -> Result<(), Fault> {
        for piece in pieces(&self.body) {
            if let Piece::Name(name) = piece
                && Placeholder::find(name).is_none()
            {
                let known = Placeholder::ALL.map(|(_, known)| format!("{{{{{known}}}}}"));
                return Err(Fault::unknown("body", format!("{{{{{name}}}}}"), known));
            }
        }
        Ok(())
    }

    /// The text for a ticket, as `actor` would send it. What a customer typed is put in as it is, and never read for
    /// placeholders itself.
    pub fn render(&self, ticket: &Ticket, actor: &Actor) -> String {
        let agent = actor.signature().name;
        let text = |piece| match piece {
            Piece::Text(text) => text,
            Piece::Name(name) => Placeholder::find(name).map_or("", |placeholder| placeholder.value(ticket, &agent)),
        };
        pieces(&self.body).into_iter().map(text).collect()
    }
}
