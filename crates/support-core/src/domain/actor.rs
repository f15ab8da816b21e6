//! Who acts. The host says so; nothing a client sends can.

use crate::domain::id::{AgentId, CustomerId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A person or process about to do something.
///
/// The host builds one per request, from its own sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Somebody who asks for help.
    Customer {
        /// Who.
        id: CustomerId,
        /// The name agents see.
        name: String,
    },
    /// Somebody who helps.
    Agent {
        /// Who.
        id: AgentId,
        /// The name customers see.
        name: String,
    },
    /// Staff who see and decide everything.
    Admin {
        /// Who.
        id: AgentId,
        /// The name customers see.
        name: String,
    },
    /// A rule, a job or the host's own code.
    System {
        /// Which one, for the audit trail.
        name: String,
    },
    /// Nobody known.
    Guest,
}

/// The kinds of [`Actor`], in the order of the role table (S1, "Role-Based Access").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// See [`Actor::Guest`].
    Guest,
    /// See [`Actor::Customer`].
    Customer,
    /// See [`Actor::Agent`].
    Agent,
    /// See [`Actor::Admin`].
    Admin,
    /// See [`Actor::System`].
    System,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Guest, Self::Customer, Self::Agent, Self::Admin, Self::System];

    /// The word that it is written down as, without the detour over JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::Customer => "customer",
            Self::Agent => "agent",
            Self::Admin => "admin",
            Self::System => "system",
        }
    }

    /// Whether internal notes and the audit trail are theirs to read.
    pub fn is_staff(self) -> bool {
        matches!(self, Self::Agent | Self::Admin | Self::System)
    }
}

impl Actor {
    /// A customer.
    pub fn customer(id: impl Into<CustomerId>, name: impl Into<String>) -> Self {
        Self::Customer { id: id.into(), name: name.into() }
    }

    /// An agent.
    pub fn agent(id: impl Into<AgentId>, name: impl Into<String>) -> Self {
        Self::Agent { id: id.into(), name: name.into() }
    }

    /// An admin.
    pub fn admin(id: impl Into<AgentId>, name: impl Into<String>) -> Self {
        Self::Admin { id: id.into(), name: name.into() }
    }

    /// The host's own code, under a name for the audit trail.
    pub fn system(name: impl Into<String>) -> Self {
        Self::System { name: name.into() }
    }

    /// What kind of actor this is.
    pub fn role(&self) -> Role {
        match self {
            Self::Customer { .. } => Role::Customer,
            Self::Agent { .. } => Role::Agent,
            Self::Admin { .. } => Role::Admin,
            Self::System { .. } => Role::System,
            Self::Guest => Role::Guest,
        }
    }

    /// Whether internal notes and the audit trail are theirs to read.
    pub fn is_staff(&self) -> bool {
        self.role().is_staff()
    }

    /// The staff member, if it is one.
    pub fn agent_id(&self) -> Option<AgentId> {
        match self {
            Self::Agent { id, .. } | Self::Admin { id, .. } => Some(*id),
            _ => None,
        }
    }

    /// The customer, if it is one.
    pub fn customer_id(&self) -> Option<CustomerId> {
        match self {
            Self::Customer { id, .. } => Some(*id),
            _ => None,
        }
    }

    /// How this actor is written down beside what it did.
    pub fn signature(&self) -> Signature {
        let (id, name) = match self {
            Self::Customer { id, name } => (Some(id.uuid()), name.as_str()),
            Self::Agent { id, name } | Self::Admin { id, name } => (Some(id.uuid()), name.as_str()),
            Self::System { name } => (None, name.as_str()),
            Self::Guest => (None, ""),
        };
        Signature { role: self.role(), id, name: name.to_owned() }
    }
}

/// Who did something, as rows keep it: the name is the one they had then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// In which role they acted.
    pub role: Role,
    /// Their id with the host; none for the system.
    pub id: Option<Uuid>,
    /// Their name at the time.
    pub name: String,
}

/// A staff member on a ticket: the id decides, the name is what people read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentRef {
    /// Who.
    pub id: AgentId,
    /// Their name when they were put there; empty where the host told none.
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_of_a_role_is_the_one_it_serialises_to() {
        for role in Role::ALL {
            assert_eq!(serde_json::to_value(role).unwrap(), serde_json::Value::from(role.as_str()));
        }
    }
}
