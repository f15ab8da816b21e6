//! Both kinds of index keep the contract of every index.

use support_search::TantivySearch;

mod on_disk {
    use super::TantivySearch;

    async fn make() -> (TantivySearch, tempfile::TempDir) {
        let dir = tempfile::tempdir().unwrap();
        (TantivySearch::open(dir.path()).unwrap(), dir)
    }

    support_core::search_contract!(make);
}

mod in_memory {
    use super::TantivySearch;

    async fn make() -> (TantivySearch, ()) {
        (TantivySearch::in_memory().unwrap(), ())
    }

    support_core::search_contract!(make);
}
