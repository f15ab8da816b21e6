//! How support-desk is heard outside, and hears the outside.
//!
//! Nothing is here without a feature, and each brings its own client along:
//!
//! | feature | brings |
//! |---|---|
//! | `rabbitmq` | `RabbitSink`, `RabbitIntake`, `RabbitBus` |
//! | `nats` | `NatsSink`, over `JetStream` |
//! | `webhooks` | `HttpCaller` |

#[cfg(all(doctest, feature = "rabbitmq", feature = "nats", feature = "webhooks"))]
#[doc = include_str!("../README.md")]
mod readme {}

#[cfg(feature = "nats")]
pub mod nats;
#[cfg(feature = "rabbitmq")]
pub mod rabbitmq;
#[cfg(feature = "webhooks")]
pub mod webhooks;

#[cfg(feature = "nats")]
pub use nats::NatsSink;
#[cfg(feature = "rabbitmq")]
pub use rabbitmq::{RabbitBus, RabbitIntake, RabbitSink};
#[cfg(feature = "webhooks")]
pub use webhooks::HttpCaller;
