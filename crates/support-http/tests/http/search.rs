//! Finding tickets by what was said on them.

use crate::harness::{ADA, Api, EVE, GRACE, Who, fields};
use insta::assert_json_snapshot;
use serde_json::json;
use support_core::domain::profile::Profile;

#[tokio::test]
async fn tickets_are_found_by_those_who_may_see_them() {
    let (api, desk) = Api::with_desk(Profile::bookings());
    let ticket = api.ticket().await;
    let messages = format!("/tickets/{ticket}/messages");
    api.post(ADA, &messages, json!({ "message": "The parcel had a giraffe on it" })).await.expect(201);
    api.post(GRACE, &messages, json!({ "message": "The customer is a zebra", "isInternal": true })).await.expect(201);
    desk.search().keep_in_step().await.unwrap();
    let found = api.get(ADA, "/tickets/search?q=giraffe").await.expect(200);
    assert_eq!(found["tickets"][0]["id"], json!(ticket));
    assert_json_snapshot!(
        "facets_of_what_was_found",
        json!([found["facets"], found["pagination"], found["tickets"][0]["snippet"]])
    );
    for (who, word, total) in [(EVE, "giraffe", 0), (GRACE, "giraffe", 1), (ADA, "zebra", 0), (GRACE, "zebra", 1)] {
        let reply = api.get(who, &format!("/tickets/search?q={word}&match=all")).await;
        assert!(who == GRACE || !String::from_utf8_lossy(&reply.bytes).contains("zebra"));
        assert_eq!(reply.expect(200)["pagination"]["total"], total, "{who:?} {word}");
    }
    assert_eq!(api.get(GRACE, "/tickets/search?q=giraffe&status=closed").await.expect(200)["pagination"]["total"], 0);
    api.get(Who::Guest, "/tickets/search?q=x").await.problem(401, "unauthenticated");
    let problem = api.get(ADA, "/tickets/search?match=some&x=1").await.problem(400, "parameters");
    assert_eq!(fields(&problem), ["q", "match", "x"]);
}
