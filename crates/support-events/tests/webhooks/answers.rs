use super::{
    call,
    receiver::{Answer, Receiver},
    to_this_machine,
};
use std::time::Duration;
use support_core::ports::webhooks::{WebhookAnswer, WebhookCallError, WebhookCaller};
use tokio::time::Instant;

#[tokio::test]
async fn what_is_posted_arrives_as_it_is() {
    let receiver = Receiver::start(Answer::status("204 No Content")).await;
    let answer = to_this_machine().build().expect("a caller").call(&call(receiver.url())).await.expect("an answer");
    assert_eq!(answer, WebhookAnswer { status: 204, retry_after: None });
    let [request] = &receiver.requests()[..] else { panic!("one request") };
    assert!(request.starts_with("POST /hooks HTTP/1.1\r\n"), "{request}");
    assert!(request.ends_with("\r\n\r\n{\"type\":\"ticket.created\"}"), "{request}");
    for header in ["content-type: application/json", "webhook-id: msg_1", "user-agent: support-desk/"] {
        assert!(request.contains(&format!("\r\n{header}")), "{header}: {request}");
    }
    assert!(!request.contains("accept-encoding"), "nothing may come packed: {request}");
}

#[tokio::test]
async fn any_status_is_an_answer() {
    for status in [200, 302, 400, 410, 429, 500, 503] {
        let receiver = Receiver::start(Answer::status(&format!("{status} Whatever"))).await;
        let answer = to_this_machine().build().expect("a caller").call(&call(receiver.url())).await;
        assert_eq!(answer.expect("an answer").status, status);
    }
}

#[tokio::test]
async fn who_wants_to_be_left_alone_says_for_how_long() {
    for (header, pause) in [
        ("retry-after: 120", Some(Duration::from_mins(2))),
        ("Retry-After:  7 ", Some(Duration::from_secs(7))),
        ("retry-after: 18446744073709551615", Some(Duration::from_hours(24))),
        ("retry-after: 99999999999999999999", None),
        ("retry-after: -1", None),
        ("retry-after: Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("x-nothing: 1", None),
    ] {
        let text = format!("HTTP/1.1 503 Busy\r\n{header}\r\ncontent-length: 0\r\n\r\n");
        let receiver = Receiver::start(Answer::Bytes(text.into_bytes())).await;
        let answer = to_this_machine().build().expect("a caller").call(&call(receiver.url())).await;
        assert_eq!(answer.expect("an answer").retry_after, pause, "{header}");
    }
}

#[tokio::test]
async fn who_says_nothing_is_not_waited_for() {
    let receiver = Receiver::start(Answer::Silence).await;
    let mut call = call(receiver.url());
    call.timeout = Duration::from_millis(300);
    let begun = Instant::now();
    let answer = to_this_machine().build().expect("a caller").call(&call).await;
    assert_eq!(answer, Err(WebhookCallError::TimedOut));
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn an_answer_without_an_end_is_left() {
    let receiver = Receiver::start(Answer::Endless(vec![b'a'; 1_000])).await;
    let answer = to_this_machine().build().expect("a caller").call(&call(receiver.url())).await;
    assert_eq!(answer.expect("the status came").status, 200);
    // What the sockets of both sides hold counts as taken.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let taken = receiver.sent();
    assert!(taken < 16 << 20, "{taken}");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(receiver.sent(), taken, "nobody takes any more");
}

#[tokio::test]
async fn a_body_that_never_comes_takes_nothing_from_the_answer() {
    let text = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nok".to_vec();
    let receiver = Receiver::start(Answer::Bytes(text)).await;
    let mut call = call(receiver.url());
    call.timeout = Duration::from_secs(5);
    let begun = Instant::now();
    let answer = to_this_machine().build().expect("a caller").call(&call).await;
    assert_eq!(answer.expect("the status came").status, 200);
    assert!(begun.elapsed() < Duration::from_secs(4));
}

#[tokio::test]
async fn a_connection_is_used_again_after_a_short_answer() {
    let receiver = Receiver::start(Answer::status("200 OK")).await;
    let caller = to_this_machine().build().expect("a caller");
    for _ in 0..5 {
        caller.call(&call(receiver.url())).await.expect("an answer");
    }
    assert_eq!((receiver.connections(), receiver.requests().len()), (1, 5));
}

#[tokio::test]
async fn what_goes_wrong_names_no_address() {
    let nobody = Receiver::start(Answer::Nothing).await;
    let gone = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("some port is free");
        listener.local_addr().expect("it has one").port()
    };
    let junk = Receiver::start(Answer::Bytes(b"220 mail.internal ESMTP\r\n".to_vec())).await;
    let urls = [nobody.url(), format!("http://127.0.0.1:{gone}/"), junk.url(), junk.url().replace("http:", "https:")];
    let caller = to_this_machine().build().expect("a caller");
    for url in urls {
        let failed = caller.call(&call(&url)).await.expect_err("nobody answers as a receiver does");
        assert!(matches!(failed, WebhookCallError::Unreachable(_)), "{url}: {failed:?}");
        for secret in ["127.0.0.1", "internal", &gone.to_string(), "os error"] {
            assert!(!failed.to_string().contains(secret), "{failed}");
        }
    }
}

#[tokio::test]
async fn a_header_that_is_none_is_not_sent() {
    let receiver = Receiver::start(Answer::status("200 OK")).await;
    let mut call = call(receiver.url());
    call.headers.push(("webhook-signature", "v1,a\r\nhost: internal".to_owned()));
    let refused = to_this_machine().build().expect("a caller").call(&call).await;
    assert!(matches!(refused, Err(WebhookCallError::Forbidden(_))), "{refused:?}");
    assert_eq!(receiver.connections(), 0);
}
