//! What `object_store` does not look after in a directory: links, the order of lists, and what uploads left behind that never
//! ended.

use crate::{fault, key};
use chrono::{DateTime, Utc};
use std::{
    fs::{self, DirEntry, Metadata},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};
use support_core::ports::files::{FileError, StoredFile};

/// A directory of files.
#[derive(Debug, Clone)]
pub(crate) struct Directory {
    root: PathBuf,
}

impl Directory {
    /// Makes the directory where there is none; then nobody but its owner can enter it.
    pub(crate) fn open(directory: &Path) -> io::Result<Self> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(directory)?;
        let root = fs::canonicalize(directory)?;
        if root.is_dir() { Ok(Self { root }) } else { Err(ErrorKind::NotADirectory.into()) }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Refuses a key on whose way there is a symbolic link. No key makes one, but whoever may write to the directory can,
    /// and it may lead out.
    pub(crate) fn refuse_links(&self, key: &str) -> Result<(), FileError> {
        let mut path = self.root.clone();
        for name in key.split('/') {
            path.push(name);
            match fs::symlink_metadata(&path) {
                Ok(metadata) if metadata.is_symlink() => {
                    return Err(FileError::backend(format!("there is a symbolic link on the way to {key:?}")));
                }
                Ok(metadata) if metadata.is_dir() => {}
                // Nothing can be below.
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    /// Files in the order of their keys. Reads only directories in which some can be.
    pub(crate) fn list(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<StoredFile>, FileError> {
        let mut page = Page { prefix, after, limit, files: Vec::new() };
        let (start, key) = match prefix.rsplit_once('/') {
            None => (self.root.clone(), String::new()),
            Some((above, _)) if key::path(above).is_ok() && self.refuse_links(above).is_ok() => {
                (self.root.join(above), format!("{above}/"))
            }
            Some(_) => return Ok(Vec::new()),
        };
        page.walk(&start, &key).map_err(fault::system)?;
        Ok(page.files)
    }

    /// Removes temporary files of uploads that nobody has written to since `before`, and answers how many there were.
    pub(crate) fn sweep(&self, before: DateTime<Utc>) -> Result<u64, FileError> {
        sweep(&self.root, before).map_err(fault::system)
    }
}

struct Page<'a> {
    prefix: &'a str,
    after: Option<&'a str>,
    limit: usize,
    files: Vec<StoredFile>,
}

impl Page<'_> {
    /// Goes through a directory whose files have keys that begin with `above`.
    fn walk(&mut self, directory: &Path, above: &str) -> io::Result<()> {
        let mut names: Vec<(String, DirEntry)> = Vec::new();
        for entry in entries(directory)? {
            let Some(name) = name_of(&entry) else { continue };
            // The keys of what is in a directory go on with a `/`, and are sorted by it.
            let end = if entry.file_type()?.is_dir() { "/" } else { "" };
            names.push((format!("{above}{name}{end}"), entry));
        }
        names.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        for (key, entry) in names {
            if self.files.len() >= self.limit {
                break;
            }
            if key.ends_with('/') {
                if self.may_be_below(&key) {
                    self.walk(&entry.path(), &key)?;
                }
            } else if key.starts_with(self.prefix) && self.after.is_none_or(|after| key.as_str() > after) {
                self.files.extend(stored(key, &entry)?);
            }
        }
        Ok(())
    }

    fn may_be_below(&self, above: &str) -> bool {
        let matches = above.starts_with(self.prefix) || self.prefix.starts_with(above);
        matches
            && self.after.is_none_or(|after| above > after || after.starts_with(above))
            && above.len() < key::LONGEST
    }
}

/// What is in the directory, which may have been removed meanwhile.
fn entries(directory: &Path) -> io::Result<Vec<DirEntry>> {
    match fs::read_dir(directory) {
        Ok(entries) => entries.collect(),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The name as part of a key; none where it cannot be one, such as that of a temporary file.
fn name_of(entry: &DirEntry) -> Option<String> {
    entry.file_name().into_string().ok().filter(|name| key::path(name).is_ok())
}

/// None where it is no file, or not any more.
fn stored(key: String, entry: &DirEntry) -> io::Result<Option<StoredFile>> {
    // Of the entry itself, not of what a link leads to.
    let Some(metadata) = still(entry.metadata())?.filter(Metadata::is_file) else { return Ok(None) };
    Ok(Some(StoredFile { key, size: metadata.len(), at: metadata.modified()?.into() }))
}

fn sweep(directory: &Path, before: DateTime<Utc>) -> io::Result<u64> {
    let mut removed = 0;
    for entry in entries(directory)? {
        let Some(metadata) = still(entry.metadata())? else { continue };
        if metadata.is_dir() {
            removed += sweep(&entry.path(), before)?;
        } else if is_temporary(&entry) && metadata.is_file() && DateTime::<Utc>::from(metadata.modified()?) < before {
            removed += u64::from(still(fs::remove_file(entry.path()))?.is_some());
        }
    }
    Ok(removed)
}

/// Whether it is named as `object_store` names what is not whole: the name of the file, `#`, and a number.
fn is_temporary(entry: &DirEntry) -> bool {
    let name = entry.file_name();
    let parts = name.to_str().and_then(|name| name.split_once('#'));
    parts.is_some_and(|(name, number)| {
        key::path(name).is_ok() && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// None where somebody was faster.
fn still<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
