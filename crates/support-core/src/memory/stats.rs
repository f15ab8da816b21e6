//! Figures, counted anew each time: what kept counts are measured by.

use super::store::MemoryStore;
use crate::{
    domain::{
        stats::{Cell, Holder, Range, Tally, TallyKind, TallyScope},
        ticket::Ticket,
    },
    ports::{StoreError, stats::StatsStore},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

#[async_trait]
impl StatsStore for MemoryStore {
    async fn cells(&self, holder: Holder, range: Range) -> Result<Vec<(Cell, u64)>, StoreError> {
        let rows = self.rows();
        let held = |ticket: &Ticket| match holder {
            Holder::Anybody => true,
            Holder::Agent(id) => ticket.assignee.as_ref().is_some_and(|agent| agent.id == id),
            Holder::Nobody => ticket.assignee.is_none(),
        };
        let mut cells: BTreeMap<Cell, u64> = BTreeMap::new();
        for (_, ticket) in rows.tickets.values() {
            if held(ticket) && range.holds(ticket.created_at) && ticket.deleted_at.is_none() {
                let Ticket { status, priority, category, .. } = ticket.clone();
                *cells.entry(Cell { status, priority, category }).or_default() += 1;
            }
        }
        Ok(cells.into_iter().collect())
    }

    async fn tally_series(&self, scope: &TallyScope, edges: &[DateTime<Utc>]) -> Result<Vec<Tally>, StoreError> {
        let rows = self.rows();
        let within = |pair: &[DateTime<Utc>]| {
            let range = Range { from: Some(pair[0]), to: Some(pair[1]) };
            let theirs = rows.tallies.iter().filter(|((of, quarter), _)| of == scope && range.holds(*quarter));
            theirs.map(|(_, tally)| *tally).sum()
        };
        Ok(edges.windows(2).map(within).collect())
    }

    async fn tally_sums(&self, kind: TallyKind, range: Range) -> Result<Vec<(TallyScope, Tally)>, StoreError> {
        let rows = self.rows();
        let mut sums: BTreeMap<String, (TallyScope, Tally)> = BTreeMap::new();
        for ((scope, quarter), tally) in &rows.tallies {
            if scope.kind() == kind && range.holds(*quarter) {
                sums.entry(scope.key()).or_insert_with(|| (scope.clone(), Tally::default())).1 += *tally;
            }
        }
        Ok(sums.into_values().filter(|(_, sum)| !sum.is_empty()).collect())
    }
}
