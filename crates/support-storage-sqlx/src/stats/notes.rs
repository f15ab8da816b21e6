//! What is counted, noted in the commit that counts it.
//!
//! All of a busy desk meet on the same few counters, and a row that is written is nobody else's up to the end of the commit.
//! So a commit only adds a note, which is in nobody's way, and now and then the notes are [added up](super::fold). Whoever
//! reads a figure reads both.

use crate::{
    SqlxStore,
    commit::{Must, Step, marks},
    error::Error,
    value::{Value, json_text, values},
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};
use support_core::domain::stats::TallyEntry;

/// How many notes one node writes before it adds up what has come together. What is read with every figure stays small.
const BEFORE_FOLDING: u64 = 512;

/// Notes what happened; nothing where nothing did.
pub(crate) fn of_tallies(entries: &[&TallyEntry]) -> Result<Option<Step>, Error> {
    if entries.is_empty() {
        return Ok(None);
    }
    let mut values: Vec<Value> = Vec::with_capacity(entries.len() * 4);
    for entry in entries {
        let counters = json_text(&entry.by.values())?;
        values.extend(values![entry.scope.kind().as_str(), entry.scope.key(), entry.quarter, counters]);
    }
    let rows = vec![format!("({})", marks(4)); entries.len()].join(", ");
    let sql = format!("INSERT INTO {{tally_notes}} (kind, scope_key, quarter, tally) VALUES {rows}");
    let count = entries.len() as u64;
    Ok(Some(Step::new(sql, values, Must::Rows(count))))
}

/// When this node adds notes up.
#[derive(Debug)]
pub(crate) struct Folding {
    /// Notes that were written since.
    noted: AtomicU64,
    /// Whether somebody is at it.
    busy: AtomicBool,
}

impl Default for Folding {
    /// Those that came together before are added up with the first note of this node: nobody counts what was left behind
    /// by nodes that are gone.
    fn default() -> Self {
        Self { noted: AtomicU64::new(BEFORE_FOLDING), busy: AtomicBool::new(false) }
    }
}

impl SqlxStore {
    /// Counts the notes of a commit, and sees to it that they are added up in time. Nobody waits for that.
    pub(crate) fn fold_after(&self, notes: u64) {
        let since = self.folding.noted.fetch_add(notes, Ordering::Relaxed) + notes;
        if notes == 0 || since < BEFORE_FOLDING || self.folding.busy.swap(true, Ordering::AcqRel) {
            return;
        }
        self.folding.noted.store(0, Ordering::Relaxed);
        let (store, folding) = (self.clone(), Arc::clone(&self.folding));
        tokio::spawn(async move {
            // Where it fails, the notes are still there for the next one.
            let _ = store.fold().await;
            folding.busy.store(false, Ordering::Release);
        });
    }
}
