//! Full-text search.
mod document;
mod error;
mod found;
mod index;
mod language;
mod question;
mod rank;
mod schema;
mod scope;
mod search;
mod segment;
mod shared;
mod snippet;
mod words;
mod writer;

pub use document::{LABEL_BYTES, LABELS, TEXT_BYTES, TITLE_BYTES};
pub use error::OpenError;
pub use index::TantivySearch;
pub use question::{QUESTION_BYTES, WORDS};
pub use rank::CONFIDENCE;
pub use search::HITS;
