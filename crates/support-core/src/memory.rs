//! The storage port over plain memory: for tests, for trying things out, and as the model other stores are measured by.

mod agents;
mod apply;
mod archive;
mod catalogue;
mod documents;
mod events;
mod files;
mod leases;
mod messages;
mod operations;
mod outbox;
mod requests;
mod search;
mod stats;
mod store;
mod tickets;
mod time_entries;

pub use files::MemoryFiles;
pub use store::MemoryStore;
