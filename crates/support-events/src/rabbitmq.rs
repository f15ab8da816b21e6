//! `RabbitMQ`, by AMQP 0.9.1. Feature `rabbitmq`.
//!
//! Connections are made when they are needed, and thrown away when anything goes wrong with them; whoever uses them next makes a
//! new one. The client's own way to recover is not used.

mod broker;
mod bus;
mod intake;
mod line;
mod sink;

pub use broker::SettingError;
pub use bus::{RabbitBus, RabbitBusBuilder};
pub use intake::{RabbitIntake, RabbitIntakeBuilder};
pub use sink::{RabbitSink, RabbitSinkBuilder};
