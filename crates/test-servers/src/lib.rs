//! Throw-away servers for tests and benches: databases, a virus scanner, and a message broker.
//!
//! [`Postgres::start`], [`MariaDb::start`], [`Clamd::start`] and [`RabbitMq::start`] run a server of their own: in a fresh
//! temporary directory, on a free port of 127.0.0.1, with nobody's settings but theirs. It ends, and its directory with
//! it, when the value is dropped, and also when the program that started it is killed.
//!
//! Tests do not start servers, because each would wait for its own; one that stops its server needs its own. `cargo xtask
//! test` starts one of each kind and tells their addresses in variables, which [`postgres_url`], [`mysql_url`],
//! [`clamd_address`] and [`amqp_url`] read.

mod account;
mod clamd;
mod environment;
mod home;
mod install;
mod mariadb;
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
    AMQP_URL, CLAMD_ADDRESS, EMBEDDED, MYSQL_URL, POSTGRES_URL, amqp_url, clamd_address, mysql_url, postgres_url,
};
pub use install::{find_or_install_clamd, find_or_install_mariadb, find_or_install_postgres, find_or_install_rabbitmq};
pub use mariadb::MariaDb;
pub use postgres::Postgres;
pub use rabbitmq::RabbitMq;
pub use setup::Setup;
