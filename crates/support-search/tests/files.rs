//! What becomes of the files of an index.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{article, articles, found, put, ticket, tickets};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use support_core::{
    domain::search::{Batch, Label, SearchKey, Searchable},
    ports::search::Search,
};
use support_search::{OpenError, TantivySearch};
use tantivy::Index;
use uuid::Uuid;

fn files(dir: &Path) -> Vec<PathBuf> {
    fs::read_dir(dir.join("index")).unwrap().map(|entry| entry.unwrap().path()).collect()
}

async fn batch(index: &TantivySearch, number: u128) {
    let put = (0..20).map(|n| ticket(number * 20 + n, 1, "Parcel", &format!("late {number}"))).collect();
    let batch = Batch { put, remove: Vec::new(), bookmark: Some(number.to_string()) };
    index.index(&batch).await.unwrap();
}

#[tokio::test]
async fn an_index_is_there_again_when_it_is_opened_again() {
    let dir = tempfile::tempdir().unwrap();
    let index = TantivySearch::open(dir.path()).unwrap();
    batch(&index, 1).await;
    drop(index);
    let index = TantivySearch::open(dir.path()).unwrap();
    assert_eq!(index.bookmark().await.unwrap().as_deref(), Some("1"));
    assert_eq!(index.search(&tickets("parcel")).await.unwrap().total, 20);
}

#[tokio::test]
async fn one_at_a_time_has_an_index_open() {
    let dir = tempfile::tempdir().unwrap();
    let index = TantivySearch::open(dir.path()).unwrap();
    let other = index.clone();
    drop(index);
    let error = TantivySearch::open(dir.path()).unwrap_err();
    assert!(matches!(&error, OpenError::InUse(path) if path == dir.path()), "{error}");
    drop(other);
    TantivySearch::open(dir.path()).unwrap();
}

/// Not a test of its own: the process that [`a_killed_process_leaves_whole_batches`] kills.
#[tokio::test]
async fn a_process_that_indexes_until_it_is_killed() {
    let Some(dir) = std::env::var_os("SUPPORT_SEARCH_KILLED") else { return };
    let index = TantivySearch::open(&dir).unwrap();
    for number in 0_u128.. {
        batch(&index, number).await;
        fs::write(Path::new(&dir).join("told"), number.to_string()).unwrap();
    }
}

#[tokio::test]
async fn a_killed_process_leaves_whole_batches() {
    for wait in [1, 7, 23] {
        let dir = tempfile::tempdir().unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "a_process_that_indexes_until_it_is_killed"])
            .env("SUPPORT_SEARCH_KILLED", dir.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let told = || fs::read_to_string(dir.path().join("told")).ok()?.parse::<u64>().ok();
        while told().is_none_or(|told| told < wait) {
            std::thread::yield_now();
        }
        assert!(matches!(TantivySearch::open(dir.path()), Err(OpenError::InUse(_))));
        child.kill().unwrap();
        child.wait().unwrap();

        let last = told().unwrap();
        let index = TantivySearch::open(dir.path()).unwrap();
        let bookmark: u64 = index.bookmark().await.unwrap().unwrap().parse().unwrap();
        assert!(bookmark >= last, "{last} was answered, {bookmark} is there");
        assert_eq!(index.search(&tickets("parcel")).await.unwrap().total, (bookmark + 1) * 20);
        batch(&index, u128::from(bookmark) + 1).await;
    }
}

#[tokio::test]
async fn a_copy_that_was_made_meanwhile_is_whole_or_empty() {
    let dir = tempfile::tempdir().unwrap();
    let index = TantivySearch::open(dir.path()).unwrap();
    for number in 0..12 {
        batch(&index, number).await;
        let copy = tempfile::tempdir().unwrap();
        fs::create_dir(copy.path().join("index")).unwrap();
        for file in files(dir.path()) {
            // A file that a merge deletes just now need not be there.
            drop(fs::copy(&file, copy.path().join("index").join(file.file_name().unwrap())));
        }
        let copied = TantivySearch::open(copy.path()).unwrap();
        let there = copied.search(&tickets("parcel")).await.unwrap().total;
        match copied.bookmark().await.unwrap() {
            Some(bookmark) => assert_eq!(there, (bookmark.parse::<u64>().unwrap() + 1) * 20),
            None => assert_eq!(there, 0),
        }
    }
}

#[tokio::test]
async fn a_damaged_index_is_emptied() {
    let made = tempfile::tempdir().unwrap();
    let index = TantivySearch::open(made.path()).unwrap();
    batch(&index, 1).await;
    drop(index);
    let originals = files(made.path());
    assert!(originals.len() > 5, "{originals:?}");
    for original in originals {
        let name = original.file_name().unwrap().to_str().unwrap().to_owned();
        // These are about who may write and which files there are; what is found does not depend on them.
        if name.starts_with('.') {
            continue;
        }
        let whole = fs::read(&original).unwrap();
        let flipped: Vec<u8> =
            whole.iter().enumerate().map(|(at, byte)| if at == whole.len() / 2 { !byte } else { *byte }).collect();
        for damaged in [Vec::new(), whole[..whole.len() / 2].to_vec(), flipped] {
            let dir = tempfile::tempdir().unwrap();
            fs::create_dir(dir.path().join("index")).unwrap();
            for file in files(made.path()) {
                fs::copy(&file, dir.path().join("index").join(file.file_name().unwrap())).unwrap();
            }
            fs::write(dir.path().join("index").join(&name), damaged).unwrap();
            let index = TantivySearch::open(dir.path()).unwrap();
            assert_eq!(index.bookmark().await.unwrap(), None, "{name}");
            assert_eq!(index.search(&tickets("parcel")).await.unwrap().total, 0, "{name}");
            batch(&index, 1).await;
            assert_eq!(index.search(&tickets("parcel")).await.unwrap().total, 20, "{name}");
        }
    }
}

#[tokio::test]
async fn an_index_of_another_version_is_emptied() {
    let dir = tempfile::tempdir().unwrap();
    let index = TantivySearch::open(dir.path()).unwrap();
    batch(&index, 1).await;
    drop(index);
    let tantivy = Index::open_in_dir(dir.path().join("index")).unwrap();
    let mut writer: tantivy::IndexWriter = tantivy.writer_with_num_threads(1, 20_000_000).unwrap();
    let mut commit = writer.prepare_commit().unwrap();
    commit.set_payload("0\n1");
    commit.commit().unwrap();
    drop(writer);
    fs::write(dir.path().join("elsewhere"), "not ours").unwrap();
    let index = TantivySearch::open(dir.path()).unwrap();
    assert_eq!(index.bookmark().await.unwrap(), None);
    assert_eq!(index.search(&tickets("parcel")).await.unwrap().total, 0);
    assert_eq!(fs::read_to_string(dir.path().join("elsewhere")).unwrap(), "not ours", "only its own files are deleted");
}

/// Every term of every field of every file, and every stored text.
fn everything(dir: &Path) -> String {
    let index = Index::open_in_dir(dir.join("index")).unwrap();
    let mut everything = String::new();
    let searcher = index.reader().unwrap().searcher();
    for segment in searcher.segment_readers() {
        for (field, entry) in index.schema().fields() {
            if entry.is_indexed() {
                let inverted = segment.inverted_index(field).unwrap();
                let mut terms = inverted.terms().stream().unwrap();
                while terms.advance() {
                    everything += &String::from_utf8_lossy(terms.key());
                    everything.push('\n');
                }
            }
        }
        if let Some(column) = segment.fast_fields().str("label").unwrap() {
            for ordinal in 0..column.num_terms() {
                let mut term = String::new();
                column.ord_to_str(u64::try_from(ordinal).unwrap(), &mut term).unwrap();
                everything += &term;
            }
        }
        let store = segment.get_store_reader(1).unwrap();
        // Removed documents too.
        for document in 0..segment.max_doc() {
            let document: tantivy::TantivyDocument = store.get(document).unwrap();
            everything += &tantivy::schema::document::Document::to_json(&document, &index.schema());
        }
    }
    for file in files(dir) {
        everything += &String::from_utf8_lossy(&fs::read(file).unwrap());
    }
    everything
}

#[tokio::test]
async fn nothing_of_what_was_removed_is_left_after_a_scrub() {
    let dir = tempfile::tempdir().unwrap();
    let index = TantivySearch::open(dir.path()).unwrap();
    let secret = |n| Searchable {
        notes: "quokkanote".into(),
        labels: [(Label::Tag, "quokkatag".to_owned()), (Label::Status, "open".to_owned())].into(),
        number: Some("QUOKKA-77".into()),
        ..ticket(n, 1, "Quokkatitle", "quokkatext and candles")
    };
    put(&index, (0..40).map(|n| if n % 4 == 0 { secret(n) } else { ticket(n, 1, "Parcel", "candles") }).collect())
        .await;
    put(&index, vec![secret(100), article(1, "en", "Parcel", "candles")]).await;
    put(&index, vec![secret(101)]).await;
    let removed = (0..40).step_by(4).chain([100, 101]).map(|n| SearchKey::ticket(Uuid::from_u128(n).into()));
    // One is not removed but says something else from now on.
    let (put_again, remove) = (vec![ticket(0, 1, "Parcel", "candles")], removed.skip(1).collect());
    index.index(&Batch { put: put_again, remove, bookmark: Some("7".into()) }).await.unwrap();
    assert!(everything(dir.path()).to_lowercase().contains("quokka"), "before, some of it is there");

    index.scrub_index().await.unwrap();
    let left = everything(dir.path()).to_lowercase();
    assert!(!left.contains("quokka"), "after it, none");
    assert!(left.contains("candles") && left.contains("parcel"));
    assert_eq!(index.search(&tickets("candles")).await.unwrap().total, 31);
    assert_eq!(found(&index, &articles("candles")).await, [1]);
    assert_eq!(index.bookmark().await.unwrap().as_deref(), Some("7"));

    index.clear_index().await.unwrap();
    assert!(!everything(dir.path()).contains("candles"), "clearing leaves nothing either");
}

#[tokio::test]
async fn batches_that_come_at_once_are_all_kept() {
    let dir = tempfile::tempdir().unwrap();
    let index = TantivySearch::open(dir.path()).unwrap();
    let tasks: Vec<_> = (0..50)
        .map(|number| {
            let index = index.clone();
            tokio::spawn(async move {
                batch(&index, number).await;
                assert_eq!(index.search(&tickets(&format!("{number} "))).await.unwrap().total, 20);
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    index.scrub_index().await.unwrap();
    assert_eq!(index.search(&tickets("parcel")).await.unwrap().total, 1_000);
}
