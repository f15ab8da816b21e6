//! Who is looking at a ticket now, and who is writing: so that two do not answer at once, and nobody waits in the dark.

use crate::domain::{
    actor::{Actor, Role, Signature},
    message::Side,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// What somebody does at a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// They look at it.
    Viewing,
    /// They write something that the other side will read.
    Typing,
    /// They write a note.
    TypingNote,
    /// They have gone.
    Gone,
}

impl Presence {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Viewing, Self::Typing, Self::TypingNote, Self::Gone];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewing => "viewing",
            Self::Typing => "typing",
            Self::TypingNote => "typing_note",
            Self::Gone => "gone",
        }
    }
}

/// Whoever says nothing for so long has gone.
pub const PATIENCE: TimeDelta = TimeDelta::seconds(20);

/// Somebody at a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Present {
    /// Who.
    pub who: Signature,
    /// What they do.
    pub doing: Presence,
    /// Until when that is believed.
    pub until: DateTime<Utc>,
}

impl Present {
    /// Somebody who says now what they do. Customers write no notes.
    pub fn new(actor: &Actor, doing: Presence, now: DateTime<Utc>) -> Self {
        let doing = if doing == Presence::TypingNote && !actor.is_staff() { Presence::Typing } else { doing };
        Self { who: actor.signature(), doing, until: now + PATIENCE }
    }

    /// What the others may know of it: staff all of it; a customer that somebody on the staff is writing to them, and no
    /// more. Nobody is told of themselves.
    pub fn seen_by(&self, reader: &Actor, now: DateTime<Utc>) -> Option<Self> {
        if now >= self.until || self.doing == Presence::Gone || self.who.id == reader.signature().id {
            return None;
        }
        if reader.is_staff() {
            return Some(self.clone());
        }
        let writes_to_them = self.doing == Presence::Typing && Side::of(self.who.role) == Side::Staff;
        // Admins and agents are one to a customer.
        writes_to_them.then(|| Self { who: Signature { role: Role::Agent, ..self.who.clone() }, ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_customer_learns_that_somebody_writes_to_them_and_nothing_else() {
        let now = DateTime::UNIX_EPOCH;
        let customer = Actor::customer(Uuid::from_u128(1), "Ada");
        let (agent, admin) = (Actor::agent(Uuid::from_u128(2), "Grace"), Actor::admin(Uuid::from_u128(3), "Edsger"));
        let seen = |who, doing, reader| Present::new(who, doing, now).seen_by(reader, now).map(|seen| seen.doing);
        assert_eq!(seen(&agent, Presence::Typing, &customer), Some(Presence::Typing));
        assert_eq!(seen(&agent, Presence::Viewing, &customer), None);
        assert_eq!(seen(&agent, Presence::TypingNote, &customer), None);
        assert_eq!(seen(&agent, Presence::TypingNote, &admin), Some(Presence::TypingNote));
        assert_eq!(seen(&customer, Presence::TypingNote, &agent), Some(Presence::Typing));
        assert_eq!(seen(&customer, Presence::Typing, &customer), None);
        assert_eq!(seen(&agent, Presence::Gone, &admin), None);
        let stale = Present::new(&agent, Presence::Typing, now);
        assert_eq!(stale.seen_by(&customer, now + PATIENCE), None);
        assert_eq!(stale.seen_by(&customer, now).unwrap().who.role, Role::Agent);
    }
}
