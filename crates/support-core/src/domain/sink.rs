//! How far somebody outside was told.

use crate::domain::{
    document::{DocumentKind, Kept, Placement, list},
    id::EventId,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use uuid::Uuid;

/// How far a sink or webhook was told: kept in one place, and moved on when it has taken something over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SinkState {
    /// Its id.
    pub id: Uuid,
    /// Of whom.
    pub name: String,
    /// Up to this event of the trails.
    pub event: Option<EventId>,
    /// Up to this place of what happens beside tickets.
    pub thing: u64,
    /// What was taken behind those.
    #[serde(default)]
    pub ahead: BTreeSet<Uuid>,
    /// How many deliveries there were: their numbers are in the order in which things happened.
    #[serde(default)]
    pub deliveries: u64,
    /// How often in a row it took nothing.
    #[serde(default)]
    pub failures: u32,
    /// Since when it has taken nothing of what it was told.
    #[serde(default)]
    pub failing_since: Option<DateTime<Utc>>,
    /// When it is told again.
    #[serde(default)]
    pub next: Option<DateTime<Utc>>,
    /// Why it took nothing.
    #[serde(default)]
    pub error: Option<String>,
}

impl SinkState {
    /// That of a sink which is told what happens from now on.
    pub fn new(id: Uuid, name: String, event: Option<EventId>, thing: u64) -> Self {
        Self {
            id,
            name,
            event,
            thing,
            ahead: BTreeSet::new(),
            deliveries: 0,
            failures: 0,
            failing_since: None,
            next: None,
            error: None,
        }
    }

    /// All of them.
    pub const ALL: &'static str = "all";

    /// By what it is found.
    pub fn key(name: &str) -> String {
        list([name])
    }
}

impl Kept for SinkState {
    const KIND: DocumentKind = DocumentKind::Sink;

    fn id(&self) -> Uuid {
        self.id
    }

    fn placement(&self) -> Placement {
        Placement { keys: [Self::key(&self.name)].into(), lists: [(Self::ALL.to_owned(), 0)].into() }
    }
}
