//! How support-desk is heard outside, and hears the outside.
//!
//! Nothing is here without a feature, and each brings its own client along:
//!
//! | feature | brings |
//! |---|---|
//! | `webhooks` | `HttpCaller` |

#[cfg(all(doctest, feature = "webhooks"))]
#[doc = include_str!("../README.md")]
mod readme {}

#[cfg(feature = "webhooks")]
pub mod webhooks;

#[cfg(feature = "webhooks")]
pub use webhooks::HttpCaller;
