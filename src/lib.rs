#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub use support_core::desk::{BuildError, Desk, DeskBuilder, Error, Planned};
pub use support_core::domain::{self, actor::Actor, profile::Profile};
pub use support_core::memory::MemoryStore;
pub use support_core::{desk, forward_store, memory, ports, profiles, transfer};

/// How the desk is heard outside, and hears the outside. Needs feature `webhooks`, `rabbitmq` or `nats`.
#[cfg(any(feature = "webhooks", feature = "rabbitmq", feature = "nats"))]
#[cfg_attr(docsrs, doc(cfg(any(feature = "webhooks", feature = "rabbitmq", feature = "nats"))))]
pub use support_events as events;

/// Where the bytes of attachments live, and how they are scanned. Needs feature `files`.
#[cfg(feature = "files")]
#[cfg_attr(docsrs, doc(cfg(feature = "files")))]
pub use support_files as files;

/// The axum router. Needs feature `http`.
#[cfg(feature = "http")]
#[cfg_attr(docsrs, doc(cfg(feature = "http")))]
pub use support_http as http;

/// The words in which people are told things, and the mail that carries them. Needs feature `notify`; mail, `mail`.
#[cfg(feature = "notify")]
#[cfg_attr(docsrs, doc(cfg(feature = "notify")))]
pub use support_notify as notify;

/// Contact data encrypted in the rows of any store. Needs feature `privacy`.
#[cfg(feature = "privacy")]
#[cfg_attr(docsrs, doc(cfg(feature = "privacy")))]
pub use support_privacy as privacy;

/// Contact data encrypted in the rows of any store. Needs feature `privacy`.
#[cfg(feature = "privacy")]
#[cfg_attr(docsrs, doc(cfg(feature = "privacy")))]
pub use support_privacy::SealedStore;

/// Full-text search in an index of its own. Needs feature `search`.
#[cfg(feature = "search")]
#[cfg_attr(docsrs, doc(cfg(feature = "search")))]
pub use support_search as search;

/// Storage in one SQLite file. Needs feature `sqlite`.
#[cfg(feature = "sqlite")]
#[cfg_attr(docsrs, doc(cfg(feature = "sqlite")))]
pub use support_storage_sqlite as sqlite;

/// Storage in one SQLite file. Needs feature `sqlite`.
#[cfg(feature = "sqlite")]
#[cfg_attr(docsrs, doc(cfg(feature = "sqlite")))]
pub use support_storage_sqlite::SqliteStore;

/// Storage on PostgreSQL, MySQL and MariaDB. Needs feature `postgres` or `mysql`.
#[cfg(any(feature = "postgres", feature = "mysql"))]
#[cfg_attr(docsrs, doc(cfg(any(feature = "postgres", feature = "mysql"))))]
pub use support_storage_sqlx as sqlx;

/// Storage on PostgreSQL, MySQL and MariaDB. Needs feature `postgres` or `mysql`.
#[cfg(any(feature = "postgres", feature = "mysql"))]
#[cfg_attr(docsrs, doc(cfg(any(feature = "postgres", feature = "mysql"))))]
pub use support_storage_sqlx::SqlxStore;
