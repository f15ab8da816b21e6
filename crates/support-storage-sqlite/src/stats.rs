//! Figures.

pub(crate) mod cells;
pub(crate) mod counts;
pub(crate) mod tallies;

use crate::SqliteStore;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use support_core::{
    domain::stats::{Cell, Holder, Range, Tally, TallyKind, TallyScope},
    ports::{StoreError, stats::StatsStore},
};

#[async_trait]
impl StatsStore for SqliteStore {
    async fn cells(&self, holder: Holder, range: Range) -> Result<Vec<(Cell, u64)>, StoreError> {
        self.readers.read(|conn| cells::read(conn, holder, range))
    }

    async fn tally_series(&self, scope: &TallyScope, edges: &[DateTime<Utc>]) -> Result<Vec<Tally>, StoreError> {
        self.readers.read(|conn| tallies::series(conn, scope, edges))
    }

    async fn tally_sums(&self, kind: TallyKind, range: Range) -> Result<Vec<(TallyScope, Tally)>, StoreError> {
        self.readers.read(|conn| tallies::sums(conn, kind, range))
    }
}
