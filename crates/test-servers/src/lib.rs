//! Throw-away servers for tests and benches: databases, a virus scanner, message brokers, and a mail server.
//!
//! [`Postgres::start`], [`MariaDb::start`], [`Clamd::start`], [`RabbitMq::start`], [`Nats::start`] and [`MailSink::start`]
//! run a server of their own: in a fresh temporary directory, on a free port of 127.0.0.1, with nobody's settings but
//! theirs. It ends, and its directory with it, when the value is dropped, and also when the program that started it is
//! killed.
//!
//! Tests do not start servers, because each would wait for its own; only one that stops a server does. `cargo xtask test`
//! starts one of each kind and tells their addresses in variables, which [`postgres_url`], [`mysql_url`],
//! [`clamd_address`], [`amqp_url`] and [`nats_url`] read. Mail is the exception: [`mail_sink()`] starts in a moment, and no
//! test wants to find another's mail in its own.

mod account;
mod clamd;
mod environment;
mod home;
mod install;
mod mail_sink;
mod mariadb;
mod nats;
mod port;
mod postgres;
mod programs;
mod rabbitmq;
mod server;
mod setup;
mod system;
#[cfg(test)]
mod trial;
mod watchdog;

pub use clamd::Clamd;
pub use environment::{
    AMQP_URL, CLAMD_ADDRESS, EMBEDDED, MYSQL_URL, NATS_URL, POSTGRES_URL, amqp_url, clamd_address, mysql_url, nats_url,
    postgres_url,
};
pub use install::{
    find_or_install_clamd, find_or_install_mail_sink, find_or_install_mariadb, find_or_install_nats,
    find_or_install_postgres, find_or_install_rabbitmq,
};
pub use mail_sink::{MailSink, mail_sink};
pub use mariadb::MariaDb;
pub use nats::Nats;
pub use postgres::Postgres;
pub use rabbitmq::RabbitMq;
pub use setup::Setup;
