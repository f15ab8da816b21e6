//! Desks on real servers: `PostgreSQL` and `MariaDB`, or whatever the variables say.

#![expect(clippy::unwrap_used, reason = "most functions here are bodies of tests")]

mod bus;
mod common;
mod contract;
mod embedding;
mod faults;
mod finding;
mod nodes;
mod opening;
mod outbox;
mod replica;
