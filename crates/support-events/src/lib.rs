//! How support-desk is heard outside, and hears the outside.
//!
//! Nothing is here without a feature, and each brings its own client along:
//!
//! | feature | brings |
//! |---|---|
//! | `rabbitmq` | `RabbitSink`, `RabbitIntake`, `RabbitBus` |
//! | `webhooks` | `HttpCaller` |

#[cfg(all(doctest, feature = "rabbitmq", feature = "webhooks"))]
#[doc = include_str!("../README.md")]
mod readme {}

#[cfg(feature = "rabbitmq")]
pub mod rabbitmq;
#[cfg(feature = "webhooks")]
pub mod webhooks;

#[cfg(feature = "rabbitmq")]
pub use rabbitmq::{RabbitBus, RabbitIntake, RabbitSink};
#[cfg(feature = "webhooks")]
pub use webhooks::HttpCaller;
