//! Files: how they come in, who may have them, and how they go out.

use crate::harness::{ADA, Api, EVE, GRACE, LINUS, Reply, Who, fields};
use axum::{
    body::{Body, Bytes},
    http::{Method, Request, header},
};
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use support_core::domain::profile::Profile;

pub(crate) const ROUTES: [(&str, &str); 12] = [
    ("GET", "/tickets/{ticket}/attachments"),
    ("POST", "/tickets/{ticket}/attachments"),
    ("POST", "/tickets/{ticket}/attachments/multiple"),
    ("GET", "/tickets/{ticket}/attachments/message/{message}"),
    ("GET", "/tickets/{ticket}/attachments/{attachment}"),
    ("DELETE", "/tickets/{ticket}/attachments/{attachment}"),
    ("GET", "/tickets/{ticket}/attachments/{attachment}/download"),
    ("GET", "/tickets/{ticket}/attachments/{attachment}/link"),
    ("POST", "/attachments"),
    ("GET", "/attachments/{attachment}"),
    ("GET", "/attachments/{attachment}/download"),
    ("GET", "/attachments/{attachment}/link"),
];

const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89";

/// A form: each part is its headers and its bytes.
fn form(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut form = Vec::new();
    for (head, bytes) in parts {
        form.extend_from_slice(format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes());
        form.extend_from_slice(bytes);
        form.extend_from_slice(b"\r\n");
    }
    form.extend_from_slice(b"--b--\r\n");
    form
}

async fn send(api: &Api, who: Who, path: &str, body: Body) -> Reply {
    let mut request = Request::post(path).header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
    if let Some(token) = who.token() {
        request = request.header(header::AUTHORIZATION, token);
    }
    api.send(request.body(body).unwrap()).await
}

async fn upload(api: &Api, who: Who, path: &str, parts: &[(&str, &[u8])]) -> Reply {
    send(api, who, path, Body::from(form(parts))).await
}

const NOTES: (&str, &[u8]) = ("name=\"file\"; filename=\"notes.txt\"", b"Hello\n");

fn api() -> Api {
    Api::new(Profile::after_sales())
}

#[tokio::test]
async fn a_file_from_its_upload_to_its_end() {
    let api = api();
    let list = format!("/tickets/{}/attachments", api.ticket().await);
    let reply = upload(&api, ADA, &list, &[NOTES]).await;
    let location = reply.headers["location"].to_str().unwrap().to_owned();
    let file = reply.expect(201);
    assert_json_snapshot!("a_file", file);
    assert_eq!(location, format!("{list}/{}", file["id"].as_str().unwrap()));
    assert_eq!(api.get(ADA, &list).await.expect(200), json!({ "attachments": [file] }));
    assert_eq!(api.get(ADA, &location).await.expect(200), file);
    for path in [location.clone(), format!("/attachments/{}", file["id"].as_str().unwrap())] {
        let reply = api.get(ADA, &format!("{path}/download")).await;
        assert_eq!((reply.status.as_u16(), &reply.bytes[..]), (200, &b"Hello\n"[..]));
        for (name, value) in [
            ("content-type", "text/plain"),
            ("content-length", "6"),
            ("content-disposition", "attachment; filename=\"notes.txt\"; filename*=UTF-8''notes.txt"),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "sandbox; default-src 'none'"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(reply.headers[name], value);
        }
    }
    // Sent again, it is there once.
    assert_eq!(upload(&api, ADA, &list, &[NOTES]).await.expect(201), file);
    assert_eq!(api.call(ADA, Method::DELETE, &location, Value::Null).await.status, 204);
    api.get(ADA, &format!("{location}/download")).await.problem(404, "not-found");
}

#[tokio::test]
async fn an_address_that_is_given_out_works_for_five_minutes() {
    let api = api();
    let list = format!("/tickets/{}/attachments", api.ticket().await);
    let file = upload(&api, ADA, &list, &[NOTES]).await.expect(201);
    let id = file["id"].as_str().unwrap();
    for path in [format!("{list}/{id}/link"), format!("/attachments/{id}/link")] {
        let link = api.get(ADA, &path).await.expect(200);
        let url = link["url"].as_str().unwrap();
        assert!(url.starts_with(&format!("/files/{id}?until=")), "{url}");
        let reply = api.get(Who::Guest, url).await;
        assert_eq!((reply.status.as_u16(), &reply.bytes[..]), (200, &b"Hello\n"[..]));
        // Whatever is changed about it makes it lead nowhere.
        let other = url.replace(id, &uuid::Uuid::nil().to_string());
        let (longer, _) = url.split_once("&signature").unwrap();
        let (_, signature) = url.split_once("&signature").unwrap();
        for wrong in
            [other, format!("{longer}9&signature{signature}"), format!("{longer}&signature=x"), format!("{url}A")]
        {
            api.get(Who::Guest, &wrong).await.problem(404, "not-found");
        }
        api.get(Who::Guest, longer).await.problem(400, "parameters");
    }
    let url = api.get(ADA, &format!("/attachments/{id}/link")).await.expect(200)["url"].as_str().unwrap().to_owned();
    api.clock.advance(chrono::TimeDelta::minutes(5));
    api.get(Who::Guest, &url).await.problem(404, "not-found");
}

#[tokio::test]
async fn a_file_is_for_those_who_may_read_its_ticket() {
    let api = api();
    let ticket = format!("/tickets/{}", api.ticket().await);
    api.post(GRACE, &format!("{ticket}/claim"), Value::Null).await.expect(200);
    let list = format!("{ticket}/attachments");
    let internal = [("name=\"is_internal\"", &b"true"[..]), NOTES];
    let note = upload(&api, GRACE, &list, &internal).await.expect(201);
    assert_eq!(note["isInternal"], true);
    let open = upload(&api, ADA, &list, &[("name=\"file\"; filename=\"a.png\"", PNG)]).await.expect(201);
    let id = |file: &Value| file["id"].as_str().unwrap().to_owned();
    for tail in ["", "/download", "/link"] {
        for (file, who, status) in [
            (&open, ADA, 200),
            (&open, GRACE, 200),
            (&open, EVE, 404),
            (&open, LINUS, 404),
            (&note, GRACE, 200),
            (&note, ADA, 404),
            (&note, EVE, 404),
        ] {
            for path in [format!("{list}/{}{tail}", id(file)), format!("/attachments/{}{tail}", id(file))] {
                assert_eq!(api.get(who, &path).await.status, status, "{who:?} {path}");
            }
        }
        let missing = format!("{list}/{}{tail}", uuid::Uuid::nil());
        let foreign = api.get(ADA, &format!("{list}/{}{tail}", id(&note))).await;
        assert_eq!(foreign.visible(), api.get(ADA, &missing).await.visible());
        assert_eq!(api.get(Who::Guest, &format!("{list}/{}{tail}", id(&open))).await.status, 401);
    }
    assert_eq!(api.get(ADA, &list).await.expect(200)["attachments"].as_array().unwrap().len(), 1);
    assert_eq!(api.get(GRACE, &list).await.expect(200)["attachments"].as_array().unwrap().len(), 2);
    for (who, status) in [(Who::Guest, 401), (EVE, 404), (LINUS, 404)] {
        assert_eq!(upload(&api, who, &list, &[NOTES]).await.status, status, "{who:?}");
        let one = format!("{list}/{}", id(&open));
        assert_eq!(api.call(who, Method::DELETE, &one, Value::Null).await.status, status, "{who:?}");
    }
    assert_eq!(api.call(GRACE, Method::DELETE, &format!("{list}/{}", id(&open)), Value::Null).await.status, 403);
}

#[tokio::test]
async fn several_files_come_at_once_and_with_a_message() {
    let api = api();
    let ticket = format!("/tickets/{}", api.ticket().await);
    let message = api.post(ADA, &format!("{ticket}/messages"), json!({ "content": "See here" })).await.expect(201);
    let message = message["id"].as_str().unwrap();
    let parts = [("name=\"messageId\"", message.as_bytes()), NOTES, ("name=\"files[]\"; filename=\"a.png\"", PNG)];
    let files = upload(&api, ADA, &format!("{ticket}/attachments/multiple"), &parts).await.expect(201);
    assert_eq!(files["attachments"].as_array().unwrap().len(), 2);
    let of_message = api.get(GRACE, &format!("{ticket}/attachments/message/{message}")).await.expect(200);
    let names: Vec<&Value> =
        of_message["attachments"].as_array().unwrap().iter().map(|file| &file["fileName"]).collect();
    assert_eq!(names, ["notes.txt", "a.png"]);
    // One that was uploaded first is named by its id.
    let staged = upload(&api, ADA, "/attachments", &[("name=\"file\"; filename=\"b.png\"", PNG)]).await.expect(201);
    assert_eq!(staged["ticketId"], Value::Null);
    let id = staged["id"].as_str().unwrap();
    api.get(GRACE, &format!("/attachments/{id}")).await.problem(404, "not-found");
    let naming = json!({ "content": "And this", "attachments": [id] });
    let eve = api.post(EVE, "/tickets", json!({ "subject": "s", "description": "d", "attachments": [id] })).await;
    assert_eq!(fields(&eve.problem(422, "invalid")), ["attachments.0"]);
    api.post(ADA, &format!("{ticket}/messages"), naming).await.expect(201);
    api.get(GRACE, &format!("/attachments/{id}")).await.expect(200);
}

#[tokio::test]
async fn what_is_wrong_with_an_upload_is_named() {
    let api = api();
    let list = format!("/tickets/{}/attachments", api.ticket().await);
    let large = vec![b'a'; 10 * 1024 * 1024 + 1];
    let long = vec![b'1'; 1_000];
    let file = |name: &'static str| (name, &b"x"[..]);
    for (parts, wrong) in [
        (vec![], "file"),
        (vec![("name=\"file\"", &b"x"[..])], "file"),
        (vec![file("name=\"file\"; filename=\"a.exe\"")], "file"),
        (vec![file("name=\"doc\"; filename=\"a.png\"")], "doc"),
        (vec![("name=\"file\"; filename=\"a.txt\"", &b""[..])], "file"),
        (vec![("name=\"file\"; filename=\"a.txt\"", &large[..])], "file"),
        (vec![NOTES, ("name=\"more\"; filename=\"b.txt\"", &b"x"[..])], "more"),
        (vec![("name=\"is_internal\"", &b"maybe"[..]), NOTES], "is_internal"),
        (vec![("name=\"messageId\"", &long[..]), NOTES], "messageId"),
        (vec![("name=\"messageId\"", &b"00000000-0000-0000-0000-000000000000"[..]), NOTES], ""),
    ] {
        let reply = upload(&api, ADA, &list, &parts).await;
        if wrong.is_empty() {
            reply.problem(404, "not-found");
        } else {
            assert_eq!(fields(&reply.problem(422, "invalid")), [wrong]);
        }
    }
    let cut = form(&[NOTES]);
    send(&api, ADA, &list, Body::from(cut[..cut.len() - 12].to_vec())).await.problem(400, "malformed");
    api.post(ADA, &list, json!({})).await.problem(415, "media-type");
    assert_eq!(api.get(ADA, &list).await.expect(200)["attachments"].as_array().unwrap().len(), 1);
}

/// A body that comes in pieces, as from a connection that is always ready.
fn in_pieces(bytes: &[u8]) -> Body {
    let pieces: Vec<Result<Bytes, std::io::Error>> =
        bytes.chunks(16 * 1024).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    Body::from_stream(futures_util::stream::iter(pieces))
}

#[tokio::test]
async fn a_large_file_comes_in_pieces_and_a_head_without_an_end_does_not() {
    let api = api();
    let list = format!("/tickets/{}/attachments", api.ticket().await);
    let large = vec![b'a'; 9 * 1024 * 1024];
    let parts = form(&[("name=\"file\"; filename=\"a.log\"", &large[..])]);
    let file = send(&api, ADA, &list, in_pieces(&parts)).await.expect(201);
    assert_eq!(file["fileSize"], 9 * 1024 * 1024);
    let reply = api.get(ADA, &format!("{list}/{}/download", file["id"].as_str().unwrap())).await;
    assert_eq!(reply.bytes.len(), 9 * 1024 * 1024);
    let mut endless = b"--b\r\nContent-Disposition: form-data; x=\"".to_vec();
    endless.extend_from_slice(&large);
    send(&api, ADA, &list, in_pieces(&endless)).await.problem(400, "malformed");
}

#[tokio::test]
async fn photos_of_a_published_review_are_for_everybody() {
    let api = Api::new(Profile::after_sales());
    let photo = upload(&api, ADA, "/attachments", &[("name=\"file\"; filename=\"a.png\"", PNG)]).await.expect(201);
    let id = photo["id"].as_str().unwrap();
    let mut review = crate::reviews::written();
    review["photos"] = json!([id]);
    let review = api.post(ADA, "/reviews", review).await.expect(201);
    let path = format!("/attachments/{id}/download");
    assert_eq!(api.get(Who::Guest, &path).await.status, 404);
    api.post(GRACE, &format!("/reviews/{}/approve", review["id"].as_str().unwrap()), Value::Null).await.expect(200);
    assert_eq!(api.get(Who::Guest, &path).await.bytes, PNG);
}
