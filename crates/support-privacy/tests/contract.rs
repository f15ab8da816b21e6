//! A sealed store keeps the contract of every store.

use support_core::memory::MemoryStore;
use support_privacy::{Key, Keys, LookupKey, SealedStore};

async fn make() -> (SealedStore<MemoryStore>, ()) {
    let keys = Keys::new(Key::new("k1", [1; 32]).expect("a key"), LookupKey::new([2; 32]));
    (SealedStore::new(MemoryStore::new(), keys), ())
}

support_core::storage_contract!(make);
