//! The files in memory keep the contract of files.

use support_core::memory::MemoryFiles;

async fn make() -> (MemoryFiles, ()) {
    (MemoryFiles::new(), ())
}

support_core::files_contract!(make);
