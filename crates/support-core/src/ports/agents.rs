//! Reading agents.

use super::{Slice, StoreError};
use crate::domain::{
    agent::{Agent, Availability},
    id::AgentId,
};
use async_trait::async_trait;

/// The people who help.
#[async_trait]
pub trait AgentStore {
    /// The agent of that id.
    async fn agent(&self, id: AgentId) -> Result<Option<Agent>, StoreError>;

    /// Agents, in the order of their ids.
    async fn agents(&self, query: &AgentQuery) -> Result<Slice<Agent>, StoreError>;
}

/// Which agents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AgentQuery {
    /// Of this team, compared to the letter.
    pub team: Option<String>,
    /// Who last said this about themselves.
    pub availability: Option<Availability>,
    /// Behind this one, who need not be there any more.
    pub after: Option<AgentId>,
    /// How many.
    pub limit: u32,
}
