//! The contract of the storage port.

use support_storage_sqlite::{SqliteOptions, SqliteStore, Synchronous};
use tempfile::TempDir;

/// What is asked of a store does not depend on when the disk has it, and a hundred stores sync often.
async fn make() -> (SqliteStore, TempDir) {
    let dir = tempfile::tempdir().expect("a directory");
    let options = SqliteOptions::new(dir.path().join("support.db")).synchronous(Synchronous::Normal);
    (options.open().await.expect("a store"), dir)
}

support_core::storage_contract!(make);

mod search {
    use super::make;

    support_core::search_contract!(make);
}
