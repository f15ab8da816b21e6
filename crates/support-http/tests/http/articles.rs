//! Help articles: who keeps them, who reads them, what they look like, and how long an answer is given again.

use crate::harness::{ADA, Api, EVE, GRACE, Reply, Who, fields, settings};
use crate::stores::Shared;
use axum::http::Method;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use std::time::Duration;
use support_core::domain::profile::Profile;
use support_http::{ArticleCache, Settings};

/// Method and path of every route below `/articles`.
pub(crate) const ROUTES: [(&str, &str); 13] = [
    ("GET", "/articles"),
    ("POST", "/articles"),
    ("GET", "/articles/{article}"),
    ("PATCH", "/articles/{article}"),
    ("PUT", "/articles/{article}"),
    ("DELETE", "/articles/{article}"),
    ("POST", "/articles/{article}/feedback"),
    ("POST", "/articles/{article}/publish"),
    ("POST", "/articles/{article}/unpublish"),
    ("POST", "/articles/{article}/rollback"),
    ("GET", "/articles/{article}/revisions"),
    ("PUT", "/articles/{article}/translations/{language}"),
    ("DELETE", "/articles/{article}/translations/{language}"),
];

fn returns() -> Value {
    json!({
        "title": "How to return a car", "contentMarkdown": "# Returns\n\nWithin **14 days**. <script>alert(1)</script>",
        "category": "returns", "tags": ["money"],
    })
}

async fn written(api: &Api, body: Value) -> Value {
    api.post(Who::Admin, "/articles", body).await.expect(201)
}

async fn published(api: &Api, body: Value) -> String {
    let article = written(api, body).await;
    let id = article["id"].as_str().unwrap().to_owned();
    api.post(Who::Admin, &format!("/articles/{id}/publish"), Value::Null).await.expect(200);
    id
}

async fn get_with(api: &Api, who: Who, path: &str, headers: &[(&str, &str)]) -> Reply {
    api.call_with(who, Method::GET, path, Value::Null, headers).await
}

async fn delete(api: &Api, who: Who, path: &str) -> Reply {
    api.call(who, Method::DELETE, path, Value::Null).await
}

#[tokio::test]
async fn an_article_from_its_first_word_to_the_archive() {
    let api = Api::new(Profile::vehicle_retail());
    let reply = api.post(Who::Admin, "/help/articles", returns()).await;
    let location = reply.headers["location"].to_str().unwrap().to_owned();
    let article = reply.expect(201);
    assert_json_snapshot!("a_kept_article", article);
    let id = article["id"].as_str().unwrap();
    assert_eq!(location, format!("/api/v1/support/help/articles/{id}"));
    let path = format!("/articles/{id}");
    // A draft is read by staff, by id or slug; for everybody else there is none.
    assert_eq!(api.get(GRACE, &path).await.expect(200)["state"], "draft");
    api.get(GRACE, "/articles/how-to-return-a-car").await.expect(200);
    for who in [Who::Guest, ADA] {
        for name in [id, "how-to-return-a-car"] {
            let (hidden, missing) =
                (api.get(who, &format!("/articles/{name}")).await, api.get(who, "/articles/none").await);
            assert_eq!(hidden.bytes, missing.bytes);
            hidden.problem(404, "not-found");
        }
        assert_eq!(api.get(who, "/articles").await.expect(200)["articles"], json!([]));
    }
    let later = json!({ "publishAt": "2026-02-01" });
    let scheduled = api.post(Who::Admin, &format!("{path}/publish"), later).await.expect(200);
    assert_eq!(
        (&scheduled["state"], &scheduled["publishAt"]),
        (&json!("scheduled"), &json!("2026-02-01T00:00:00.000Z"))
    );
    api.get(Who::Guest, "/articles/how-to-return-a-car").await.problem(404, "not-found");
    api.post(Who::Admin, &format!("{path}/publish"), Value::Null).await.expect(200);
    assert_json_snapshot!("an_article", api.get(Who::Guest, "/help/articles/how-to-return-a-car").await.expect(200));
    assert_json_snapshot!(
        "a_list_of_articles",
        api.get(Who::Guest, "/help/articles?category=returns").await.expect(200)
    );
    let staff = api.get(GRACE, "/articles?state=all").await.expect(200);
    assert_eq!(staff["articles"][0]["state"], "published");
    assert_eq!(delete(&api, Who::Admin, &path).await.expect(200)["state"], "archived");
    api.get(Who::Guest, "/articles/how-to-return-a-car").await.problem(404, "not-found");
    assert_eq!(api.get(GRACE, "/articles?status=archived").await.expect(200)["pagination"]["total"], 1);
    let drafted = api.post(Who::Admin, &format!("{path}/unpublish"), Value::Null).await.expect(200);
    assert_eq!(drafted["state"], "draft");
}

#[tokio::test]
async fn articles_are_read_by_everybody_and_kept_by_admins() {
    let api = Api::new(Profile::bookings());
    let id = published(&api, returns()).await;
    let path = format!("/articles/{id}");
    let text = json!({ "title": "x", "content": "x" });
    for (method, path, body) in [
        (Method::POST, "/articles".to_owned(), returns()),
        (Method::PATCH, path.clone(), json!({ "category": "x" })),
        (Method::PUT, path.clone(), json!({ "category": "x" })),
        (Method::DELETE, path.clone(), Value::Null),
        (Method::POST, format!("{path}/publish"), Value::Null),
        (Method::POST, format!("{path}/unpublish"), Value::Null),
        (Method::POST, format!("{path}/rollback"), json!({ "number": 1, "language": "en" })),
        (Method::GET, format!("{path}/revisions"), Value::Null),
        (Method::PUT, format!("{path}/translations/de"), text),
        (Method::DELETE, format!("{path}/translations/de"), Value::Null),
    ] {
        for (who, status) in [(Who::Guest, 401), (ADA, 403), (GRACE, 403)] {
            let reply = api.call(who, method.clone(), &path, body.clone()).await;
            assert_eq!(reply.status, status, "{who:?} {method} {path}");
        }
    }
    for who in [Who::Guest, ADA, GRACE, Who::Admin] {
        api.get(who, "/articles").await.expect(200);
        api.get(who, &path).await.expect(200);
        api.post(who, &format!("{path}/feedback"), json!({ "helpful": true })).await.expect(200);
    }
    // What is for staff is not to be guessed by what is refused.
    for who in [Who::Guest, ADA] {
        let refused = api.get(who, "/articles?state=draft").await;
        assert_eq!(refused.status, if who == ADA { 403 } else { 401 });
    }
    let missing = format!("/articles/{}/publish", uuid::Uuid::nil());
    api.post(Who::Admin, &missing, Value::Null).await.problem(404, "not-found");
    api.post(Who::Admin, "/articles/x/publish", Value::Null).await.problem(404, "not-found");
}

#[tokio::test]
async fn every_wrong_field_of_an_article_is_named_as_it_was_written() {
    let api = Api::new(Profile::bookings());
    let id = published(&api, returns()).await;
    let path = format!("/articles/{id}");
    for (method, path, body, wrong) in [
        (Method::POST, "/articles", json!({}), "title content"),
        (
            Method::POST,
            "/articles",
            json!({ "title": 1, "content_markdown": 2, "slug": 3, "tags": "x", "related": ["x"], "language": [] }),
            "title content_markdown slug tags related.0 language",
        ),
        (
            Method::POST,
            "/articles",
            json!({ "title": " ", "markdown": "", "language": "english", "category": "\n", "tags": ["", "ok"] }),
            "title markdown language category tags.0",
        ),
        (
            Method::POST,
            "/articles",
            json!({ "title": "x", "content": "x", "is_published": true, "publishedAt": "x", "author": 1, "id": 1 }),
            "is_published publishedAt author id",
        ),
        (Method::POST, "/articles", json!({ "title": "x", "content": "x", "slug": "how-to-return-a-car" }), "slug"),
        (Method::PATCH, &path, json!({ "related": [id] }), "related"),
        (Method::POST, &format!("{path}/publish"), json!({ "at": "soon" }), "at"),
        (Method::POST, &format!("{path}/rollback"), json!({ "language": "x" }), "number language"),
        (Method::PUT, &format!("{path}/translations/de"), json!({ "title": "x", "language": "fr" }), "language"),
        (Method::PUT, &format!("{path}/translations/de"), json!({ "title": "x" }), "content"),
        (Method::POST, &format!("{path}/feedback"), json!({}), "helpful"),
        (Method::POST, &format!("{path}/feedback"), json!({ "is_helpful": "yes" }), "is_helpful"),
        (Method::POST, "/help/suggestions", json!({}), "text"),
        (Method::POST, "/help/suggestions", json!({ "message": 1, "language": "x" }), "message language"),
    ] {
        let problem = api.call(Who::Admin, method, path, body.clone()).await.problem(422, "invalid");
        let (mut named, mut wrong) = (fields(&problem), wrong.split(' ').collect::<Vec<_>>());
        named.sort_unstable();
        wrong.sort_unstable();
        assert_eq!(named, wrong, "{body}");
    }
    for (query, wrong) in
        [("q=%20", "q"), ("state=secret", "state"), ("language=x", "language"), ("limit=x&page=0", "limit page")]
    {
        let problem = api.get(GRACE, &format!("/articles?{query}&x=1")).await.problem(400, "parameters");
        assert_eq!(fields(&problem).join(" "), format!("{wrong} x"), "{query}");
    }
    let problem = api.get(GRACE, &format!("{path}?format=pdf")).await.problem(400, "parameters");
    assert_eq!(fields(&problem), ["format"]);
}

#[tokio::test]
async fn an_article_is_read_in_the_language_that_suits_best() {
    let api = Api::new(Profile::bookings());
    let path = format!("/articles/{}", published(&api, returns()).await);
    let german = json!({ "title": "Ein Auto zurückgeben", "content": "Binnen **14 Tagen**." });
    let translated = api.put(Who::Admin, &format!("{path}/translations/de"), german).await.expect(200);
    assert_eq!(translated["languages"][0]["slug"], "ein-auto-zurueckgeben");
    let read = async |name: &str, accepted: &str| {
        let reply = get_with(&api, Who::Guest, &format!("/articles/{name}"), &[("accept-language", accepted)]).await;
        assert_eq!(reply.headers["vary"], "Authorization, Accept-Language");
        let language = reply.headers["content-language"].to_str().unwrap().to_owned();
        let article = reply.expect(200);
        assert_eq!(article["language"], language.as_str());
        (language, article["title"].as_str().unwrap().to_owned())
    };
    let german = ("de".to_owned(), "Ein Auto zurückgeben".to_owned());
    let english = ("en".to_owned(), "How to return a car".to_owned());
    for _ in 0..2 {
        assert_eq!(read("how-to-return-a-car", "fr, de-CH;q=0.9, en;q=0.8").await, german);
        assert_eq!(read("how-to-return-a-car", "fr").await, english);
        assert_eq!(read("ein-auto-zurueckgeben", "fr").await, german);
        assert_eq!(read("ein-auto-zurueckgeben?language=en", "de").await, english);
    }
    let list = get_with(&api, Who::Guest, "/articles", &[("accept-language", "de")]).await.expect(200);
    assert_eq!(list["articles"][0]["slug"], "ein-auto-zurueckgeben");
    // The original goes on, and the translation is behind.
    api.patch(Who::Admin, &path, json!({ "content": "Within 30 days." })).await.expect(200);
    let behind = api.get(ADA, "/articles/ein-auto-zurueckgeben").await.expect(200);
    assert_eq!((&behind["stale"], &behind["languages"][0]["stale"]), (&json!(true), &json!(true)));
    delete(&api, Who::Admin, &format!("{path}/translations/de")).await.expect(200);
    let moved = api.get(ADA, "/articles/ein-auto-zurueckgeben").await;
    assert_eq!(
        (moved.status.as_u16(), &moved.headers["location"]),
        (308, &"/api/v1/support/articles/how-to-return-a-car".parse().unwrap())
    );
    delete(&api, Who::Admin, &format!("{path}/translations/en")).await.problem(409, "state");
}

#[tokio::test]
async fn an_old_slug_leads_to_the_new_one() {
    let api = Api::new(Profile::vehicle_retail());
    let path = format!("/articles/{}", published(&api, returns()).await);
    api.patch(Who::Admin, &path, json!({ "slug": "配送 returns" })).await.expect(200);
    for who in [Who::Guest, Who::Guest, ADA] {
        let reply = api.get(who, "/help/articles/how-to-return-a-car?language=en").await;
        assert_eq!(reply.status, 308);
        assert!(reply.bytes.is_empty());
        let location = reply.headers["location"].to_str().unwrap();
        assert_eq!(location, "/api/v1/support/help/articles/%E9%85%8D%E9%80%81-returns?language=en");
        let mount = "/api/v1/support";
        let there = api.get(who, location.strip_prefix(mount).unwrap()).await.expect(200);
        assert_eq!(there["slug"], "配送-returns");
    }
}

#[tokio::test]
async fn what_an_article_said_comes_back() {
    let api = Api::new(Profile::bookings());
    let path = format!("/articles/{}", published(&api, returns()).await);
    for text in ["Within 30 days.", "Never."] {
        api.patch(Who::Admin, &path, json!({ "markdown": text })).await.expect(200);
    }
    let list = api.get(Who::Admin, &format!("{path}/revisions?limit=2")).await;
    assert!(list.headers["link"].to_str().unwrap().contains("after=2>; rel=\"next\""));
    let list = list.expect(200);
    assert_json_snapshot!("revisions_of_an_article", list);
    let older = api.get(Who::Admin, &format!("{path}/revisions?before=2")).await.expect(200);
    assert_eq!((older["revisions"][0]["number"].clone(), older["hasMore"].clone()), (json!(1), json!(false)));
    api.post(Who::Admin, &format!("{path}/rollback"), json!({ "number": 2 })).await.expect(200);
    assert_eq!(api.get(Who::Guest, &path).await.expect(200)["content"], "Within 30 days.");
    let rollback =
        async |number: u32| api.post(Who::Admin, &format!("{path}/rollback"), json!({ "number": number })).await;
    rollback(9).await.problem(404, "not-found");
    rollback(4).await.problem(409, "state");
}

#[tokio::test]
async fn everybody_votes_once() {
    let api = Api::new(Profile::bookings());
    let path = format!("/articles/{}/feedback", published(&api, returns()).await);
    let vote = async |who: Who, helpful: bool| {
        let votes = api.post(who, &path, json!({ "helpful": helpful })).await.expect(200);
        (votes["helpful"].as_u64().unwrap(), votes["notHelpful"].as_u64().unwrap())
    };
    assert_eq!(vote(ADA, true).await, (1, 0));
    assert_eq!(vote(ADA, true).await, (1, 0));
    assert_eq!(vote(ADA, false).await, (0, 1));
    assert_eq!(vote(EVE, true).await, (1, 1));
    // Nobody knows where these come from, so all of them are one visitor.
    assert_eq!(vote(Who::Guest, true).await, (2, 1));
    assert_eq!(vote(Who::Guest, true).await, (2, 1));
    let draft = written(&api, json!({ "title": "x", "content": "x" })).await;
    let draft = format!("/articles/{}/feedback", draft["id"].as_str().unwrap());
    api.post(ADA, &draft, json!({ "helpful": true })).await.problem(404, "not-found");
}

#[tokio::test]
async fn visitors_are_told_apart_and_their_addresses_are_not_kept() {
    use axum::{body::Body, extract::ConnectInfo, http::Request};
    use support_core::{
        domain::document::DocumentKind,
        ports::documents::{DocumentQuery, DocumentStore as _},
    };

    let store = Shared::default();
    let api = Api::over(store.clone(), Profile::after_sales());
    let id = published(&api, returns()).await;
    for (address, helpful) in [("192.0.2.1:80", 1), ("192.0.2.1:81", 1), ("192.0.2.2:80", 2), ("[2001:db8::1]:1", 3)] {
        let mut request = Request::post(format!("/articles/{id}/feedback")).header("content-type", "application/json");
        request = request.extension(ConnectInfo(address.parse::<std::net::SocketAddr>().unwrap()));
        let votes = api.send(request.body(Body::from("{\"helpful\": true}")).unwrap()).await.expect(200);
        assert_eq!(votes["helpful"], helpful, "{address}");
    }
    let list = format!("article/{id}/helpful");
    let votes = store.0.documents(&DocumentQuery::rising(DocumentKind::Vote, list, 10)).await.unwrap().items;
    assert_eq!(votes.len(), 3);
    let kept = format!("{votes:?}");
    assert!(!kept.contains("192.0") && !kept.contains("2001:db8"), "{kept}");
}

#[tokio::test]
async fn guests_may_keep_what_everybody_may_read_and_nobody_else_anything() {
    let api = Api::new(Profile::bookings());
    let path = format!("/articles/{}", published(&api, returns()).await);
    for list in [path.as_str(), "/articles", "/help/articles/how-to-return-a-car"] {
        assert_eq!(api.get(Who::Guest, list).await.headers["cache-control"], "public, max-age=60", "{list}");
        for who in [ADA, GRACE, Who::Admin] {
            assert_eq!(api.get(who, list).await.headers["cache-control"], "no-store", "{who:?} {list}");
        }
    }
    assert_eq!(api.get(Who::Guest, "/articles/none").await.headers["cache-control"], "no-store");
    let reply = api.get(Who::Guest, &path).await;
    let tag = reply.headers["etag"].to_str().unwrap();
    for who in [Who::Guest, ADA] {
        let again = get_with(&api, who, &path, &[("if-none-match", tag)]).await;
        assert_eq!((again.status.as_u16(), again.bytes.len()), (304, 0), "{who:?}");
        assert_eq!(again.headers["etag"], tag);
    }
    // Staff see more, so theirs is another answer.
    assert_eq!(get_with(&api, GRACE, &path, &[("if-none-match", tag)]).await.status, 200);
    get_with(&api, Who::Guest, &path, &[("if-none-match", "x")]).await.problem(400, "headers");
}

#[tokio::test]
async fn an_answer_is_given_again_for_some_seconds_and_never_after_a_change_here() {
    let store = Shared::default();
    let here = Api::over(store.clone(), Profile::bookings());
    let there = Api::over(store.clone(), Profile::bookings());
    let path = format!("/articles/{}", published(&here, returns()).await);
    let title = async |api: &Api, who: Who| api.get(who, &path).await.json()["title"].clone();
    assert_eq!(title(&there, Who::Guest).await, "How to return a car");
    here.patch(Who::Admin, &path, json!({ "title": "Returns" })).await.expect(200);
    assert_eq!(title(&here, Who::Guest).await, "Returns");
    // Another server knows it from its guests' point of view when the seconds are over.
    assert_eq!(title(&there, ADA).await, "Returns");
    assert_eq!(title(&there, Who::Guest).await, "How to return a car");
    there.clock.advance(chrono::TimeDelta::seconds(10));
    assert_eq!(title(&there, Who::Guest).await, "Returns");
    delete(&here, Who::Admin, &path).await.expect(200);
    here.get(Who::Guest, &path).await.problem(404, "not-found");
    assert_eq!(title(&there, Who::Guest).await, "Returns");
    there.clock.advance(chrono::TimeDelta::seconds(10));
    there.get(Who::Guest, &path).await.problem(404, "not-found");
    // A vote is seen when the seconds are over.
    here.post(Who::Admin, &format!("{path}/publish"), Value::Null).await.expect(200);
    let helpful = async || here.get(Who::Guest, &path).await.json()["helpful"].clone();
    assert_eq!(helpful().await, 0);
    here.post(ADA, &format!("{path}/feedback"), json!({ "helpful": true })).await.expect(200);
    assert_eq!(helpful().await, 0);
    here.clock.advance(chrono::TimeDelta::seconds(10));
    assert_eq!(helpful().await, 1);
}

#[tokio::test]
async fn nothing_is_given_again_where_the_host_wants_none_of_it() {
    for articles in [
        ArticleCache { lasts: Duration::ZERO, ..ArticleCache::default() },
        ArticleCache { bytes: 0, ..ArticleCache::default() },
    ] {
        let store = Shared::default();
        let here = Api::over(store.clone(), Profile::bookings());
        let there = Api::with(store.clone(), Profile::bookings(), Settings { articles, ..settings() });
        let path = format!("/articles/{}", published(&here, returns()).await);
        there.get(Who::Guest, &path).await.expect(200);
        here.patch(Who::Admin, &path, json!({ "title": "Returns" })).await.expect(200);
        assert_eq!(there.get(Who::Guest, &path).await.expect(200)["title"], "Returns");
    }
}

#[tokio::test]
async fn articles_are_found_and_offered_by_what_they_say() {
    let (api, desk) = Api::with_desk(Profile::bookings());
    published(&api, returns()).await;
    published(&api, json!({ "title": "Opening hours", "content": "From nine to five." })).await;
    written(&api, json!({ "title": "Return policy of tomorrow", "content": "A secret" })).await;
    let ticket = json!({ "subject": "How do I return the car?", "description": "Return the car" });
    let ticket = api.post(ADA, "/tickets", ticket).await.expect(201);
    desk.search().keep_in_step().await.unwrap();
    let found = api.get(Who::Guest, "/articles?q=return").await.expect(200);
    assert_json_snapshot!("articles_that_were_found", found);
    let asked = json!({ "subject": "Return a car", "message": "How do I return it?" });
    for who in [Who::Guest, ADA] {
        let offered = api.post(who, "/help/suggestions", asked.clone()).await.expect(200);
        assert_eq!(offered["articles"].as_array().unwrap().len(), 1);
        assert_eq!(offered["articles"][0]["slug"], "how-to-return-a-car");
        assert!(offered["articles"][0]["confidence"].as_f64().unwrap() > 0.3);
    }
    let nothing = api.post(Who::Guest, "/help/suggestions", json!({ "text": "zebra" })).await.expect(200);
    assert_eq!(nothing["articles"], json!([]));
    let path = format!("/tickets/{}/suggested-articles", ticket["id"].as_str().unwrap());
    assert_eq!(api.get(GRACE, &path).await.expect(200)["articles"][0]["slug"], "how-to-return-a-car");
}

#[tokio::test]
async fn an_article_is_written_once_for_each_key() {
    let api = Api::new(Profile::bookings());
    let key = [("idempotency-key", "key")];
    let first = api.call_with(Who::Admin, Method::POST, "/articles", returns(), &key).await;
    let again = api.call_with(Who::Admin, Method::POST, "/articles", returns(), &key).await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!((first.bytes, &first.headers["location"]), (again.bytes, &again.headers["location"]));
}
