//! What every store of [`Files`] must do, as a test suite.
//!
//! ```ignore
//! // tests/contract.rs of a store, with `tokio` (features `macros`, `rt-multi-thread`) among its dev-dependencies
//! async fn make() -> (MyFiles, tempfile::TempDir) {
//!     let dir = tempfile::tempdir().unwrap();
//!     (MyFiles::open(dir.path()).unwrap(), dir)
//! }
//! support_core::files_contract!(make);
//! ```
//!
//! `make` answers an empty store and a guard, which is kept until the test is over. Where a store needs a server that not
//! everybody has, `files_contract!(make, asked)` leaves the tests out while `asked()` is false.
//!
//! Two things are left to each store. A key may be the directory of another (`a` and `a/b`), which file systems cannot
//! have; and keys that are empty, begin or end with `/`, or have `//` or `.` between two of them are refused, because a
//! file system takes them for others.

use super::reads::concurrently;
use crate::ports::files::{Download, FileError, Files, LinkTerms};
use bytes::{Bytes, BytesMut};
use chrono::TimeDelta;

/// Makes one named test of each rule for files. See [`contract::files`](crate::contract::files).
#[macro_export]
macro_rules! files_contract {
    ($make:path) => {
        $crate::files_contract!($make, $crate::contract::always);
    };
    ($make:path, $asked:path) => {
        $crate::files_contract!(@tests $make, $asked,
            a_file_comes_back_as_it_was,
            nothing_is_there_before_the_end,
            an_upload_that_is_dropped_leaves_nothing,
            an_upload_that_is_aborted_leaves_nothing,
            a_file_takes_the_place_of_another,
            an_upload_that_does_not_end_takes_no_place,
            what_is_not_there_is_missing,
            deleting_twice_is_right,
            a_list_is_in_the_order_of_keys,
            a_list_has_what_begins_with_the_prefix,
            a_list_goes_on_behind_a_key,
            keys_outside_the_rule_are_refused,
            keys_at_the_edge_of_the_rule_are_kept,
            uploads_at_once_do_not_mix,
            of_uploads_at_once_to_one_key_one_stays_whole,
            a_download_ends_although_its_file_is_deleted,
            a_download_is_of_one_file,
        );
    };
    (@tests $make:path, $asked:path, $($name:ident,)*) => {$(
        #[::tokio::test(flavor = "multi_thread")]
        async fn $name() {
            if !$asked() {
                return;
            }
            // As a value, so that nobody has to wait for something in it.
            let make = $make;
            let (files, _guard) = make().await;
            $crate::contract::files::$name(files).await;
        }
    )*};
}

/// More than the smallest part of an upload to S3, so that it comes in several.
const LARGE: usize = 11 * 1024 * 1024 + 1;

/// Bytes that tell where in which file they stand.
fn sample(seed: usize, size: usize) -> Bytes {
    (0..size).map(|at| (at.wrapping_mul(31) ^ (at >> 8) ^ seed).to_le_bytes()[0]).collect()
}

async fn put(files: &impl Files, key: &str, content: &Bytes, chunk: usize) {
    let mut upload = files.upload(key).await.unwrap();
    for start in (0..content.len()).step_by(chunk) {
        upload.write(content.slice(start..content.len().min(start + chunk))).await.unwrap();
    }
    upload.finish().await.unwrap();
}

async fn put_all(files: &impl Files, keys: &[&str]) {
    for key in keys {
        put(files, key, &Bytes::copy_from_slice(key.as_bytes()), 64).await;
    }
}

async fn rest(mut download: Box<dyn Download>) -> Result<Bytes, FileError> {
    let mut content = BytesMut::new();
    while let Some(chunk) = download.chunk().await? {
        content.extend_from_slice(&chunk);
    }
    Ok(content.freeze())
}

async fn get(files: &impl Files, key: &str) -> Bytes {
    rest(files.download(key).await.unwrap()).await.unwrap()
}

async fn is_missing(files: &impl Files, key: &str) -> bool {
    matches!(files.download(key).await, Err(FileError::Missing))
}

async fn keys(files: &impl Files, prefix: &str, after: Option<&str>, limit: u32) -> Vec<String> {
    files.list(prefix, after, limit).await.unwrap().into_iter().map(|file| file.key).collect()
}

/// Whatever its size, and however it was cut into chunks.
pub async fn a_file_comes_back_as_it_was(files: impl Files) {
    let cases = [(0, 1), (1, 1), (1000, 7), (65_536, 65_536), (65_537, 8192), (300_000, 300_000), (LARGE, 70_001)];
    for (seed, (size, chunk)) in cases.into_iter().enumerate() {
        let (key, content) = (format!("sizes/{size}"), sample(seed, size));
        put(&files, &key, &content, chunk).await;
        assert!(get(&files, &key).await == content, "{size} bytes in chunks of {chunk}");
        let listed = files.list(&key, None, 1).await.unwrap();
        assert_eq!(listed.first().map(|file| (file.key.clone(), file.size)), Some((key, content.len() as u64)));
    }
    let mut upload = files.upload("empty-chunks").await.unwrap();
    for chunk in ["", "a", "", "b", ""] {
        upload.write(Bytes::from_static(chunk.as_bytes())).await.unwrap();
    }
    upload.finish().await.unwrap();
    assert_eq!(get(&files, "empty-chunks").await, "ab");
}

/// Neither for who reads it, nor in lists; however much was written.
pub async fn nothing_is_there_before_the_end(files: impl Files) {
    for (key, size) in [("small", 10), ("large", LARGE)] {
        let mut upload = files.upload(key).await.unwrap();
        assert!(is_missing(&files, key).await);
        upload.write(sample(1, size)).await.unwrap();
        assert!(is_missing(&files, key).await);
        assert!(keys(&files, "", None, 10).await.is_empty());
        upload.finish().await.unwrap();
        assert_eq!(keys(&files, "", None, 10).await, [key]);
        files.delete(key).await.unwrap();
    }
}

/// Whoever sent it went away.
pub async fn an_upload_that_is_dropped_leaves_nothing(files: impl Files) {
    for (key, size) in [("none", 0), ("small", 10), ("large", LARGE)] {
        let mut upload = files.upload(key).await.unwrap();
        upload.write(sample(1, size)).await.unwrap();
        drop(upload);
        assert!(is_missing(&files, key).await, "{key}");
    }
    assert!(keys(&files, "", None, 10).await.is_empty());
}

/// It was too large, say.
pub async fn an_upload_that_is_aborted_leaves_nothing(files: impl Files) {
    files.upload("at-once").await.unwrap().abort().await.unwrap();
    for (key, size) in [("at-once", 0), ("small", 10), ("large", LARGE)] {
        let mut upload = files.upload(key).await.unwrap();
        upload.write(sample(1, size)).await.unwrap();
        upload.abort().await.unwrap();
        assert!(is_missing(&files, key).await, "{key}");
    }
    assert!(keys(&files, "", None, 10).await.is_empty());
}

/// A shorter one leaves nothing of a longer one.
pub async fn a_file_takes_the_place_of_another(files: impl Files) {
    for size in [LARGE, 5, 70_000, 0] {
        let content = sample(size, size);
        put(&files, "a/b", &content, 1 << 20).await;
        assert!(get(&files, "a/b").await == content, "{size} bytes");
        let sizes: Vec<u64> = files.list("", None, 10).await.unwrap().iter().map(|file| file.size).collect();
        assert_eq!(sizes, [size as u64]);
    }
}

/// The file that was there is there as long as no other one is whole.
pub async fn an_upload_that_does_not_end_takes_no_place(files: impl Files) {
    put(&files, "a", &Bytes::from_static(b"old"), 3).await;
    let mut dropped = files.upload("a").await.unwrap();
    dropped.write(sample(1, LARGE)).await.unwrap();
    assert_eq!(get(&files, "a").await, "old");
    drop(dropped);
    let mut aborted = files.upload("a").await.unwrap();
    aborted.write(Bytes::from_static(b"new")).await.unwrap();
    aborted.abort().await.unwrap();
    assert_eq!(get(&files, "a").await, "old");
}

/// Also what is only the beginning of a key, or behind one.
pub async fn what_is_not_there_is_missing(files: impl Files) {
    assert!(is_missing(&files, "a/b").await);
    put_all(&files, &["a/b.txt"]).await;
    for key in ["a", "a/b", "a/b.txt.", "a/c/d", "a/b.txt/c"] {
        assert!(is_missing(&files, key).await, "{key}");
    }
}

/// There is none afterwards, which is what was wanted.
pub async fn deleting_twice_is_right(files: impl Files) {
    put_all(&files, &["a/b", "a/c"]).await;
    for key in ["a/b", "a/b", "a/never", "never/at/all"] {
        files.delete(key).await.unwrap();
    }
    assert!(is_missing(&files, "a/b").await);
    assert_eq!(keys(&files, "", None, 10).await, ["a/c"]);
    put_all(&files, &["a/b"]).await;
    assert_eq!(get(&files, "a/b").await, "a/b");
}

/// That of their bytes: `-` and `.` come before `/`, capitals before the others.
pub async fn a_list_is_in_the_order_of_keys(files: impl Files) {
    let sorted = ["A/b", "a-b", "a-b.c/d", "a.b", "a/1", "a/1.x", "a/10/z", "a/2", "a0", "a_b", "ab"];
    for start in [3, 8, 1] {
        put_all(&files, &sorted[start..]).await;
    }
    put_all(&files, &sorted[..3]).await;
    assert_eq!(keys(&files, "", None, 100).await, sorted);
}

/// With its text: a prefix may end in the middle of a name.
pub async fn a_list_has_what_begins_with_the_prefix(files: impl Files) {
    put_all(&files, &["a/b/c", "a/bc", "a/c", "ab/c", "b"]).await;
    let cases: [(&str, &[&str]); 8] = [
        ("a", &["a/b/c", "a/bc", "a/c", "ab/c"]),
        ("a/", &["a/b/c", "a/bc", "a/c"]),
        ("a/b", &["a/b/c", "a/bc"]),
        ("a/b/", &["a/b/c"]),
        ("a/b/c", &["a/b/c"]),
        ("a/b/c/", &[]),
        ("b", &["b"]),
        ("c/d/", &[]),
    ];
    for (prefix, expected) in cases {
        assert_eq!(keys(&files, prefix, None, 100).await, expected, "{prefix}");
    }
}

/// Whether there is such a file or not.
pub async fn a_list_goes_on_behind_a_key(files: impl Files) {
    let names: Vec<String> = (10..35).map(|number| format!("pages/{number}/{}", number % 7)).collect();
    let borrowed: Vec<&str> = names.iter().map(String::as_str).collect();
    put_all(&files, &borrowed).await;
    let mut walked: Vec<String> = Vec::new();
    loop {
        let page = keys(&files, "pages/", walked.last().map(String::as_str), 7).await;
        assert!(page.len() == 7 || walked.len() + page.len() == names.len());
        if page.is_empty() {
            break;
        }
        walked.extend(page);
    }
    assert_eq!(walked, names);
    assert_eq!(keys(&files, "pages/", Some("pages/12/x"), 2).await, ["pages/13/6", "pages/14/0"]);
    assert_eq!(keys(&files, "pages/", Some("a"), 1).await, ["pages/10/3"]);
    assert_eq!(keys(&files, "pages/2", Some("pages/10"), 1).await, ["pages/20/6"]);
    assert!(keys(&files, "pages/", Some("pages/9"), 7).await.is_empty());
    assert!(keys(&files, "pages/1", Some("pages/2"), 7).await.is_empty());
    assert!(keys(&files, "", None, 0).await.is_empty());
}

/// By all that takes a key, and not as if the file were only missing.
pub async fn keys_outside_the_rule_are_refused(files: impl Files) {
    let long = "a".repeat(513);
    let bad = [
        "",
        "/",
        "/a",
        "a/",
        "a//b",
        "..",
        "../a",
        "a/../b",
        "a/..",
        "a..b",
        ".",
        "./a",
        "a/./b",
        "a b",
        "a\\b",
        "ä",
        "a\0",
        "a\n",
        "a%2fb",
        "a:b",
        "a#1",
        "a?b",
        "a*",
        "~",
        "a\u{200b}b",
        &long,
    ];
    let terms =
        LinkTerms { lasts: TimeDelta::minutes(1), disposition: "inline".into(), content_type: "text/plain".into() };
    for key in bad {
        let refused = |error: Option<FileError>| matches!(error, Some(FileError::Backend(_)));
        assert!(refused(files.upload(key).await.err()), "upload {key:?}");
        assert!(refused(files.download(key).await.err()), "download {key:?}");
        assert!(refused(files.delete(key).await.err()), "delete {key:?}");
        assert!(refused(files.link(key, &terms).await.err()), "link {key:?}");
    }
    assert!(keys(&files, "", None, 10).await.is_empty());
}

/// Every character that may be in one, and as many as may be.
pub async fn keys_at_the_edge_of_the_rule_are_kept(files: impl Files) {
    let long = format!("{}/{}/{}", "a".repeat(200), "b".repeat(200), "c".repeat(110));
    assert_eq!(long.len(), 512);
    let all = "-_.AZaz09";
    for key in [long.as_str(), all, ".hidden/.file", "-/_/-", "a.b.c/d."] {
        put_all(&files, &[key]).await;
        assert_eq!(get(&files, key).await, key);
        assert_eq!(keys(&files, key, None, 2).await, [key]);
        files.delete(key).await.unwrap();
    }
}

/// Each takes its turn with each chunk.
pub async fn uploads_at_once_do_not_mix(files: impl Files) {
    let content = |number: u32| sample(number as usize, 200_000 + number as usize);
    let files = &files;
    concurrently(8, |number| async move { put(files, &format!("at/{number}"), &content(number), 10_000).await }).await;
    for number in 0..8 {
        assert!(get(files, &format!("at/{number}")).await == content(number), "{number}");
    }
}

/// Whichever it is.
pub async fn of_uploads_at_once_to_one_key_one_stays_whole(files: impl Files) {
    let content = |number: u32| sample(number as usize, 150_000);
    let files = &files;
    concurrently(6, |number| async move { put(files, "one/key", &content(number), 10_000).await }).await;
    let kept = get(files, "one/key").await;
    assert!((0..6).any(|number| kept == content(number)));
    assert_eq!(keys(files, "", None, 10).await, ["one/key"]);
}

/// With the rest of it, or with an error; never as if the file had ended early.
pub async fn a_download_ends_although_its_file_is_deleted(files: impl Files) {
    let content = sample(1, LARGE);
    put(&files, "a", &content, 1 << 20).await;
    let mut download = files.download("a").await.unwrap();
    let first = download.chunk().await.unwrap().expect("it is not empty");
    files.delete("a").await.unwrap();
    if let Ok(others) = rest(download).await {
        assert!([first, others].concat() == content);
    }
    assert!(is_missing(&files, "a").await);
}

/// Of the one that was there when it began, although another has come meanwhile; or it fails.
pub async fn a_download_is_of_one_file(files: impl Files) {
    let old = sample(1, LARGE);
    put(&files, "a", &old, 1 << 20).await;
    let mut download = files.download("a").await.unwrap();
    let first = download.chunk().await.unwrap().expect("it is not empty");
    put(&files, "a", &sample(2, LARGE), 1 << 20).await;
    if let Ok(others) = rest(download).await {
        assert!([first, others].concat() == old);
    }
}
