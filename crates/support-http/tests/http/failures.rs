//! Stores that fail.

use crate::harness::{ADA, Api};
use async_trait::async_trait;
use serde_json::json;
use std::sync::Arc;
use support_core::{
    desk,
    domain::{
        event::Event,
        id::TicketId,
        message::Message,
        profile::Profile,
        ticket::{Ticket, TicketQuery, TicketSummary},
    },
    ports::{
        ChangeSet, Slice, Store, StoreError,
        events::{EventQuery, EventStore},
        messages::{MessageQuery, MessageStore},
        numbers::NumberStore,
        tickets::TicketStore,
    },
};

/// Stands in every reason of a failure.
const REASON: &str = "SELECT secret FROM tickets";

/// A store that answers everything with one error.
struct Broken(StoreError);

impl Broken {
    fn fail<T>(&self) -> Result<T, StoreError> {
        Err(self.0.clone())
    }
}

#[async_trait]
impl TicketStore for Broken {
    async fn ticket(&self, _: TicketId) -> Result<Option<Ticket>, StoreError> {
        self.fail()
    }

    async fn ticket_by_number(&self, _: &str) -> Result<Option<Ticket>, StoreError> {
        self.fail()
    }

    async fn tickets(&self, _: &TicketQuery) -> Result<Slice<TicketSummary>, StoreError> {
        self.fail()
    }

    async fn ticket_count(&self, _: &TicketQuery, _: u32) -> Result<u32, StoreError> {
        self.fail()
    }
}

#[async_trait]
impl MessageStore for Broken {
    async fn messages(&self, _: &MessageQuery) -> Result<Slice<Message>, StoreError> {
        self.fail()
    }
}

#[async_trait]
impl EventStore for Broken {
    async fn events(&self, _: &EventQuery) -> Result<Slice<Event>, StoreError> {
        self.fail()
    }
}

#[async_trait]
impl NumberStore for Broken {
    async fn reserve_numbers(&self, _: &str, _: u32) -> Result<u64, StoreError> {
        self.fail()
    }
}

#[async_trait]
impl Store for Broken {
    async fn commit(&self, _: ChangeSet) -> Result<(), StoreError> {
        self.fail()
    }
}

#[tokio::test]
async fn failures_are_told_by_kind_and_never_by_their_words() {
    let corrupt =
        StoreError::Corrupt { table: "tickets", column: "status", id: REASON.to_owned(), reason: REASON.to_owned() };
    for (error, status, name) in [
        (StoreError::Full, 507, "full"),
        (StoreError::unavailable(REASON), 503, "unavailable"),
        (StoreError::backend(REASON), 500, "internal"),
        (corrupt, 500, "internal"),
        (StoreError::Conflict, 409, "conflict"),
    ] {
        let kept = error.to_string();
        let api = Api::over(Broken(error), Profile::after_sales());
        let body = json!({ "subject": "s", "description": "d" });
        for reply in [
            api.get(ADA, "/tickets").await,
            api.get(ADA, "/tickets/1").await,
            api.post(ADA, "/tickets", body).await,
            api.post(ADA, "/tickets/1/messages", json!({ "message": "m" })).await,
            api.post(ADA, "/tickets/1/claim", serde_json::Value::Null).await,
        ] {
            assert!(!String::from_utf8_lossy(&reply.bytes).contains("SELECT"));
            assert_eq!(reply.headers.contains_key("retry-after"), status == 503);
            if status >= 500 {
                let cause: &desk::Error = reply.extensions.get().unwrap();
                assert_eq!(cause.to_string(), kept);
            }
            reply.problem(status, name);
        }
    }
}

#[tokio::test]
async fn a_directory_that_does_not_answer_is_unavailable() {
    struct Silent;

    #[async_trait]
    impl support_core::ports::directory::Directory for Silent {
        async fn customer(
            &self,
            _: support_core::domain::id::CustomerId,
        ) -> Result<Lookup<CustomerCard>, DirectoryError> {
            Err(DirectoryError(Arc::from(Box::<dyn std::error::Error + Send + Sync>::from(REASON))))
        }

        async fn agent(&self, _: support_core::domain::id::AgentId) -> Result<Lookup<AgentCard>, DirectoryError> {
            Ok(Lookup::NotKept)
        }

        async fn related(
            &self,
            _: support_core::domain::id::CustomerId,
            _: &str,
            _: &str,
        ) -> Result<Lookup<RelatedCard>, DirectoryError> {
            Ok(Lookup::NotKept)
        }
    }

    use support_core::ports::directory::{AgentCard, CustomerCard, DirectoryError, Lookup, RelatedCard};
    let desk = desk::Desk::builder(support_core::memory::MemoryStore::new()).directory(Silent).build().unwrap();
    let api = Api::of(desk, support_http::Settings::default());
    let reply = api.post(ADA, "/tickets", json!({ "subject": "s", "message": "m" })).await;
    assert!(!String::from_utf8_lossy(&reply.bytes).contains("SELECT"));
    reply.problem(503, "unavailable");
}
