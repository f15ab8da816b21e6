//! Full-text search for support-desk: an index of articles and tickets inside the application.
//!
//! [`TantivySearch`] implements [`Search`](support_core::ports::search::Search) and is given to a desk beside its store. It
//! lives in a directory of its own, or in memory, and can always be made anew from what the store holds: its
//! [bookmark](support_core::ports::search::Search::bookmark) tells how far it has come.
//!
//! # What is found
//!
//! * **Words** in title, text, tags and number, and in notes for those who search them, without case and accents. They are
//!   also reduced to stems: those of the language that the article's key or a label of the document names, or else of the one
//!   that its little words belong to. Chinese and Japanese are cut into pairs of signs.
//! * **The beginning** of a word, where it is the last of the question and nothing follows it.
//! * **Slips of the keyboard**: one in words from five letters, two in those from eight that stand nowhere else, where the
//!   question is short. The first letter has to be right. What is found so comes below what has the word itself.
//! * **Questions**: "how", "my" and their like are passed over in English, German, French and Spanish, unless there is
//!   nothing else.
//!
//! Hits are ranked by BM25 over text and title, which counts more, with a little for the form of the word that was asked for
//! and for neighbours that are neighbours in the title.
//!
//! # Who finds it
//!
//! The scope bounds the search before anything is counted. How rare a word is, and whether a slip is forgiven, is decided by
//! the documents within the scope alone: totals, facets, scores and confidences of a customer do not change with the tickets
//! of others.
//!
//! # Confidence
//!
//! [`confidence`](support_core::domain::search::Hit::confidence) compares between questions. It adds up how much a document
//! is about each word of the question, rare words weighing more. A short document that holds all of them has 1. A long one
//! has less where it holds them in passing under a title that speaks of something else. [`CONFIDENCE`] is the least for an
//! answer that nobody searched for.
//!
//! # Limits
//!
//! The first 256 KiB of a text are found ([`TEXT_BYTES`]), the first 24 words of a question that say something ([`WORDS`]) within
//! its first 8 KiB ([`QUESTION_BYTES`]), a word by its first 48 letters. At most 1,000 hits are answered at once ([`HITS`]);
//! `total` counts all. Of the beginning of a word, the first 1,000 words that have it are tried in each segment of the index.
//! One process has an index open at a time.
//!
//! # Files
//!
//! A batch is committed with its bookmark, on the disk when it is answered; batches that wait together share a commit. After
//! a crash the index is the one of the last commit. A file that is damaged, and an index that another version made, are
//! noticed when it is opened, which reads every file once: it is then empty. `scrub_index` writes every segment anew that
//! holds something removed, and deletes the old files; it does not overwrite the blocks of the disk under them.

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
