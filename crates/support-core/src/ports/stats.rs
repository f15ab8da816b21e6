//! Reading figures. Everything here is served from kept counts, never by reading the tickets of a whole desk.

use super::StoreError;
use crate::domain::stats::{Cell, Holder, Range, Tally, TallyKind, TallyScope};
use async_trait::async_trait;
use chrono::{DateTime, Utc};

/// How tickets stand, and what happened.
#[async_trait]
pub trait StatsStore {
    /// How many tickets that were opened within `range` stand in each cell now; cells without any are left out, and so are
    /// deleted tickets. In the order of the cells.
    async fn cells(&self, holder: Holder, range: Range) -> Result<Vec<(Cell, u64)>, StoreError>;

    /// The counters of one scope, added up over each stretch from one of `edges` up to and without the next: the quarters
    /// of an hour that begin in it. Edges rise; fewer than two leave no stretch between them.
    async fn tally_series(&self, scope: &TallyScope, edges: &[DateTime<Utc>]) -> Result<Vec<Tally>, StoreError>;

    /// The counters of each scope of a family, added up over the quarters that begin within `range`; scopes in which
    /// nothing happened are left out. In the order of the scopes' keys, compared byte by byte.
    async fn tally_sums(&self, kind: TallyKind, range: Range) -> Result<Vec<(TallyScope, Tally)>, StoreError>;
}
