//! The rule for keys.

use object_store::path::Path;
use support_core::ports::files::FileError;

/// The longest key, in bytes.
pub(crate) const LONGEST: usize = 512;

pub(crate) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte))
}

/// The key as a path. An empty name between two `/` and the name `.` are refused too: file systems take such a key for
/// another one.
pub(crate) fn path(key: &str) -> Result<Path, FileError> {
    let has_names = key.split('/').all(|name| !name.is_empty() && name != "." && !name.contains(".."));
    if key.len() > LONGEST || !is_plain(key) || !has_names {
        return Err(FileError::backend(format!("{key:?} is no key of a file")));
    }
    Path::parse(key).map_err(FileError::backend)
}
