//! The words in which support-desk tells people things, and the mail that carries them.
//!
//! [`Templates`] make words of a [`Letter`](support_core::domain::notification::Letter): a mail with
//! [`compose`](Templates::compose), a text message with [`compose_short`](Templates::compose_short), a notice with
//! [`compose_notice`](Templates::compose_notice). They come in English and German, and a host replaces any of them.
//! `Mailer` (feature `mail`) is the [`Channel`](support_core::ports::channels::Channel) that mails them.

#[cfg(all(doctest, feature = "mail"))]
#[doc = include_str!("../README.md")]
mod readme {}

mod builder;
mod builtin;
mod clean;
mod directory;
mod facts;
mod fault;
mod filters;
mod languages;
mod links;
#[cfg(feature = "mail")]
mod mail;
mod part;
mod sample;
mod templates;
mod words;

pub use builder::TemplatesBuilder;
pub use fault::{LoadError, TemplateFault};
pub use links::Links;
#[cfg(feature = "mail")]
pub use mail::{Mailer, MailerBuilder, SettingError};
pub use part::Part;
pub use templates::{Composed, Notice, Templates};
