//! How far a copy has come, kept in the target among the remembered requests.

use crate::domain::request::{Request, RequestKey};
use crate::ports::{
    Store, StoreError, Write,
    archive::{Place, Record, RecordKind},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Nobody who sends requests is called that: principals are a role and an id.
const PRINCIPAL: &str = "transfer";

/// The place behind which a copy goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Bookmark {
    /// How many commits came before, this one among them.
    step: u32,
    pub(super) kind: RecordKind,
    /// Where the last record of that kind that was copied stands in the source.
    pub(super) after: Option<Place>,
    /// How many of that kind were copied.
    pub(super) done: u64,
}

/// The beginning.
impl Default for Bookmark {
    fn default() -> Self {
        Self { step: 0, kind: RecordKind::Tickets, after: None, done: 0 }
    }
}

impl Bookmark {
    /// The request that holds the bookmark of a store, if a copy into it was begun and never finished.
    pub(super) async fn find<S: Store + ?Sized>(store: &S) -> Result<Option<Request>, StoreError> {
        store.request(&key()).await
    }

    pub(super) fn read(kept: &Request) -> Result<Self, String> {
        serde_json::from_slice(&kept.answer).map_err(|error| error.to_string())
    }

    /// At the beginning of a kind, or where it is where it is among them.
    pub(super) fn at(self, kind: RecordKind) -> Self {
        if self.kind == kind { self } else { Self { kind, after: None, done: 0, ..self } }
    }

    pub(super) fn behind(&self, last: Place, copied: u64) -> Self {
        Self { step: self.step.saturating_add(1), after: Some(last), done: self.done + copied, ..self.clone() }
    }

    /// Keeps it in place of the one of the step before. Of two copies that took the same step, one is in conflict: its
    /// records would be told apart by their ids, but not what is added up.
    pub(super) fn write(&self) -> Result<Write, String> {
        let answer = serde_json::to_vec(self).map_err(|error| error.to_string())?;
        let request = Request { key: key(), digest: [0; 32], answer, about: Vec::new(), at: moment(self.step) };
        let expired = moment(self.step.saturating_sub(1));
        Ok(Write::RememberRequest { request: Box::new(request), expired })
    }

    /// Takes the bookmark away. Nothing else was remembered as long ago as that.
    pub(super) fn forget() -> Write {
        Write::ForgetRequests { until: moment(u32::MAX) }
    }

    /// Whether a record is the bookmark itself, which is none of the desk's.
    pub(super) fn is(record: &Record) -> bool {
        matches!(record, Record::Request(request) if request.key == key())
    }
}

fn key() -> RequestKey {
    RequestKey { principal: PRINCIPAL.to_owned(), key: "bookmark".to_owned() }
}

/// Steps are told apart by moments of 1970, which no request of a desk has.
fn moment(step: u32) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::milliseconds(step.into())
}
