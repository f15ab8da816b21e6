//! The pure core of support-desk: a help desk that a Rust application embeds.
//!
//! Four floors, each seeing only those below it:
//!
//! * [`domain`]: what a ticket is and which changes are lawful. No I/O, no clock, no randomness.
//! * [`ports`]: what the desk needs from outside: storage, time, ids, the host's people, notices.
//! * [`desk`]: the use cases. Each one reads, decides, commits.
//! * [`memory`]: the ports over plain memory, for tests and for trying things out.
//!
//! Beside them, [`transfer`] copies a desk from one store into another.
//!
//! ```
//! use support_core::desk::{Desk, tickets::NewTicket};
//! use support_core::domain::{actor::Actor, profile::Profile};
//! use support_core::memory::MemoryStore;
//! # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
//! # runtime.block_on(async {
//! let desk = Desk::builder(MemoryStore::new()).profile(Profile::bookings()).build()?;
//! let customer = Actor::customer(uuid::Uuid::from_u128(7), "Ada");
//! let ticket = desk.tickets().open(&customer, NewTicket::new("Cannot pay", "Card is refused")).await?;
//! assert_eq!(ticket.ticket.status.as_str(), "open");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```

pub mod desk;
pub mod domain;
#[doc(hidden)]
pub mod forward;
pub mod memory;
pub mod ports;
pub mod profiles;
pub mod transfer;

#[cfg(feature = "contract")]
#[expect(clippy::missing_panics_doc, clippy::unwrap_used, reason = "a test suite: to panic is how it fails")]
pub mod contract;
