//! The contract of [`Store`](crate::ports::Store), as a test suite that every backend runs, a third party's too.
//!
//! Not a stable part of the public API: a new release may ask more of a backend.
//!
//! ```ignore
//! // tests/contract.rs of a backend, with `tokio` (features `macros`, `rt-multi-thread`) among its dev-dependencies
//! async fn make() -> (MyStore, tempfile::TempDir) {
//!     let dir = tempfile::tempdir().unwrap();
//!     (MyStore::open(dir.path()).await.unwrap(), dir)
//! }
//! support_core::storage_contract!(make);
//! ```
//!
//! `make` answers an empty store and a guard, which is kept until the test is over.

mod commits;
mod lists;
mod model;
mod reads;
pub mod sample;

pub use commits::*;
pub use lists::*;
pub use model::agrees_with_the_model;
pub use reads::*;

/// Makes one named test of each rule of the contract. See [`contract`](crate::contract).
#[macro_export]
macro_rules! storage_contract {
    ($make:path) => {
        $crate::storage_contract!(@tests $make,
            a_ticket_comes_back_as_it_was,
            a_bare_ticket_comes_back_as_it_was,
            text_is_kept_to_the_byte,
            what_is_not_there_is_none,
            messages_come_in_the_order_of_commits,
            notes_come_only_when_asked_for,
            events_come_in_the_order_of_commits,
            numbers_are_never_handed_out_twice,
            an_update_raises_the_version,
            a_stale_update_changes_nothing,
            a_guard_that_fails_changes_nothing,
            ids_and_numbers_are_unique,
            what_belongs_to_no_ticket_is_refused,
            a_change_set_is_all_or_nothing,
            a_message_touches_only_the_time,
            an_update_never_turns_back_the_time,
            of_many_updates_of_one_version_one_wins,
            concurrent_messages_are_all_kept,
            a_scope_admits_what_it_says,
            each_filter_describes_what_it_says,
            pages_cover_the_list_once,
            rows_that_share_a_moment_are_ordered_by_id,
            the_preview_is_the_latest_public_message,
            words_are_found_where_they_stand,
            text_of_a_search_is_never_syntax,
            counting_stops_where_told,
        );

        #[test]
        fn agrees_with_the_model() {
            let runtime = ::tokio::runtime::Runtime::new().expect("a runtime");
            $crate::contract::agrees_with_the_model(|| runtime.block_on($make()), |test| runtime.block_on(test));
        }
    };
    (@tests $make:path, $($name:ident,)*) => {$(
        #[::tokio::test(flavor = "multi_thread")]
        async fn $name() {
            let (store, _guard) = $make().await;
            $crate::contract::$name(store).await;
        }
    )*};
}
