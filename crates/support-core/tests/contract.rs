//! The memory store keeps the contract it is the model of.

use support_core::memory::MemoryStore;

async fn make() -> (MemoryStore, ()) {
    (MemoryStore::new(), ())
}

support_core::storage_contract!(make);

support_core::search_contract!(make);
