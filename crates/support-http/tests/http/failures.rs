//! Stores and directories that fail.

use crate::{
    harness::{ADA, Api, settings},
    stores::{Failed, Failing},
};
use serde_json::json;
use std::sync::Arc;
use support_core::{desk, domain::profile::Profile, ports::StoreError};

/// Stands in every reason of a failure.
const REASON: &str = "SELECT secret FROM tickets";

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
        let api = Api::over(Failed::new(Failing::Always(error)), Profile::after_sales());
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

    #[async_trait::async_trait]
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
    let api = Api::of(desk, settings());
    let reply = api.post(ADA, "/tickets", json!({ "subject": "s", "message": "m" })).await;
    assert!(!String::from_utf8_lossy(&reply.bytes).contains("SELECT"));
    reply.problem(503, "unavailable");
}
