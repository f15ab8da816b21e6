//! The host's people and things, looked up and never copied.

use crate::domain::{
    id::{AgentId, CustomerId},
    notification::Person,
};
use async_trait::async_trait;
use std::{collections::HashMap, error::Error, sync::Arc};

/// What the host knows of customers, agents and the things tickets are about.
#[async_trait]
pub trait Directory: Send + Sync {
    /// A customer.
    async fn customer(&self, id: CustomerId) -> Result<Lookup<CustomerCard>, DirectoryError>;

    /// A member of the support staff.
    async fn agent(&self, id: AgentId) -> Result<Lookup<AgentCard>, DirectoryError>;

    /// Where a person can be reached. Where the host does not say, a customer is reached as their ticket says.
    async fn reach(&self, person: Person) -> Result<Lookup<ReachCard>, DirectoryError> {
        let _ = person;
        Ok(Lookup::NotKept)
    }

    /// A thing of kind `kind`, if it is one of this customer's. Somebody else's is [`Lookup::Missing`].
    async fn related(&self, customer: CustomerId, kind: &str, id: &str) -> Result<Lookup<RelatedCard>, DirectoryError>;
}

/// An answer of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup<T> {
    /// It is there.
    Found(T),
    /// It is not there, or not this person's: refused as unknown.
    Missing,
    /// The host does not keep such things here: taken unseen.
    NotKept,
}

/// The directory could not be asked.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the directory of the host does not answer: {0}")]
pub struct DirectoryError(pub Arc<dyn Error + Send + Sync>);

/// A customer, as far as rules and agents need to know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomerCard {
    /// The name that agents see.
    pub name: String,
    /// A tier that rules ask for, such as `gold`.
    pub tier: Option<String>,
    /// The language they write in, as a tag such as `en`; for rules that look for somebody who speaks it.
    pub language: Option<String>,
}

/// A member of the support staff.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AgentCard {
    /// The name that customers see.
    pub name: String,
}

/// Where a person can be reached. Printed by `Debug`, it says nothing of that.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ReachCard {
    /// Their name.
    pub name: String,
    /// Their mail address.
    pub email: Option<String>,
    /// Whether they have shown that it is theirs. Others get no mail but what confirms that something came in.
    pub email_is_verified: bool,
    /// Their phone number, for text messages.
    pub phone: Option<String>,
    /// What their devices are reached by, as the host's push service knows it.
    pub device: Option<String>,
    /// The language they read, as a tag such as `de`.
    pub language: Option<String>,
    /// Whether somebody on the staff sees every ticket.
    pub is_admin: bool,
}

impl std::fmt::Debug for ReachCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReachCard").field("email_is_verified", &self.email_is_verified).finish_non_exhaustive()
    }
}

/// A thing that a ticket is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RelatedCard {
    /// What to call it.
    pub label: Option<String>,
    /// What kind of thing it is among its like, such as `suv` of a vehicle that was purchased.
    pub kind: Option<String>,
}

/// Keeps nothing: every id is taken unseen.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoDirectory;

#[async_trait]
impl Directory for NoDirectory {
    async fn customer(&self, _id: CustomerId) -> Result<Lookup<CustomerCard>, DirectoryError> {
        Ok(Lookup::NotKept)
    }

    async fn agent(&self, _id: AgentId) -> Result<Lookup<AgentCard>, DirectoryError> {
        Ok(Lookup::NotKept)
    }

    async fn related(&self, _: CustomerId, _: &str, _: &str) -> Result<Lookup<RelatedCard>, DirectoryError> {
        Ok(Lookup::NotKept)
    }
}

#[async_trait]
impl<D: Directory + ?Sized> Directory for Arc<D> {
    async fn customer(&self, id: CustomerId) -> Result<Lookup<CustomerCard>, DirectoryError> {
        (**self).customer(id).await
    }

    async fn agent(&self, id: AgentId) -> Result<Lookup<AgentCard>, DirectoryError> {
        (**self).agent(id).await
    }

    async fn reach(&self, person: Person) -> Result<Lookup<ReachCard>, DirectoryError> {
        (**self).reach(person).await
    }

    async fn related(&self, who: CustomerId, kind: &str, id: &str) -> Result<Lookup<RelatedCard>, DirectoryError> {
        (**self).related(who, kind, id).await
    }
}

/// A directory in memory. A kind of people or things of which it has none is not kept; of a kind that it has some of,
/// the others are missing.
#[derive(Debug, Clone, Default)]
pub struct MemoryDirectory {
    customers: HashMap<CustomerId, CustomerCard>,
    agents: HashMap<AgentId, AgentCard>,
    related: HashMap<String, HashMap<(CustomerId, String), RelatedCard>>,
    reach: HashMap<Person, ReachCard>,
}

impl MemoryDirectory {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a customer.
    pub fn with_customer(mut self, id: CustomerId, name: impl Into<String>, tier: Option<&str>) -> Self {
        self.customers.insert(id, CustomerCard { name: name.into(), tier: tier.map(str::to_owned), language: None });
        self
    }

    /// Says what a customer who was added speaks.
    pub fn with_language(mut self, id: CustomerId, language: &str) -> Self {
        if let Some(card) = self.customers.get_mut(&id) {
            card.language = Some(language.to_owned());
        }
        self
    }

    /// Adds an agent.
    pub fn with_agent(mut self, id: AgentId, name: impl Into<String>) -> Self {
        self.agents.insert(id, AgentCard { name: name.into() });
        self
    }

    /// Says where somebody can be reached.
    pub fn with_reach(mut self, person: Person, card: ReachCard) -> Self {
        self.reach.insert(person, card);
        self
    }

    /// Adds a thing of a customer.
    pub fn with_related(mut self, customer: CustomerId, kind: &str, id: &str, label: Option<&str>) -> Self {
        let card = RelatedCard { label: label.map(str::to_owned), kind: None };
        self.related.entry(kind.to_owned()).or_default().insert((customer, id.to_owned()), card);
        self
    }

    /// Says of a thing that was added what kind it is among its like.
    pub fn with_kind_of_related(mut self, customer: CustomerId, kind: &str, id: &str, among: &str) -> Self {
        let things = self.related.get_mut(kind);
        if let Some(card) = things.and_then(|things| things.get_mut(&(customer, id.to_owned()))) {
            card.kind = Some(among.to_owned());
        }
        self
    }
}

fn found<T: Clone>(card: Option<&T>, any: bool) -> Lookup<T> {
    match card {
        Some(card) => Lookup::Found(card.clone()),
        None if any => Lookup::Missing,
        None => Lookup::NotKept,
    }
}

#[async_trait]
impl Directory for MemoryDirectory {
    async fn customer(&self, id: CustomerId) -> Result<Lookup<CustomerCard>, DirectoryError> {
        Ok(found(self.customers.get(&id), !self.customers.is_empty()))
    }

    async fn agent(&self, id: AgentId) -> Result<Lookup<AgentCard>, DirectoryError> {
        Ok(found(self.agents.get(&id), !self.agents.is_empty()))
    }

    async fn reach(&self, person: Person) -> Result<Lookup<ReachCard>, DirectoryError> {
        Ok(found(self.reach.get(&person), !self.reach.is_empty()))
    }

    async fn related(&self, who: CustomerId, kind: &str, id: &str) -> Result<Lookup<RelatedCard>, DirectoryError> {
        let things = self.related.get(kind);
        Ok(found(things.and_then(|things| things.get(&(who, id.to_owned()))), things.is_some()))
    }
}
