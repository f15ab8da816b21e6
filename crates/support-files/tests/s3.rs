//! Files in a bucket, on a server that verifies signatures.

mod bucket;

use bucket::Bucket;
use bytes::Bytes;
use chrono::TimeDelta;
use std::sync::atomic::Ordering;
use support_core::ports::files::{FileError, Files, LinkTerms};
use support_files::{ObjectFiles, S3};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Larger than a part.
const LARGE: usize = 6 * 1024 * 1024;

mod contract {
    use super::{Bucket, ObjectFiles};

    async fn make() -> (ObjectFiles, Bucket) {
        let bucket = Bucket::start().await;
        (bucket.files(), bucket)
    }

    support_core::files_contract!(make);
}

async fn put(files: &ObjectFiles, key: &str, content: &'static [u8]) -> Result<(), FileError> {
    let mut upload = files.upload(key).await?;
    upload.write(Bytes::from_static(content)).await?;
    upload.finish().await
}

fn terms(lasts: TimeDelta) -> LinkTerms {
    LinkTerms {
        lasts,
        disposition: "attachment; filename=\"a b.txt\"; filename*=UTF-8''%C3%A4%20b.txt".into(),
        content_type: "text/plain; charset=utf-8".into(),
    }
}

async fn link(files: &ObjectFiles, key: &str, lasts: TimeDelta) -> String {
    files.link(key, &terms(lasts)).await.expect("it signs by itself").expect("a bucket has links")
}

/// Status, headers and body of what a client without any rights gets.
async fn fetch(url: &str) -> (u16, String, String) {
    let (host, path) = url.strip_prefix("http://").expect("a test has no TLS").split_once('/').expect("a path");
    let mut stream = TcpStream::connect(host).await.expect("the server listens");
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("it is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer in text");
    let (head, body) = answer.split_once("\r\n\r\n").expect("headers and a body");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    (status, head.to_ascii_lowercase(), body.to_owned())
}

#[tokio::test]
async fn a_wrong_secret_is_refused() {
    let bucket = Bucket::start().await;
    put(&bucket.files(), "a", b"kept").await.expect("the right one");
    let stranger =
        ObjectFiles::s3(bucket.settings().credentials("desk", "another-secret")).expect("nothing is asked yet");
    assert!(matches!(put(&stranger, "a", b"changed").await, Err(FileError::Backend(_))));
    assert!(matches!(stranger.download("a").await.err(), Some(FileError::Backend(_))));
    assert!(matches!(stranger.delete("a").await, Err(FileError::Backend(_))));
    assert!(matches!(stranger.list("", None, 1).await, Err(FileError::Backend(_))));
    assert_eq!(fetch(&link(&stranger, "a", TimeDelta::minutes(5)).await).await.0, 403);
    assert_eq!(fetch(&link(&bucket.files(), "a", TimeDelta::minutes(5)).await).await.2, "kept");
}

#[tokio::test]
async fn a_link_downloads_with_its_headers() {
    let bucket = Bucket::start().await;
    let files = bucket.files();
    put(&files, "tickets/7/a_b-c.txt", b"paid").await.expect("it is put");
    let (status, head, body) = fetch(&link(&files, "tickets/7/a_b-c.txt", TimeDelta::minutes(5)).await).await;
    assert_eq!((status, body.as_str()), (200, "paid"), "{head}");
    assert!(head.contains("content-type: text/plain; charset=utf-8"), "{head}");
    let disposition = "content-disposition: attachment; filename=\"a b.txt\"; filename*=utf-8''%c3%a4%20b.txt";
    assert!(head.contains(disposition), "{head}");
}

#[tokio::test]
async fn a_link_that_was_tampered_with_is_refused() {
    let bucket = Bucket::start().await;
    let files = bucket.files();
    for key in ["a", "b"] {
        put(&files, key, b"secret").await.expect("it is put");
    }
    let url = link(&files, "a", TimeDelta::minutes(5)).await;
    assert_eq!(fetch(&url).await.0, 200);
    let bare = url.split_once('?').expect("a query").0;
    let last = if url.ends_with('0') { "1" } else { "0" };
    let tampered = [
        url.replacen("/files/a?", "/files/b?", 1),
        url.replace("X-Amz-Expires=300", "X-Amz-Expires=3000"),
        url.replace("text%2Fplain", "text%2Fhtml"),
        url.replace("attachment", "inline"),
        format!("{}{last}", &url[..url.len() - 1]),
        format!("{url}&response-cache-control=public"),
        bare.to_owned(),
    ];
    for tampered in tampered {
        assert_ne!(tampered, url);
        let (status, _, body) = fetch(&tampered).await;
        assert_eq!(status, 403, "{tampered}");
        assert!(!body.contains("secret"), "{body}");
    }
}

#[tokio::test]
async fn a_link_ends_with_its_time() {
    let bucket = Bucket::start().await;
    let files = bucket.files();
    put(&files, "a", b"secret").await.expect("it is put");
    let url = link(&files, "a", TimeDelta::seconds(1)).await;
    // Asked again and again rather than slept over: the second is over while this goes on.
    for _ in 0..100_000 {
        let (status, ..) = fetch(&url).await;
        if status == 403 {
            return;
        }
        assert_eq!(status, 200);
    }
    panic!("it still works");
}

#[tokio::test]
async fn a_link_must_be_one_that_can_be_kept() {
    let bucket = Bucket::start().await;
    let files = bucket.files();
    for lasts in [TimeDelta::zero(), TimeDelta::seconds(-1), TimeDelta::milliseconds(999)] {
        assert!(files.link("a", &terms(lasts)).await.is_err(), "{lasts}");
    }
    let split = LinkTerms { disposition: "inline\r\nSet-Cookie: a=b".into(), ..terms(TimeDelta::minutes(1)) };
    assert!(files.link("a", &split).await.is_err());
}

#[tokio::test]
async fn links_name_the_server_as_browsers_reach_it() {
    let bucket = Bucket::start().await;
    let settings = bucket.settings().public_endpoint("https://files.example.org");
    let files = ObjectFiles::s3(settings).expect("the settings are right");
    put(&files, "a", b"paid").await.expect("it is put where the server is");
    let url = link(&files, "a", TimeDelta::minutes(1)).await;
    assert!(url.starts_with("https://files.example.org/files/a?"), "{url}");
    assert!(!url.contains(bucket::SECRET));
}

#[tokio::test]
async fn parts_of_uploads_that_do_not_end_are_removed_from_the_server() {
    let bucket = Bucket::start().await;
    let files = bucket.files();
    for (count, is_dropped) in [(1, true), (2, false)] {
        let mut upload = files.upload("a").await.expect("it begins");
        upload.write(Bytes::from(vec![7; LARGE])).await.expect("it takes a part");
        assert!(!bucket.parts().is_empty());
        if is_dropped {
            drop(upload);
        } else {
            upload.abort().await.expect("it is told");
        }
        while bucket.aborted.load(Ordering::SeqCst) < count {
            tokio::task::yield_now().await;
        }
        assert!(bucket.parts().is_empty(), "{:?}", bucket.parts());
    }
}

#[tokio::test]
async fn long_lists_are_read_page_by_page() {
    let bucket = Bucket::start().await;
    let files = bucket.files();
    for number in 0..1010 {
        put(&files, &format!("many/{number:04}"), b"").await.expect("it is put");
    }
    let all = files.list("many/", None, 5000).await.expect("a list");
    assert_eq!(all.len(), 1010);
    assert!(all.is_sorted_by(|one, other| one.key < other.key));
    let some = files.list("many/", Some("many/0003"), 1004).await.expect("a list");
    assert_eq!((some.len(), some[0].key.as_str(), some[1003].key.as_str()), (1004, "many/0004", "many/1007"));
}

/// A server that answers every request so, and then ends the connection.
async fn answering(answer: &'static str) -> ObjectFiles {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("some port is free");
    let endpoint = format!("http://{}", listener.local_addr().expect("it has one"));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    files_at(&endpoint)
}

fn files_at(endpoint: &str) -> ObjectFiles {
    let settings = S3::new("files", "us-east-1").credentials(bucket::ACCESS, bucket::SECRET).endpoint(endpoint);
    ObjectFiles::s3(settings).expect("the settings are right")
}

#[tokio::test]
async fn what_the_server_is_short_of_is_told() {
    let full = answering("HTTP/1.1 403 Forbidden\r\nContent-Length: 26\r\n\r\n<Code>QuotaExceeded</Code>").await;
    assert!(matches!(put(&full, "a", b"b").await, Err(FileError::Full)));
    let busy = answering("HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
    assert!(matches!(put(&busy, "a", b"b").await, Err(FileError::Unavailable(_))));
    assert!(matches!(busy.download("a").await.err(), Some(FileError::Unavailable(_))));
    let no_bucket = answering("HTTP/1.1 404 Not Found\r\nContent-Length: 25\r\n\r\n<Code>NoSuchBucket</Code>").await;
    assert!(matches!(no_bucket.download("a").await.err(), Some(FileError::Backend(_))));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_not_available() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("some port is free");
    let endpoint = format!("http://{}", listener.local_addr().expect("it has one"));
    drop(listener);
    let files = files_at(&endpoint);
    assert!(matches!(files.download("a").await.err(), Some(FileError::Unavailable(_))));
    assert!(matches!(files.list("", None, 1).await, Err(FileError::Unavailable(_))));
    assert!(matches!(put(&files, "a", b"b").await, Err(FileError::Unavailable(_))));
}

#[tokio::test]
async fn a_download_that_breaks_off_does_not_look_like_a_whole_file() {
    let files = answering("HTTP/1.1 200 OK\r\nContent-Length: 9\r\nETag: \"a\"\r\nLast-Modified: Mon, 05 Jan 2026 09:00:00 GMT\r\n\r\nsome").await;
    let mut download = files.download("a").await.expect("it begins");
    let mut read = 0;
    let error = loop {
        match download.chunk().await {
            Ok(Some(chunk)) => read += chunk.len(),
            Ok(None) => panic!("it ended after {read} bytes, as if it were whole"),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, FileError::Unavailable(_) | FileError::Backend(_)), "{error}");
}
