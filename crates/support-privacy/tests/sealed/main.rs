//! What a sealed store does beyond the contract of every store.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
mod copies;
mod documents;
mod model;
mod moves;
mod outbox;
mod rotation;
mod rows;
