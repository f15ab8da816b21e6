//! Contact data of support-desk, encrypted in the rows of any store.
//!
//! [`SealedStore`] wraps a [`Store`](support_core::ports::Store) and is one itself. Names, mail addresses and phone
//! numbers of customers go into the rows sealed and come out open; a mail address is found by a keyed hash of it.
//! Nothing is sealed unless a host wraps its store:
//!
//! ```
//! use support_core::desk::{Desk, tickets::NewTicket};
//! use support_core::domain::{actor::Actor, profile::Profile};
//! use support_core::memory::MemoryStore;
//! use support_core::ports::tickets::TicketStore;
//! use support_privacy::{Keys, SealedStore};
//! # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
//! # runtime.block_on(async {
//! // From the environment of the process, or wherever a host keeps what nobody may read.
//! let current = "2026a:b3BlbiBzZXNhbWUsIHNhaWQgQWxpIEJhYmEgdHdpY2U=";
//! let lookup = "62656361757365206e6f626f64792067756573736573206120686173682e2e2e";
//! let keys = Keys::new(current.parse()?, lookup.parse()?);
//!
//! let rows = MemoryStore::new();
//! let desk = Desk::builder(SealedStore::new(rows.clone(), keys)).profile(Profile::bookings()).build()?;
//! let customer = Actor::customer(uuid::Uuid::from_u128(7), "Ada");
//! let opened = desk.tickets().open(&customer, NewTicket::new("Cannot pay", "Card is refused")).await?;
//! assert_eq!(opened.ticket.customer_name, "Ada");
//!
//! let row = rows.ticket(opened.ticket.id).await?.expect("it was opened");
//! assert!(row.customer_name.starts_with("sealed:1:2026a:"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! # What is sealed, and what is not
//!
//! | sealed | where |
//! |---|---|
//! | the customer's name, and that of whoever opened the ticket, unless it was staff | tickets |
//! | mail address and phone number; instead of the address's look-up key stands its hash | tickets |
//! | names of customers and guests beside what they wrote and did | messages, audit trail |
//! | name, phone number, mail address and words of who asked for a call, asked a question or answered a survey | documents |
//! | on which ways a person is reached; address and secrets of whoever is told what happens | documents |
//! | remembered answers, which repeat all that | requests |
//!
//! **Texts are not sealed**: neither subjects nor messages, tags, metadata, custom fields, notes, ratings, reviews, nor
//! what the trail and the index of a search keep of them. They are searched, and people write names and numbers into
//! them. Neither are names of staff, which customers read, what documents are found by, nor ids, times and states, by
//! which lists are filtered and sorted. Whoever has the rows still sees which customer, by their id, wrote what and
//! when; how long a sealed value is; and of two tickets whether they have one mail address. For all of that the disk is
//! encrypted, which is the host's to do. Sealed rows help where a disk does not: in backups, in copies of the database,
//! before the eyes of somebody who may read its tables.
//!
//! A value is sealed (AES-256-GCM-SIV, RFC 8452) together with its table, row and column, and opens nowhere else. What
//! was changed or carried elsewhere, and what is under a key that is not there, is
//! [`StoreError::Corrupt`](support_core::ports::StoreError::Corrupt). Only a list
//! ([`tickets`](support_core::ports::tickets::TicketStore::tickets)) shows such a name as it stands in its row, and the
//! outbox ([`placed_events`](support_core::ports::outbox::OutboxStore::placed_events)) leaves it out, so that
//! one row does not take a page of others with it. That a value is *missing*, or in clear, no seal can tell: who may
//! write to the tables can still put another name there.
//!
//! # Names on messages and in the trail
//!
//! No write changes who wrote a message, so what stands there can never be sealed anew. Where the name is the one on
//! the ticket, the row therefore holds a sealed reference to the ticket on which it was written, and the name is read
//! from there. It costs one more read of a ticket for a page. Five things follow:
//!
//! * A name that is corrected on a ticket is corrected on its messages.
//! * Where a ticket changes hands, what its customer wrote on it bears the name of whoever has it now.
//! * Messages that are merged into another ticket, or split off, keep the names of those who wrote them.
//! * When a person is forgotten, their name goes from messages of theirs that were moved to somebody else's ticket,
//!   too.
//! * Where the name is another than the ticket's, because somebody else wrote or the person had another name then, it
//!   is sealed in its place under a key that is derived from the look-up key and does not rotate.
//!
//! # Keys
//!
//! A [`Key`] has an id, which stands in what is sealed under it, and rotates. The [`LookupKey`] does not: with another
//! one, no address would be found, and the values that cannot be written again would not open. Keep the two apart, and
//! both out of the backups of the database.
//!
//! **A lost key is lost data.** Without its key, nothing that is sealed can be brought back, by nobody; a ticket that
//! holds it is `Corrupt`, and so is each page of messages with a name on that ticket. Texts, states and figures are all
//! there. Keep a copy of the keys where fire and theft do not find both.
//!
//! To rotate:
//!
//! 1. Start every process with the new key beside the old one, `Keys::new(old, lookup).also(new)?`, so that all can
//!    open what the first will write.
//! 2. Start every process with the new key as the current one, `Keys::new(new, lookup).also(old)?`.
//! 3. Walk over all tickets and documents with [`SealedStore::reseal`] until [`Resealing::is_complete`].
//! 4. Take the old key away, a day later: remembered answers are sealed too, and are forgotten after 24 hours. Old
//!    backups need the old key for as long as they are kept.
//!
//! # Switching it on for a desk that is there already
//!
//! Rows that are in clear are read as they are, so the store is wrapped and the desk goes on. Then walk with
//! [`SealedStore::reseal`], which seals what is in clear as well: **until it is complete, tickets of before are not
//! found by mail address**. [`Store::scrub`](support_core::ports::Store::scrub) then takes the old values out of logs
//! and free pages of the database; old backups have them still. Names on messages and in the trail that were written
//! before stay in clear, because no write reaches them; those of a person go when the person is forgotten.
//!
//! A text that somebody typed before, and that only begins like a sealed value, is read as the text it is. One that is
//! a sealed value to the letter cannot be told from one that was tampered with: it is `Corrupt`, and
//! [`Resealing::unreadable`] names its ticket. What is typed afterwards is sealed, however it begins.
//!
//! # Commits past the store
//!
//! A host that commits plans of the desk in a transaction of its own hands them to [`SealedStore::seal`] first.

mod archive;
mod cells;
mod commit;
mod documents;
mod envelope;
mod forward;
mod keys;
mod names;
mod reach;
mod reseal;
mod store;

pub use keys::{Key, KeyError, Keys, LookupKey};
pub use reseal::Resealing;
pub use store::SealedStore;
