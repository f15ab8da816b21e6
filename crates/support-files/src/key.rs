//! The rule for keys.

use object_store::path::Path;
use support_core::ports::files::{FileError, is_key};

/// The longest key, in bytes.
pub(crate) const LONGEST: usize = 512;

pub(crate) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte))
}

/// The key as a path.
pub(crate) fn path(key: &str) -> Result<Path, FileError> {
    if !is_key(key) {
        return Err(FileError::backend(format!("{key:?} is no key of a file")));
    }
    Path::parse(key).map_err(FileError::backend)
}
