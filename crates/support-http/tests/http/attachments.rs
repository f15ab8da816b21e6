//! Files that are uploaded, named and fetched.

use crate::harness::{ADA, Api, EVE, GRACE, Reply, Who, settings};
use axum::{
    body::{Body, Bytes},
    http::{Method, Request, header},
};
use serde_json::{Value, json};
use support_core::{
    desk::Desk,
    domain::profile::Profile,
    memory::{MemoryFiles, MemoryStore},
    ports::{files::Files, ids::CountingIds},
};

/// Its ids count: those that are drawn say nothing of the order within a millisecond.
fn desk() -> (Api, MemoryFiles) {
    let files = MemoryFiles::new();
    let desk = Desk::builder(MemoryStore::new())
        .profile(Profile::after_sales())
        .files(files.clone())
        .ids(CountingIds::default())
        .build()
        .unwrap();
    (Api::of(desk, settings()), files)
}

/// A form with these fields: name, name of the file where it is one, declared type, content.
fn form(fields: &[(&str, Option<&str>, &str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, kind, content) in fields {
        let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
        let head =
            format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\nContent-Type: {kind}\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--XX--\r\n");
    body
}

async fn send(api: &Api, who: Who, path: &str, body: Vec<u8>) -> Reply {
    let request = Request::builder()
        .method(Method::POST)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=XX")
        .header("idempotency-key", "again");
    api.send_as(who, request, path, Body::from(body)).await
}

async fn upload(api: &Api, who: Who, path: &str, name: &str, kind: &str, content: &[u8]) -> Reply {
    send(api, who, path, form(&[("file", Some(name), kind, content)])).await
}

async fn raw(api: &Api, url: &str) -> Reply {
    api.send(Request::get(url).body(Body::empty()).unwrap()).await
}

async fn kept(files: &MemoryFiles) -> usize {
    files.list("", None, 100).await.unwrap().len()
}

#[tokio::test]
async fn a_file_goes_up_and_comes_down() {
    let (api, _) = desk();
    let ticket = format!("/tickets/{}", api.ticket().await);
    let path = format!("{ticket}/attachments");
    let file = upload(&api, ADA, &path, "Maß 1.txt", "text/plain", b"12 cm").await.expect(201);
    assert_eq!(
        (&file["fileName"], &file["mimeType"], &file["fileSize"]),
        (&json!("Maß 1.txt"), &json!("text/plain"), &json!(5))
    );
    let one = format!("{path}/{}", file["id"].as_str().unwrap());
    for who in [ADA, GRACE] {
        assert_eq!(api.get(who, &one).await.expect(200), file);
        assert_eq!(api.get(who, &path).await.expect(200), json!({ "attachments": [file] }));
    }
    for path in [path.clone(), one.clone(), format!("{one}/download"), format!("{path}/message/{}", uuid::Uuid::nil())]
    {
        api.get(EVE, &path).await.problem(404, "not-found");
        api.get(Who::Guest, &path).await.problem(401, "unauthenticated");
    }
    let link = api.get(ADA, &format!("{one}/download")).await;
    assert_eq!(link.status, 302);
    let url = link.headers[header::LOCATION].to_str().unwrap().to_owned();
    assert_eq!(link.json()["url"], json!(url));
    let fetched = raw(&api, &url).await;
    assert_eq!((fetched.status.as_u16(), &fetched.bytes[..]), (200, &b"12 cm"[..]));
    for (name, value) in [
        (header::CONTENT_DISPOSITION, "attachment; filename=\"Ma_ 1.txt\"; filename*=UTF-8''Ma%C3%9F%201.txt"),
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_LENGTH, "5"),
    ] {
        assert_eq!(fetched.headers[&name], value, "{name}");
    }
    for wrong in [
        url.replace("signature=", "signature=A"),
        url.replace("expires=", "expires=9"),
        url.split('?').next().unwrap().to_owned(),
    ] {
        assert_eq!(raw(&api, &wrong).await.status, 404, "{wrong}");
    }
    api.call(GRACE, Method::DELETE, &one, Value::Null).await.problem(403, "forbidden");
    api.call(ADA, Method::DELETE, &one, Value::Null).await.expect(200);
    assert_eq!(raw(&api, &url).await.status, 404, "an address is of a file that is there");
}

#[tokio::test]
async fn what_is_refused_names_its_field_and_leaves_nothing() {
    let (api, files) = desk();
    let path = format!("/tickets/{}/attachments", api.ticket().await);
    for (name, kind, content) in [
        ("../a.txt", "text/plain", &b"text"[..]),
        ("a\u{200b}.txt", "text/plain", b"text"),
        ("a.exe", "application/octet-stream", b"MZ"),
        ("a.png", "image/png", b"MZ\x90\0 a program"),
        ("a.txt", "text/html", b"text"),
        ("a.txt", "text/plain", b"<script>alert(1)</script>"),
        ("a.txt", "text/plain", b""),
    ] {
        let problem = upload(&api, ADA, &path, name, kind, content).await.problem(422, "invalid");
        assert_eq!(problem["errors"][0]["field"], "file", "{name}: {problem}");
    }
    let large = vec![b'a'; 10 * 1_024 * 1_024 + 1];
    upload(&api, ADA, &path, "a.log", "text/plain", &large).await.problem(422, "invalid");
    send(&api, ADA, &path, b"no form at all".to_vec()).await.problem(400, "malformed");
    send(&api, ADA, &path, form(&[("word", None, "text/plain", b"only")])).await.problem(422, "invalid");
    let two = form(&[("a", Some("a.txt"), "text/plain", b"a"), ("b", Some("b.txt"), "text/plain", b"b")]);
    send(&api, ADA, &path, two).await.problem(422, "invalid");
    api.post(ADA, &path, json!({})).await.problem(415, "media-type");
    upload(&api, EVE, &path, "a.txt", "text/plain", b"text").await.problem(404, "not-found");
    upload(&api, Who::Guest, &path, "a.txt", "text/plain", b"text").await.problem(401, "unauthenticated");
    // A file that is public already cannot be made internal by what comes behind it.
    let late = form(&[("file", Some("a.txt"), "text/plain", b"a"), ("isInternal", None, "text/plain", b"true")]);
    let problem = send(&api, GRACE, &path, late).await.problem(422, "invalid");
    assert_eq!(problem["errors"][0]["field"], "isInternal");
    assert_eq!(kept(&files).await, 0);
}

#[tokio::test]
async fn several_go_up_at_once_and_with_their_message() {
    let (api, _) = desk();
    let ticket = format!("/tickets/{}", api.ticket().await);
    let said = api.post(ADA, &format!("{ticket}/messages"), json!({ "content": "See" })).await.expect(201);
    let message = said["id"].as_str().unwrap().to_owned();
    let several = format!("{ticket}/attachments/multiple");
    let body = form(&[
        ("messageId", None, "text/plain", message.as_bytes()),
        ("files", Some("a.txt"), "text/plain", b"a"),
        ("files", Some("b.csv"), "text/csv", b"a;b"),
    ]);
    let files = send(&api, ADA, &several, body).await.expect(201);
    assert_eq!(files["attachments"].as_array().unwrap().len(), 2);
    let of_message = api.get(GRACE, &format!("{ticket}/attachments/message/{message}")).await.expect(200);
    assert_eq!(of_message, files);
    let foreign =
        form(&[("messageId", None, "text/plain", message.as_bytes()), ("f", Some("c.txt"), "text/plain", b"a")]);
    let problem = send(&api, GRACE, &several, foreign).await.problem(422, "invalid");
    assert_eq!(problem["errors"][0]["field"], "messageId");
    let many: Vec<(&str, Option<&str>, &str, &[u8])> =
        (0..11).map(|_| ("f", Some("d.txt"), "text/plain", &b"d"[..])).collect();
    send(&api, ADA, &several, form(&many)).await.problem(422, "invalid");
}

#[tokio::test]
async fn an_upload_is_named_in_what_is_written() {
    let (api, _) = desk();
    let file = upload(&api, ADA, "/attachments", "a.txt", "text/plain", b"text").await.expect(201);
    assert_eq!(file["ticketId"], Value::Null);
    let id = file["id"].as_str().unwrap();
    let download = format!("/attachments/{id}/download");
    api.get(EVE, &download).await.problem(404, "not-found");
    assert_eq!(api.get(ADA, &download).await.status, 302);
    let body =
        json!({ "subject": "Broken", "description": "See the file", "attachments": [id, "https://example.org/a"] });
    api.post(EVE, "/tickets", body.clone()).await.problem(422, "invalid");
    let ticket = api.post(ADA, "/tickets", body).await.expect(201);
    assert_eq!(ticket["messages"][0]["attachments"], json!(["https://example.org/a", id]));
    let listed = api.get(GRACE, &format!("/tickets/{}/attachments", ticket["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(listed["attachments"][0]["id"], id);
}

/// A body that comes in pieces, as from a connection that is always ready.
fn in_pieces(bytes: &[u8]) -> Body {
    let pieces: Vec<Result<Bytes, std::io::Error>> =
        bytes.chunks(16 * 1024).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    Body::from_stream(futures_util::stream::iter(pieces))
}

#[tokio::test]
async fn a_large_file_comes_in_pieces_and_a_head_without_an_end_does_not() {
    let api = Api::new(Profile::after_sales());
    let list = format!("/tickets/{}/attachments", api.ticket().await);
    let kind = || Request::builder().method(Method::POST).header("content-type", "multipart/form-data; boundary=b");
    let large = vec![b'a'; 9 * 1024 * 1024];
    let mut form = b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.log\"\r\n\r\n".to_vec();
    form.extend_from_slice(&large);
    form.extend_from_slice(b"\r\n--b--\r\n");
    let file = api.send_as(ADA, kind(), &list, in_pieces(&form)).await.expect(201);
    assert_eq!(file["fileSize"], 9 * 1024 * 1024);
    let mut endless = b"--b\r\nContent-Disposition: form-data; x=\"".to_vec();
    endless.extend_from_slice(&large);
    api.send_as(ADA, kind(), &list, in_pieces(&endless)).await.problem(400, "malformed");
}
