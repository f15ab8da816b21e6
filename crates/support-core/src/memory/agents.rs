use super::store::MemoryStore;
use crate::{
    domain::{agent::Agent, id::AgentId},
    ports::{
        Slice, StoreError,
        agents::{AgentQuery, AgentStore},
    },
};
use async_trait::async_trait;

#[async_trait]
impl AgentStore for MemoryStore {
    async fn agent(&self, id: AgentId) -> Result<Option<Agent>, StoreError> {
        Ok(self.rows().agents.get(&id).cloned())
    }

    async fn agents(&self, query: &AgentQuery) -> Result<Slice<Agent>, StoreError> {
        let rows = self.rows();
        let wanted = |agent: &&Agent| {
            query.after.is_none_or(|after| agent.id > after)
                && query.team.as_ref().is_none_or(|team| agent.team.as_ref() == Some(team))
                && query.availability.is_none_or(|said| agent.availability == Some(said))
        };
        let limit = query.limit as usize;
        Ok(Slice::cut(rows.agents.values().filter(wanted).take(limit + 1).cloned().collect(), limit))
    }
}
