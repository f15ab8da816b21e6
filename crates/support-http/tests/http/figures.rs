//! Dashboards and reports, in the shapes of the documents.

use crate::harness::{ADA, Api, GRACE, LINUS, Who, fields};
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use support_core::domain::profile::Profile;

/// Two tickets: one answered, solved and rated by an agent, one that waits since the next day.
async fn desk(profile: Profile) -> Api {
    let api = Api::new(profile);
    let first = api.ticket().await;
    api.post(GRACE, &format!("/tickets/{first}/claim"), Value::Null).await.expect(200);
    api.clock.advance(chrono::TimeDelta::minutes(10));
    api.post(GRACE, &format!("/tickets/{first}/messages"), json!({ "message": "On it" })).await.expect(201);
    api.clock.advance(chrono::TimeDelta::minutes(50));
    api.post(GRACE, &format!("/tickets/{first}/resolve"), json!({ "resolution": "Done" })).await.expect(200);
    api.post(ADA, &format!("/tickets/{first}/rate"), json!({ "rating": 4 })).await.expect(200);
    api.clock.advance(chrono::TimeDelta::days(1));
    api.ticket().await;
    api
}

#[tokio::test]
async fn the_dashboard_of_an_agent() {
    let api = desk(Profile::bookings()).await;
    let board = api.get(GRACE, "/dashboard").await.expect(200);
    assert_json_snapshot!(board);
    assert_eq!(api.get(GRACE, "/agent/dashboard").await.expect(200), board);
    api.get(ADA, "/dashboard").await.problem(403, "forbidden");
    api.get(ADA, "/agent/dashboard").await.problem(403, "forbidden");
    api.get(Who::Guest, "/dashboard").await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn the_statistics_of_the_desk() {
    let api = desk(Profile::bookings()).await;
    assert_json_snapshot!(api.get(Who::Admin, "/stats").await.expect(200));
}

#[tokio::test]
async fn the_statistics_of_an_agent() {
    let api = desk(Profile::bookings()).await;
    let path = format!("/stats?startDate=2026-01-01&endDate=2026-01-31&agentId={}", GRACE.id());
    let asked = api.get(Who::Admin, &path).await.expect(200);
    assert_json_snapshot!(asked);
    assert_eq!(api.get(GRACE, &path).await.expect(200), asked);
    assert_eq!(api.get(GRACE, "/stats?startDate=2026-01-01&endDate=2026-01-31&agentId=me").await.expect(200), asked);
    api.get(LINUS, &path).await.problem(403, "forbidden");
    api.get(GRACE, "/stats").await.problem(403, "forbidden");
    api.get(ADA, "/stats").await.problem(403, "forbidden");
}

#[tokio::test]
async fn an_end_date_holds_its_day_on_the_clocks_of_the_zone() {
    let api = desk(Profile::bookings()).await;
    for (query, total) in [
        ("endDate=2026-01-05", 1),
        ("startDate=2026-01-06", 1),
        ("startDate=2026-01-05&endDate=2026-01-06", 2),
        // Nine in the morning of UTC is late in the evening of Auckland.
        ("endDate=2026-01-05&timeZone=Pacific/Auckland", 1),
        ("endDate=2026-01-06&timeZone=Pacific/Auckland", 2),
        ("startDate=2026-01-05T10:00:00Z", 1),
    ] {
        assert_eq!(api.get(Who::Admin, &format!("/stats?{query}")).await.expect(200)["total"], total, "{query}");
    }
}

#[tokio::test]
async fn analytics_with_a_series() {
    let api = desk(Profile::import_desk()).await;
    let query = "from=2026-01-05&to=2026-01-06&step=day&timeZone=Europe/Berlin";
    assert_json_snapshot!(api.get(Who::Admin, &format!("/tickets/analytics?{query}")).await.expect(200));
    let statistics = api.get(Who::Admin, "/tickets/statistics").await.expect(200);
    assert_eq!((statistics["total"].as_u64(), statistics.get("series")), (Some(2), None));
}

#[tokio::test]
async fn the_report_of_service_levels() {
    let api = desk(Profile::import_desk()).await;
    assert_json_snapshot!(api.get(Who::Admin, "/tickets/sla-report").await.expect(200));
    api.get(GRACE, "/tickets/sla-report").await.problem(403, "forbidden");
}

#[tokio::test]
async fn every_wrong_parameter_is_named() {
    let api = desk(Profile::bookings()).await;
    let query = "startDate=soon&endDate=2026-13-01&agentId=grace&step=month&timeZone=Mars/Olympus&colour=red";
    let problem = api.get(Who::Admin, &format!("/tickets/analytics?{query}")).await.problem(400, "parameters");
    let mut named = fields(&problem);
    named.sort_unstable();
    assert_eq!(named, ["agentId", "colour", "endDate", "startDate", "step", "timeZone"]);
    let problem = api.get(Who::Admin, "/stats?from=2026-02-01&to=2026-01-01").await.problem(400, "parameters");
    assert_eq!(fields(&problem), ["to"]);
    let far = "/tickets/analytics?from=2020-01-01&to=2026-01-01&step=hour";
    assert_eq!(fields(&api.get(Who::Admin, far).await.problem(400, "parameters")), ["to"]);
    let problem = api.get(Who::Admin, "/tickets/sla-report?agentId=me").await.problem(400, "parameters");
    assert_eq!(fields(&problem), ["agentId"]);
    // What would be read by nobody is refused: these have no series and no filter.
    for (path, wrong) in [("/stats?step=day", "step"), ("/dashboard?team=x", "team")] {
        let problem = api.get(Who::Admin, path).await.problem(400, "parameters");
        assert_eq!(fields(&problem), [wrong]);
    }
}

#[tokio::test]
async fn a_date_may_lie_at_the_end_of_time_but_not_beyond() {
    let api = desk(Profile::bookings()).await;
    for path in ["/stats", "/tickets/statistics", "/tickets/analytics", "/tickets/sla-report"] {
        for zone in ["UTC", "Pacific/Auckland", "America/New_York", "Asia/Kathmandu"] {
            for (date, status) in [
                ("0000-01-01", 200),
                ("9999-12-31", 200),
                ("%2B10000-01-01", 400),
                ("%2B262142-12-31", 400),
                ("-0001-01-01", 400),
            ] {
                for name in ["from", "to"] {
                    let here = format!("{path}?{name}={date}&timeZone={zone}");
                    let reply = api.get(Who::Admin, &here).await;
                    // A series of so many days is refused, too.
                    let long = path.ends_with("analytics") && reply.status == 400;
                    assert!(reply.status == status || long, "{here}: {reply:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn statistics_have_a_series_where_it_is_asked_for() {
    let api = desk(Profile::import_desk()).await;
    let query = "from=2026-01-05&to=2026-01-06&groupBy=day";
    let statistics = api.get(Who::Admin, &format!("/tickets/statistics?{query}")).await.expect(200);
    assert_eq!(statistics, api.get(Who::Admin, &format!("/tickets/analytics?{query}")).await.expect(200));
    assert_eq!(statistics["series"].as_array().unwrap().len(), 2);
}
