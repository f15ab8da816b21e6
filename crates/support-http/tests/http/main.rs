//! The router as clients meet it: every request goes through the real routes, the desk and a store in memory.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is how a failure is told")]

mod access;
mod after_sales;
mod agents;
mod articles;
mod attachments;
mod bookings;
mod callbacks;
mod catalogue;
mod conditions;
mod contact;
mod corrections;
mod deletion;
mod failures;
mod feedback;
mod figures;
mod harness;
mod health;
mod import_desk;
mod input;
mod inquiries;
mod leaks;
mod limits;
mod lists;
mod live;
mod marketplace;
mod mounted;
mod notifications;
mod once;
mod openapi;
mod operations;
mod people;
mod public;
mod races;
mod rates;
mod reviews;
mod search;
mod snapshots;
mod sockets;
mod stores;
mod time_entries;
mod vehicle_retail;
mod views;
mod watching;
mod webhooks;
