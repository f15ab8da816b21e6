//! The storage port over plain memory: for tests, for trying things out, and as the model other stores are measured by.

mod store;
mod tickets;

pub use store::MemoryStore;
