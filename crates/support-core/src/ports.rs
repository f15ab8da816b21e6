//! What the desk needs from outside, as traits.
//!
//! Storage ([`Store`]) is required and has no default. Everything else has an implementation that needs nothing:
//! [`clock::SystemClock`], [`ids::RandomIds`], [`notifier::Silent`], [`directory::NoDirectory`].
//!
//! Two modules are no port, but what backends with a database decide alike: [`walk`], how a list is cut into walks along
//! indexes, and [`spans`], how sums over time are cut into what is kept added up.

pub mod agents;
pub mod archive;
pub mod bus;
pub mod catalogue;
pub mod channels;
pub mod clock;
pub mod directory;
pub mod documents;
pub mod events;
pub mod files;
pub mod ids;
pub mod intake;
pub mod leases;
pub mod messages;
pub mod notifier;
pub mod numbers;
pub mod operations;
pub mod outbox;
pub mod phone;
pub mod requests;
pub mod scanner;
pub mod search;
pub mod sinks;
pub mod spans;
pub mod stats;
mod store;
pub mod tickets;
pub mod time_entries;
pub mod timer;
pub mod walk;
pub mod webhooks;

pub use store::{ChangeSet, Guard, Store, StoreError, Write};

/// A stretch of a list, and whether more follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice<T> {
    /// The rows, in the order that was asked for.
    pub items: Vec<T>,
    /// Whether at least one row follows the last of `items`.
    pub more: bool,
}

impl<T> Slice<T> {
    /// Makes a slice from up to `limit + 1` rows: reading one more than needed tells whether more follow.
    pub fn cut(mut items: Vec<T>, limit: usize) -> Self {
        let more = items.len() > limit;
        items.truncate(limit);
        Self { items, more }
    }
}
