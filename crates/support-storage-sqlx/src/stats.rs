//! Figures.

mod cells;
mod fold;
pub(crate) mod notes;
pub(crate) mod tallies;

use crate::{SqlxStore, store::read_near};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use support_core::{
    domain::stats::{Cell, Holder, Range, Tally, TallyKind, TallyScope},
    ports::{StoreError, stats::StatsStore},
};

#[async_trait]
impl StatsStore for SqlxStore {
    async fn cells(&self, holder: Holder, range: Range) -> Result<Vec<(Cell, u64)>, StoreError> {
        read_near!(self, self.for_figures(), |session| cells::read(session, holder, range))
    }

    async fn tally_series(&self, scope: &TallyScope, edges: &[DateTime<Utc>]) -> Result<Vec<Tally>, StoreError> {
        read_near!(self, self.for_figures(), |session| tallies::series(session, scope, edges))
    }

    async fn tally_sums(&self, kind: TallyKind, range: Range) -> Result<Vec<(TallyScope, Tally)>, StoreError> {
        read_near!(self, self.for_figures(), |session| tallies::sums(session, kind, range))
    }
}
