//! What holds nothing that is sealed, handed on as it is: staff, counters, leases, what is done to tickets,
//! and the index of texts, which are not sealed.

use crate::SealedStore;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use support_core::{
    domain::{
        agent::Agent,
        catalogue::{Entry, ItemKind},
        id::{AgentId, EntryId, OperationId, TicketId, TimeEntryId},
        operation::Operation,
        search::{Batch, Hits, SearchQuery},
        stats::{Cell, Holder, Range, Tally, TallyKind, TallyScope},
        time_entry::TimeEntry,
    },
    ports::{
        Slice, Store, StoreError,
        agents::{AgentQuery, AgentStore},
        catalogue::CatalogueStore,
        leases::{Lease, LeaseRequest, LeaseStore},
        numbers::NumberStore,
        operations::OperationStore,
        search::Search,
        stats::StatsStore,
        time_entries::TimeEntryStore,
    },
};

#[async_trait]
impl<S: Store> NumberStore for SealedStore<S> {
    async fn reserve_numbers(&self, series: &str, count: u32) -> Result<u64, StoreError> {
        self.inner().reserve_numbers(series, count).await
    }
}

#[async_trait]
impl<S: Store> AgentStore for SealedStore<S> {
    async fn agent(&self, id: AgentId) -> Result<Option<Agent>, StoreError> {
        self.inner().agent(id).await
    }

    async fn agents(&self, query: &AgentQuery) -> Result<Slice<Agent>, StoreError> {
        self.inner().agents(query).await
    }
}

#[async_trait]
impl<S: Store> StatsStore for SealedStore<S> {
    async fn cells(&self, holder: Holder, range: Range) -> Result<Vec<(Cell, u64)>, StoreError> {
        self.inner().cells(holder, range).await
    }

    async fn tally_series(&self, scope: &TallyScope, edges: &[DateTime<Utc>]) -> Result<Vec<Tally>, StoreError> {
        self.inner().tally_series(scope, edges).await
    }

    async fn tally_sums(&self, kind: TallyKind, range: Range) -> Result<Vec<(TallyScope, Tally)>, StoreError> {
        self.inner().tally_sums(kind, range).await
    }
}

#[async_trait]
impl<S: Store> CatalogueStore for SealedStore<S> {
    async fn entries(&self, kind: ItemKind) -> Result<Vec<Entry>, StoreError> {
        self.inner().entries(kind).await
    }

    async fn entry(&self, kind: ItemKind, id: EntryId) -> Result<Option<Entry>, StoreError> {
        self.inner().entry(kind, id).await
    }
}

#[async_trait]
impl<S: Store> OperationStore for SealedStore<S> {
    async fn operation(&self, id: OperationId) -> Result<Option<Operation>, StoreError> {
        self.inner().operation(id).await
    }

    async fn operations(&self, ticket: TicketId, limit: u32) -> Result<Vec<Operation>, StoreError> {
        self.inner().operations(ticket, limit).await
    }
}

#[async_trait]
impl<S: Store> TimeEntryStore for SealedStore<S> {
    async fn time_entry(&self, ticket: TicketId, id: TimeEntryId) -> Result<Option<TimeEntry>, StoreError> {
        self.inner().time_entry(ticket, id).await
    }

    async fn time_entries(&self, ticket: TicketId, limit: u32) -> Result<Vec<TimeEntry>, StoreError> {
        self.inner().time_entries(ticket, limit).await
    }
}

#[async_trait]
impl<S: Store> LeaseStore for SealedStore<S> {
    async fn take_lease(&self, wanted: &LeaseRequest) -> Result<Option<Lease>, StoreError> {
        self.inner().take_lease(wanted).await
    }

    async fn return_lease(&self, lease: &Lease) -> Result<(), StoreError> {
        self.inner().return_lease(lease).await
    }
}

#[async_trait]
impl<S: Store> Search for SealedStore<S> {
    async fn index(&self, batch: &Batch) -> Result<(), StoreError> {
        self.inner().index(batch).await
    }

    async fn bookmark(&self) -> Result<Option<String>, StoreError> {
        self.inner().bookmark().await
    }

    async fn clear_index(&self) -> Result<(), StoreError> {
        self.inner().clear_index().await
    }

    async fn search(&self, query: &SearchQuery) -> Result<Hits, StoreError> {
        self.inner().search(query).await
    }

    async fn scrub_index(&self) -> Result<(), StoreError> {
        self.inner().scrub_index().await
    }
}
