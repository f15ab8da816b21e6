//! What a help desk is, without any machine around it.
//!
//! Nothing here performs I/O, reads a clock or draws a random number: the moment and the new ids come in as
//! values, the decision goes out as a value. Everything may import this floor; it imports only std, serde,
//! chrono, uuid and thiserror.

pub mod access;
pub mod actor;
pub mod calendar;
pub mod escalation;
pub mod event;
pub mod fault;
pub mod id;
pub mod key;
pub mod message;
pub mod number;
pub mod profile;
pub mod sla;
pub mod span;
pub mod text;
pub mod ticket;
