//! Scans by a real `clamd`, which knows the EICAR test file and nothing else.

use bytes::Bytes;
use support_core::ports::{
    files::Files,
    scanner::{ScanError, Scanner, Verdict},
};
use support_files::{ClamAv, ObjectFiles};

/// Puts the chunks into a file, and has it scanned as it is read from the disk.
async fn scan(scanner: &ClamAv, chunks: impl IntoIterator<Item = Bytes>) -> Result<Verdict, ScanError> {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let files = ObjectFiles::local(directory.path()).expect("it is there");
    let mut upload = files.upload("a").await.expect("it begins");
    for chunk in chunks {
        upload.write(chunk).await.expect("there is room");
    }
    upload.finish().await.expect("it is put");
    let mut download = files.download("a").await.expect("it is there");
    scanner.scan(&mut *download).await
}

/// In two pieces, so that no scanner takes this file for it.
fn eicar() -> [Bytes; 2] {
    [r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-", "ANTIVIRUS-TEST-FILE!$H+H*"].map(Bytes::from)
}

#[tokio::test]
async fn the_test_file_is_found() {
    let Some(address) = test_servers::clamd_address() else { return };
    let found = scan(&ClamAv::tcp(address), eicar()).await.expect("a verdict");
    assert!(matches!(&found, Verdict::Infected { name } if name.to_lowercase().contains("eicar")), "{found:?}");
}

#[tokio::test]
async fn a_clean_file_is_clean_whatever_its_size() {
    let Some(address) = test_servers::clamd_address() else { return };
    for chunks in [vec![], vec![Bytes::from_static(b"a")], vec![Bytes::from(vec![7; 100_003]); 50]] {
        assert_eq!(scan(&ClamAv::tcp(&address), chunks).await.expect("a verdict"), Verdict::Clean);
    }
}

#[tokio::test]
async fn a_file_that_is_too_large_for_the_server_is_an_error() {
    let Some(address) = test_servers::clamd_address() else { return };
    let too_large = std::iter::repeat_n(Bytes::from(vec![7; 1 << 20]), 150);
    let refused = scan(&ClamAv::tcp(address).at_most(u64::MAX), too_large).await.expect_err("it was not looked into");
    assert!(refused.to_string().contains("StreamMaxLength") || refused.to_string().contains("size limit"), "{refused}");
}

#[tokio::test]
async fn a_server_that_was_stopped_gives_no_verdict() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("some port is free");
    let address = listener.local_addr().expect("it has one").to_string();
    drop(listener);
    scan(&ClamAv::tcp(address), eicar()).await.expect_err("nobody listens any more");
}
