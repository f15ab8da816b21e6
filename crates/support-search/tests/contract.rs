//! Both kinds of index keep the contract of every index.
#![expect(clippy::unused_async, reason = "other indexes wait while they are made")]

use support_search::TantivySearch;

mod on_disk {
    use super::TantivySearch;

    async fn make() -> (TantivySearch, tempfile::TempDir) {
        let dir = tempfile::tempdir().expect("a directory");
        (TantivySearch::open(dir.path()).expect("a new index"), dir)
    }

    support_core::search_contract!(make);
}

mod in_memory {
    use super::TantivySearch;

    async fn make() -> (TantivySearch, ()) {
        (TantivySearch::in_memory().expect("a new index"), ())
    }

    support_core::search_contract!(make);
}
