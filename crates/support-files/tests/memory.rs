//! However large a file is, few bytes of it are in memory. One test alone, because it looks at the whole process.
#![cfg(target_os = "linux")]

use bytes::Bytes;
use std::fs;
use support_core::ports::files::Files;
use support_files::ObjectFiles;

/// What is sent at once, in bytes.
const CHUNK: usize = 64 * 1024;

/// A figure of this process, in KiB.
fn figure(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux tells");
    let line = status.lines().find(|line| line.starts_with(name)).expect("it is among them");
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
}

/// Puts a file there and reads it again.
async fn round_trip(files: &ObjectFiles, size: usize) {
    let mut upload = files.upload("a").await.expect("it begins");
    for number in 0..size / CHUNK {
        upload.write(Bytes::from(vec![number.to_le_bytes()[0]; CHUNK])).await.expect("there is room");
    }
    upload.finish().await.expect("it is put");
    let mut download = files.download("a").await.expect("it is there");
    let mut read = 0;
    while let Some(chunk) = download.chunk().await.expect("it is there") {
        read += chunk.len();
    }
    assert_eq!(read, size);
}

#[tokio::test]
async fn memory_stays_flat_however_large_a_file_is() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let files = ObjectFiles::local(directory.path()).expect("it is there");
    round_trip(&files, 8 * CHUNK).await;
    // Lets the highest figure start from here.
    fs::write("/proc/self/clear_refs", "5").expect("it is our own process");
    let before = figure("VmHWM:");
    round_trip(&files, 64 << 20).await;
    let grown = figure("VmHWM:").saturating_sub(before);
    assert!(grown < 4 * 1024, "{grown} KiB for a file of 64 MiB");
}
