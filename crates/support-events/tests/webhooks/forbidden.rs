use super::{
    call,
    receiver::{Answer, Receiver},
    to_this_machine,
};
use async_trait::async_trait;
use std::{
    collections::VecDeque,
    io,
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, Mutex},
};
use support_core::ports::webhooks::{WebhookCallError, WebhookCaller};
use support_events::webhooks::{HttpCaller, Resolver};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Answers one set of addresses after another; the last again and again.
#[derive(Debug, Clone)]
struct Names(Arc<Mutex<VecDeque<Vec<IpAddr>>>>);

impl Names {
    fn answer(sets: impl IntoIterator<Item = Vec<IpAddr>>) -> Self {
        Self(Arc::new(Mutex::new(sets.into_iter().collect())))
    }
}

#[async_trait]
impl Resolver for Names {
    async fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        let mut sets = self.0.lock().expect("nobody panicked");
        let first = sets.pop_front().ok_or(io::ErrorKind::NotFound)?;
        if sets.is_empty() {
            sets.push_back(first.clone());
        }
        Ok(first)
    }
}

#[track_caller]
fn is_forbidden<T: std::fmt::Debug>(answer: &Result<T, WebhookCallError>) {
    let Err(WebhookCallError::Forbidden(why)) = answer else { panic!("{answer:?}") };
    assert_eq!(why, "it must lead to a public address");
}

#[tokio::test]
async fn a_name_is_looked_at_when_it_is_called() {
    let receiver = Receiver::start(Answer::status("200 OK")).await;
    let url = receiver.url_of("hooks.example.org");
    let known = to_this_machine().resolver(Names::answer([vec![HERE]])).build().expect("a caller");
    assert_eq!(known.call(&call(&url)).await.expect("an answer").status, 200);

    let closed = HttpCaller::builder().allow_http().resolver(Names::answer([vec![HERE]])).build().expect("a caller");
    assert_eq!(closed.check(&url), Ok(()), "nothing is wrong with the address itself");
    is_forbidden(&closed.call(&call(&url)).await);
    assert_eq!(receiver.connections(), 1);
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_later_is_refused_then() {
    let receiver = Receiver::start(Answer::Nothing).await;
    let inside: IpAddr = "10.0.0.1".parse().expect("an address");
    let names = Names::answer([vec![HERE], vec![inside]]);
    let caller = to_this_machine().resolver(names).build().expect("a caller");
    let url = receiver.url_of("rebinding.example.org");
    let first = caller.call(&call(&url)).await;
    assert!(matches!(first, Err(WebhookCallError::Unreachable(_))), "it was called: {first:?}");
    is_forbidden(&caller.call(&call(&url)).await);
    assert_eq!(receiver.connections(), 1);
}

#[tokio::test]
async fn a_name_that_leads_to_both_is_refused() {
    let receiver = Receiver::start(Answer::status("200 OK")).await;
    for other in ["127.0.0.2", "169.254.169.254", "10.0.0.1", "::ffff:10.0.0.1", "fd00::1", "64:ff9b::a00:1"] {
        let names = Names::answer([vec![HERE, other.parse().expect("an address")]]);
        let caller = to_this_machine().resolver(names).build().expect("a caller");
        is_forbidden(&caller.call(&call(receiver.url_of("both.example.org"))).await);
    }
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn a_name_that_leads_nowhere_is_not_known() {
    for names in [Names::answer([vec![]]), Names::answer([])] {
        let caller = to_this_machine().resolver(names).build().expect("a caller");
        let failed = caller.call(&call("http://nowhere.example.org:8080/")).await;
        assert_eq!(failed, Err(WebhookCallError::Unreachable("its name is not known".to_owned())));
    }
}

#[tokio::test]
async fn literal_addresses_go_the_same_way_without_a_resolver() {
    let receiver = Receiver::start(Answer::status("200 OK")).await;
    let caller = HttpCaller::builder().allow_http().build().expect("a caller");
    for host in ["127.0.0.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "[::1]", "0", "localhost"] {
        is_forbidden(&caller.call(&call(receiver.url_of(host))).await);
    }
    assert_eq!(receiver.connections(), 0);
    to_this_machine().build().expect("a caller").call(&call(receiver.url_of("0x7f.1"))).await.expect("it is allowed");
}

#[tokio::test]
async fn the_system_is_asked_where_no_resolver_is_given() {
    let receiver = Receiver::start(Answer::status("200 OK")).await;
    let caller = HttpCaller::builder().allow_http().allow_private().build().expect("a caller");
    caller.call(&call(receiver.url_of("localhost"))).await.expect("an answer");
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let inside = Receiver::start(Answer::status("200 OK")).await;
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        let text = format!("HTTP/1.1 {status}\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n", inside.url());
        let receiver = Receiver::start(Answer::Bytes(text.into_bytes())).await;
        let answer = to_this_machine().build().expect("a caller").call(&call(receiver.url())).await;
        assert_eq!(answer.expect("an answer").status.to_string(), status[..3]);
    }
    assert_eq!(inside.connections(), 0);
}

#[tokio::test]
async fn a_connection_is_used_for_the_name_it_was_made_for() {
    let receiver = Receiver::start(Answer::status("200 OK")).await;
    let caller = to_this_machine().resolver(Names::answer([vec![HERE]])).build().expect("a caller");
    for host in ["a.example.org", "b.example.org", "a.example.org", "b.example.org"] {
        caller.call(&call(receiver.url_of(host))).await.expect("an answer");
    }
    assert_eq!((receiver.connections(), receiver.requests().len()), (2, 4));
}

#[tokio::test]
async fn plain_http_is_for_those_who_allow_it() {
    let receiver = Receiver::start(Answer::status("200 OK")).await;
    let caller = HttpCaller::builder().allow_private().build().expect("a caller");
    let refused = caller.call(&call(receiver.url())).await;
    assert_eq!(refused, Err(WebhookCallError::Forbidden("it must begin with https://".to_owned())));
    assert_eq!(receiver.connections(), 0);
}
