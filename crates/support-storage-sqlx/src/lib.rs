//! The storage of support-desk on `PostgreSQL`, `MySQL` and `MariaDB`, for desks of many nodes.
//!
//! [`SqlxStore`] is a [`Store`](support_core::ports::Store): every node opens one on the same database, and all of them are one desk. Which server it is,
//! the URL says.
//!
//! ```no_run
//! use support_core::desk::Desk;
//! use support_core::domain::profile::Profile;
//! use support_storage_sqlx::SqlxStore;
//! # async fn open() -> Result<(), Box<dyn std::error::Error>> {
//! let store = SqlxStore::open("postgres://desk@db.example.org/shop").await?;
//! let desk = Desk::builder(store).profile(Profile::bookings()).build()?;
//! # Ok(())
//! # }
//! ```
//!
//! # Commits
//!
//! A change set becomes a list of statements. On `PostgreSQL` those of most change sets are composed into one, so that a
//! commit is one round trip; on `MySQL` they are run one by one in a transaction. Nothing relies on the isolation level:
//! whoever adds to a ticket writes the ticket's row first, under the conditions that the decision made. Where the server
//! gives up one of several who were in each other's way, the whole change set is tried again.
//!
//! # In the host's own transaction
//!
//! [`SqlxStore::commit_in`] applies a plan of the desk inside a transaction of the host, so that an order and its ticket
//! come into being together.
//!
//! # Followers
//!
//! With [`SqlxOptions::replica`], lists, searches and figures are read from a server that follows the first one. Whoever
//! just wrote reads their lists from the first for a while, so that they find what they wrote. What decisions are made upon
//! is always read from the first.
//!
//! # Words between nodes
//!
//! On `PostgreSQL` the nodes of a desk can tell each other at once where to look: see `SqlxStore::bus`.
//!
//! # Search
//!
//! The store is a [`Search`](support_core::ports::search::Search) too, with what its server has: whole words and beginnings
//! of the last one, without stems.
//!
//! # What was erased
//!
//! [`scrub`](support_core::ports::Store::scrub) has the server take out of its tables and indexes what no row holds any more. What lies in the
//! server's logs, in backups and in replicas is the operator's to end.

/// Compiles the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(not(any(feature = "postgres", feature = "mysql")))]
compile_error!("a server must be chosen: the features are `postgres` and `mysql`");

mod agents;
mod archive;
#[cfg(feature = "postgres")]
mod bus;
mod catalogue;
mod commit;
mod documents;
mod erasure;
mod error;
mod events;
mod leases;
mod messages;
mod migrations;
mod names;
mod numbers;
mod open;
mod operations;
mod outbox;
mod pool;
mod replica;
mod requests;
mod row;
mod scrub;
mod search;
mod session;
mod stats;
mod store;
mod stretch;
mod tickets;
mod time_entries;
mod value;
mod words;

#[cfg(feature = "postgres")]
pub use bus::PgBus;
pub use migrations::MigrationFile;
pub use open::{OpenError, Server, SqlxOptions};
pub use sqlx;
pub use store::{HostTransaction, SqlxStore};
