//! What only files in a directory can get wrong.

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};
use support_core::ports::files::{FileError, Files};
use support_files::{ObjectFiles, OpenError};
use tempfile::TempDir;

fn make() -> (ObjectFiles, TempDir) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    (ObjectFiles::local(directory.path()).expect("it is there"), directory)
}

async fn put(files: &ObjectFiles, key: &str) -> Result<(), FileError> {
    let mut upload = files.upload(key).await?;
    upload.write(Bytes::copy_from_slice(key.as_bytes())).await?;
    upload.finish().await
}

/// Whatever is there, by its path from the directory.
fn contents(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut rest = vec![directory.to_owned()];
    while let Some(next) = rest.pop() {
        for entry in fs::read_dir(next).expect("it is there").flatten() {
            if entry.file_type().expect("it is still there").is_dir() {
                rest.push(entry.path());
            } else {
                found.push(entry.path().strip_prefix(directory).expect("it is within").to_owned());
            }
        }
    }
    found
}

#[tokio::test]
async fn nothing_but_the_file_stays_behind() {
    let (files, directory) = make();
    put(&files, "a/b").await.expect("there is room");
    assert_eq!(contents(directory.path()), [Path::new("a/b")]);
    let mut aborted = files.upload("a/c").await.expect("it begins");
    aborted.write(Bytes::from(vec![7; 1 << 20])).await.expect("there is room");
    aborted.abort().await.expect("it is removed");
    assert_eq!(contents(directory.path()), [Path::new("a/b")]);
    let mut dropped = files.upload("a/c").await.expect("it begins");
    dropped.write(Bytes::from(vec![7; 1 << 20])).await.expect("there is room");
    assert_eq!(contents(directory.path()).len(), 2);
    drop(dropped);
    // A task of its own removes it.
    while contents(directory.path()).len() > 1 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn directories_go_with_their_last_file() {
    let (files, directory) = make();
    put(&files, "a/b/c").await.expect("there is room");
    files.delete("a/b/c").await.expect("it is there");
    assert!(!directory.path().join("a").exists());
}

#[tokio::test]
async fn what_a_process_left_when_it_ended_is_swept_up() {
    let (files, directory) = make();
    put(&files, "a/b").await.expect("there is room");
    let now: DateTime<Utc> = "2026-01-05T09:00:00Z".parse().expect("a time");
    let old = now - TimeDelta::hours(2);
    for (name, at) in [("a/c#1", old), ("a/b#12", old), ("a/c#2", now), ("a/b", old), ("a/b#1x", old), ("x y#1", old)] {
        let file = File::options().append(true).create(true).open(directory.path().join(name)).expect("it is made");
        file.set_modified(at.into()).expect("its time is set");
    }
    assert_eq!(files.list("", None, 10).await.expect("a list").len(), 1, "they are no files");
    assert_eq!(files.sweep(now - TimeDelta::hours(1)).await.expect("it may"), 2);
    let mut left = contents(directory.path());
    left.sort_unstable();
    assert_eq!(left, ["a/b", "a/b#1x", "a/c#2", "x y#1"].map(PathBuf::from));
    assert_eq!(ObjectFiles::memory().sweep(now).await.expect("there is nothing"), 0);
}

#[cfg(unix)]
#[tokio::test]
async fn no_link_leads_out_of_the_directory() {
    use std::os::unix::fs::symlink;
    let (files, directory) = make();
    let outside = tempfile::tempdir().expect("a temporary directory");
    fs::write(outside.path().join("secret"), "secret").expect("it is written");
    symlink(outside.path(), directory.path().join("away")).expect("it is made");
    symlink(outside.path().join("secret"), directory.path().join("file")).expect("it is made");
    for key in ["away/secret", "away/new", "away", "file"] {
        let refused = |error: Option<FileError>| error.is_some_and(|error| error.to_string().contains("symbolic link"));
        assert!(refused(files.download(key).await.err()), "{key}");
        assert!(refused(files.upload(key).await.err()), "{key}");
        assert!(refused(files.delete(key).await.err()), "{key}");
    }
    for prefix in ["", "away/", "away/s", "f"] {
        assert!(files.list(prefix, None, 10).await.expect("a list").is_empty(), "{prefix}");
    }
    assert_eq!(contents(outside.path()), [Path::new("secret")]);
}

#[tokio::test]
async fn a_directory_that_goes_away_is_no_file_that_was_kept() {
    let (files, directory) = make();
    let mut upload = files.upload("a/b").await.expect("it begins");
    upload.write(Bytes::from_static(b"some")).await.expect("there is room");
    fs::remove_dir_all(directory.path()).expect("it is there");
    let lost = upload.finish().await.expect_err("there is nowhere to put it");
    assert!(matches!(lost, FileError::Backend(_)), "{lost}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_directory_that_was_made_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().expect("a temporary directory");
    let made = directory.path().join("a/b");
    ObjectFiles::local(&made).expect("it is made");
    let rights = fs::metadata(made).expect("it is there").permissions().mode();
    assert_eq!(rights & 0o777, 0o700);
}

#[test]
fn a_file_is_no_directory() {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    let refused = ObjectFiles::local(file.path());
    assert!(matches!(refused, Err(OpenError::Directory { .. })));
}
