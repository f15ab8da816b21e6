//! What every index of `Search` must do, as a test suite.
//!
//! ```ignore
//! async fn make() -> (MyIndex, tempfile::TempDir) {
//!     let dir = tempfile::tempdir().unwrap();
//!     (MyIndex::open(dir.path()).await.unwrap(), dir)
//! }
//! support_core::search_contract!(make);
//! ```
//!
//! `make` answers an empty index and a guard, which is kept until the test is over.
//!
//! The rules leave room: an index may find more than the words themselves (stems, slips of the keyboard) and may pass over
//! words that say nothing. So what must *not* be found is asked for with words that are far from all others, and no rule
//! relies on a word like "the".

mod documents;
mod queries;

pub use documents::*;
pub use queries::*;

use super::sample::{at, id};
use crate::{
    domain::{
        access::{Holding, TicketScope},
        search::{Batch, Hit, Matching, SearchKey, SearchQuery, SearchScope, Searchable, Sight},
    },
    ports::search::Search,
};

/// Makes one named test of each rule of the contract. See [`contract::search`](crate::contract::search).
#[macro_export]
macro_rules! search_contract {
    ($make:path) => {
        $crate::search_contract!($make, $crate::contract::always);
    };
    ($make:path, $asked:path) => {
        $crate::search_contract!(@tests $make, $asked,
            an_empty_index_answers,
            each_word_finds_its_document,
            a_batch_replaces_what_was_there,
            what_was_removed_is_not_found,
            a_bookmark_is_kept_with_its_batch,
            clearing_empties_the_index,
            scrubbing_keeps_what_was_not_removed,
            translations_are_apart,
            a_search_stays_in_its_scope,
            notes_are_for_staff,
            labels_narrow_a_search,
            facets_count_every_hit,
            the_most_frequent_values_are_counted,
            pages_cover_the_hits_once,
            of_equal_hits_the_latest_comes_first,
            any_word_or_each,
            the_last_word_may_be_a_beginning,
            a_number_is_found_by_its_beginning,
            more_words_rank_higher,
            a_title_ranks_above_a_text,
            confidence_is_how_much_is_covered,
            the_least_confidence_is_kept,
            marks_lie_on_the_words,
            case_and_accents_do_not_matter,
            text_is_no_syntax,
            every_script_is_taken,
            long_texts_are_taken,
            without_a_word_nothing_is_found,
        );
    };
    (@tests $make:path, $asked:path, $($name:ident,)*) => {$(
        #[::tokio::test(flavor = "multi_thread")]
        async fn $name() {
            if !$asked() {
                return;
            }
            let (index, _guard) = $make().await;
            $crate::contract::search::$name(index).await;
        }
    )*};
}

/// No place at all.
const NOTHING: [u32; 0] = [];

/// The `n`-th ticket: of customer `n % 3`, of nobody, changed `n` minutes after the beginning.
fn ticket(n: u32, title: &str, text: &str) -> Searchable {
    Searchable {
        key: SearchKey::ticket(id(1, n)),
        number: Some(format!("T-{n:04}")),
        title: title.into(),
        text: text.into(),
        notes: String::new(),
        labels: [].into(),
        sight: Sight::Ticket(Holding { customer: id(3, n % 3), assignee: None }),
        at: at(i64::from(n)),
    }
}

/// The `n`-th article, in English, which everybody may read.
fn article(n: u32, title: &str, text: &str) -> Searchable {
    Searchable {
        key: SearchKey::article(id::<uuid::Uuid>(2, n), "en"),
        number: None,
        sight: Sight::Everybody,
        ..ticket(n, title, text)
    }
}

/// Articles 101 to 116, which speak of something else. Among few documents a word that two of them share is a frequent
/// one, and some ways of weighing words take nothing from it.
fn background() -> Vec<Searchable> {
    let words = ["harbour", "lantern", "violin", "meadow", "granite", "teacup", "umbrella", "walnut"];
    (0..16_usize)
        .zip(101..)
        .map(|(n, place)| article(place, words[n % 8], &format!("{} {}", words[(n + 3) % 8], words[(n + 5) % 8])))
        .collect()
}

async fn put(index: &impl Search, put: Vec<Searchable>) {
    index.index(&Batch { put, ..Batch::default() }).await.unwrap();
}

/// Any of the words, in all tickets, without their notes.
fn tickets(text: &str) -> SearchQuery {
    SearchQuery::new(text, SearchScope::Tickets { scope: TicketScope::All, notes: false })
}

/// Any of the words, in what is published.
fn articles(text: &str) -> SearchQuery {
    SearchQuery::new(text, SearchScope::Articles { drafts: false })
}

/// The same, but each of the words.
fn each(query: SearchQuery) -> SearchQuery {
    SearchQuery { matching: Matching::All, ..query }
}

/// Everything that is found, which one page must hold.
async fn all(index: &impl Search, query: &SearchQuery) -> Vec<Hit> {
    let hits = index.search(&SearchQuery { limit: 100, ..query.clone() }).await.unwrap();
    assert_eq!(hits.total, hits.items.len() as u64, "one page holds them all: {query:?}");
    hits.items
}

async fn keys(index: &impl Search, query: &SearchQuery) -> Vec<SearchKey> {
    all(index, query).await.into_iter().map(|hit| hit.key).collect()
}

/// Which of the `n`-th tickets or articles were found, the best first.
async fn ranking(index: &impl Search, query: &SearchQuery) -> Vec<u32> {
    all(index, query).await.iter().map(place_of).collect()
}

/// The same, in order of `n`.
async fn places(index: &impl Search, query: &SearchQuery) -> Vec<u32> {
    let mut places = ranking(index, query).await;
    places.sort_unstable();
    places
}

/// Which of the `n`-th tickets or articles it is.
fn place_of(hit: &Hit) -> u32 {
    u32::try_from(hit.key.id.as_u128() & 0xffff).expect("ids of the tests are small")
}
