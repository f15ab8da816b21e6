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
//! `make` answers an empty store and a guard, which is kept until the test is over. Where a backend needs a server that not
//! everybody has, `storage_contract!(make, asked)` leaves the tests out while `asked()` is false; it should say so loudly.

mod agents;
mod archive;
mod catalogue;
mod commits;
mod documents;
mod erasure;
pub mod files;
mod leases;
mod lists;
mod messages;
mod model;
mod operations;
mod outbox;
mod reads;
mod requests;
pub mod sample;
pub mod search;
mod stats;
mod time_entries;

pub use agents::*;
pub use archive::*;
pub use catalogue::*;
pub use commits::*;
pub use documents::*;
pub use erasure::*;
pub use leases::*;
pub use lists::*;
pub use messages::*;
pub use model::{agrees_with_the_model, copies_agree_with_the_model};
pub use operations::*;
pub use outbox::*;
pub use reads::*;
pub use requests::*;
pub use stats::*;
pub use time_entries::*;

/// For backends that need nothing.
pub fn always() -> bool {
    true
}

/// Makes one named test of each rule of the contract. See [`contract`](crate::contract).
#[macro_export]
macro_rules! storage_contract {
    ($make:path) => {
        $crate::storage_contract!($make, $crate::contract::always);
    };
    ($make:path, $asked:path) => {
        $crate::storage_contract!(@tests $make, $asked,
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
            a_guard_that_a_ticket_stands_notices_that_it_is_gone,
            a_guard_on_the_last_touch_notices_a_message,
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
            deleted_tickets_are_in_no_list,
            people_without_an_account_are_found_by_their_address,
            what_is_due_comes_first_things_first,
            an_opening_brings_its_own_message,
            a_message_is_found_on_its_ticket_alone,
            a_correction_changes_what_is_said_alone,
            a_message_is_read_once_by_the_other_side,
            messages_move_and_keep_their_places,
            a_guard_on_the_last_message_notices_the_next,
            the_preview_passes_over_what_was_withdrawn,
            an_agent_comes_back_as_they_were,
            a_description_leaves_what_is_counted,
            a_ticket_occupies_whoever_has_room,
            callers_at_once_never_exceed_the_most,
            a_release_ends_at_zero,
            agents_are_listed_by_what_they_are,
            cells_are_what_a_recount_says,
            cells_count_what_was_committed_alone,
            tallies_add_up,
            tallies_are_summed_by_scope,
            an_entry_comes_back_as_it_was,
            entries_come_in_the_order_of_their_keys,
            an_entry_changes_from_what_was_read,
            a_key_stands_once_on_its_list,
            a_document_comes_back_as_it_was,
            a_document_changes_from_what_was_read,
            a_key_leads_to_one_document,
            lists_are_read_in_their_order,
            lists_know_how_many_stand_on_them,
            a_document_goes_once,
            a_person_finds_what_is_theirs,
            of_many_who_want_a_key_one_gets_it,
            concurrent_documents_are_all_counted,
            an_operation_is_found_from_both_tickets,
            an_operation_is_undone_once,
            time_is_found_on_its_ticket,
            time_is_taken_back_once,
            a_request_is_remembered,
            a_request_is_not_done_twice,
            old_requests_are_forgotten,
            a_lease_is_one_holders_at_a_time,
            a_lease_is_given_back,
            an_overtaken_lease_guards,
            of_many_who_ask_one_gets_the_lease,
            events_are_told_behind_those_that_were,
            whoever_reads_on_misses_no_event,
            places_are_given_under_a_lease,
            a_ticket_changes_hands,
            of_a_person_is_left_what_the_domain_leaves,
            what_they_wrote_elsewhere_goes_too,
            nobody_finds_who_was_erased,
            every_record_comes_in_its_order,
            an_empty_store_has_no_records,
            what_is_there_is_not_restored,
            a_record_is_restored_as_it_was,
            numbers_go_on_behind_a_restored_counter,
        );

        #[::tokio::test(flavor = "multi_thread")]
        async fn what_is_restored_reads_the_same() {
            if !$asked() {
                return;
            }
            let ((source, _one), (copy, _other)) = ($make().await, $make().await);
            $crate::contract::what_is_restored_reads_the_same(source, copy).await;
        }

        $crate::storage_contract!(@models $make, $asked, agrees_with_the_model, copies_agree_with_the_model,);
    };
    (@models $make:path, $asked:path, $($name:ident,)*) => {$(
        #[test]
        fn $name() {
            if !$asked() {
                return;
            }
            let runtime = ::tokio::runtime::Runtime::new().expect("a runtime");
            $crate::contract::$name(|| runtime.block_on($make()), |test| runtime.block_on(test));
        }
    )*};
    (@tests $make:path, $asked:path, $($name:ident,)*) => {$(
        #[::tokio::test(flavor = "multi_thread")]
        async fn $name() {
            if !$asked() {
                return;
            }
            let (store, _guard) = $make().await;
            $crate::contract::$name(store).await;
        }
    )*};
}
