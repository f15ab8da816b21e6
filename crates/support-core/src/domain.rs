//! What a help desk is, without any machine around it.
//!
//! Nothing here performs I/O, reads a clock or draws a random number: the moment and the new ids come in as
//! values, the decision goes out as a value. Everything may import this floor; it imports only std, serde,
//! chrono, uuid and thiserror.

pub mod access;
pub mod access_token;
pub mod actor;
pub mod agent;
pub mod announcement;
pub mod article;
pub mod assignment;
pub mod attachment;
pub mod calendar;
pub mod callback;
pub mod catalogue;
pub mod delivery;
pub mod document;
pub mod erasure;
pub mod escalation;
pub mod event;
pub mod fault;
pub mod feedback;
pub mod field;
pub mod id;
pub mod inquiry;
pub mod intake;
pub mod key;
pub mod message;
pub mod moderation;
pub mod notification;
pub mod number;
pub mod operation;
pub mod presence;
pub mod profile;
pub mod request;
pub mod review;
pub mod search;
pub mod sink;
pub mod sla;
pub mod span;
pub mod stats;
pub mod text;
pub mod ticket;
pub mod time_entry;
pub mod vote;
pub mod webhook;
