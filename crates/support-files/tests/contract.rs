//! Each place keeps the contract of files.

use support_files::ObjectFiles;

mod directory {
    use super::ObjectFiles;

    async fn make() -> (ObjectFiles, tempfile::TempDir) {
        let directory = tempfile::tempdir().expect("a temporary directory");
        (ObjectFiles::local(directory.path().join("files")).expect("it is made"), directory)
    }

    support_core::files_contract!(make);
}

mod memory {
    use super::ObjectFiles;

    async fn make() -> (ObjectFiles, ()) {
        (ObjectFiles::memory(), ())
    }

    support_core::files_contract!(make);
}
