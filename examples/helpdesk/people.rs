//! The people of this program: a sample shop, and everybody who has signed in.

use async_trait::async_trait;
use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};
use support_desk::{
    Actor,
    domain::{
        id::{AgentId, CustomerId},
        notification::Person,
    },
    ports::directory::{AgentCard, CustomerCard, Directory, DirectoryError, Lookup, ReachCard, RelatedCard},
};
use uuid::Uuid;

/// Customers of the sample shop, each with a tier.
pub(crate) const CUSTOMERS: [(u128, &str, &str); 5] = [
    (0xc1, "Ada Lovelace", "gold"),
    (0xc2, "Alan Turing", "standard"),
    (0xc3, "Mary Somerville", "vip"),
    (0xc4, "Évariste Galois", "standard"),
    (0xc5, "Sofja Kowalewskaja", "gold"),
];

/// Agents of the sample shop.
pub(crate) const AGENTS: [(u128, &str); 3] =
    [(0xa1, "Grace Hopper"), (0xa2, "Hedy Lamarr"), (0xa3, "Katherine Johnson")];

/// What each of them belongs to and knows.
pub(crate) const SKILLS: [(&str, &str, &str); 3] =
    [("technical", "engines", "en"), ("general", "delivery", "de"), ("billing", "refunds", "en")];

/// The admin of the sample shop.
pub(crate) const ADMIN: (u128, &str) = (0xad, "Joan Clarke");

/// Who is known by name. The tokens' issuer keeps the people; whoever is not known here is taken unseen.
#[derive(Default)]
pub(crate) struct People {
    customers: RwLock<HashMap<CustomerId, CustomerCard>>,
    agents: RwLock<HashMap<AgentId, AgentCard>>,
}

impl People {
    pub(crate) fn hire_sample_staff(&self) {
        for (id, name) in AGENTS.into_iter().chain([ADMIN]) {
            self.remember(&Actor::agent(Uuid::from_u128(id), name));
        }
    }

    /// The customers of the sample shop.
    pub(crate) fn welcome_sample_customers(&self) {
        let mut customers = self.customers.write().unwrap_or_else(PoisonError::into_inner);
        for (id, name, tier) in CUSTOMERS {
            let card = CustomerCard { name: name.to_owned(), tier: Some(tier.to_owned()), language: None };
            customers.insert(Uuid::from_u128(id).into(), card);
        }
    }

    /// Somebody who has signed in.
    pub(crate) fn remember(&self, actor: &Actor) {
        match actor {
            Actor::Customer { id, name } => {
                let known = self.customers.read().unwrap_or_else(PoisonError::into_inner).contains_key(id);
                if !known {
                    let card = CustomerCard { name: name.clone(), ..CustomerCard::default() };
                    self.customers.write().unwrap_or_else(PoisonError::into_inner).insert(*id, card);
                }
            }
            Actor::Agent { id, name } | Actor::Admin { id, name } => {
                let known = self.agents.read().unwrap_or_else(PoisonError::into_inner).contains_key(id);
                if !known {
                    let card = AgentCard { name: name.clone() };
                    self.agents.write().unwrap_or_else(PoisonError::into_inner).insert(*id, card);
                }
            }
            Actor::System { .. } | Actor::Guest => {}
        }
    }
}

/// What a customer has bought: number, name and kind. The numbers are made of the last digits of their id.
pub(crate) fn purchases(customer: CustomerId) -> [(String, &'static str, &'static str); 2] {
    let number = |n: u8| format!("P-{:x}-{n}", customer.uuid().as_u128() & 0xffff);
    [(number(1), "2024 Estate, diesel", "estate"), (number(2), "2025 City, electric", "compact")]
}

fn lookup<T: Clone>(card: Option<&T>) -> Lookup<T> {
    card.cloned().map_or(Lookup::NotKept, Lookup::Found)
}

#[async_trait]
impl Directory for People {
    async fn customer(&self, id: CustomerId) -> Result<Lookup<CustomerCard>, DirectoryError> {
        Ok(lookup(self.customers.read().unwrap_or_else(PoisonError::into_inner).get(&id)))
    }

    async fn agent(&self, id: AgentId) -> Result<Lookup<AgentCard>, DirectoryError> {
        let agents = self.agents.read().unwrap_or_else(PoisonError::into_inner);
        let customers = self.customers.read().unwrap_or_else(PoisonError::into_inner);
        // Staff may be customers too.
        match agents.get(&id) {
            None if customers.contains_key(&CustomerId(id.uuid())) => Ok(Lookup::Missing),
            card => Ok(lookup(card)),
        }
    }

    /// Everybody of the sample shop has an address, and has shown that it is theirs.
    async fn reach(&self, person: Person) -> Result<Lookup<ReachCard>, DirectoryError> {
        let known = CUSTOMERS.map(|(id, name, _)| (id, name)).into_iter().chain(AGENTS).chain([ADMIN]);
        let id = person.uuid().as_u128();
        let found = known.into_iter().find(|(known, _)| *known == id);
        Ok(found.map_or(Lookup::NotKept, |(id, name)| {
            let first = name.split(' ').next().unwrap_or(name).to_lowercase();
            Lookup::Found(ReachCard {
                name: name.to_owned(),
                email: Some(format!("{}@shop.example", first.replace('é', "e"))),
                email_is_verified: true,
                is_admin: id == ADMIN.0,
                ..ReachCard::default()
            })
        }))
    }

    /// Each customer of the sample shop has bought two vehicles; everything else is kept elsewhere.
    async fn related(&self, customer: CustomerId, kind: &str, id: &str) -> Result<Lookup<RelatedCard>, DirectoryError> {
        if kind != "purchase" {
            return Ok(Lookup::NotKept);
        }
        let bought = purchases(customer).into_iter().find(|(known, ..)| known == id);
        Ok(bought.map_or(Lookup::Missing, |(_, label, kind)| {
            Lookup::Found(RelatedCard { label: Some(label.to_owned()), kind: Some(kind.to_owned()) })
        }))
    }
}
