//! The people who help: who may read and describe them, and in which words.

use crate::harness::{ADA, Api, GRACE, LINUS, Who, fields};
use axum::http::Method;
use serde_json::{Value, json};
use support_core::domain::profile::Profile;

fn path(who: Who) -> String {
    format!("/agents/{}", who.id())
}

/// Grace is described, Linus has said that he is there.
async fn desk() -> Api {
    let api = Api::new(Profile::bookings());
    let body = json!({
        "employeeId": "E-7", "department": "Billing", "specializations": ["Payments", "bookings"],
        "languages": ["EN", "pt-BR"], "shiftSchedule": shifts(), "status": "busy", "maxConcurrentTickets": 5,
        "max_concurrent_chats": 2
    });
    api.put(Who::Admin, &path(GRACE), body).await.expect(200);
    api.put(LINUS, "/availability", json!({ "status": "available" })).await.expect(200);
    api
}

fn shifts() -> Value {
    json!({
        "timeZone": "Europe/Berlin",
        "weekly": { "mon": [["09:00", "12:00"], ["13:00", "17:00"]], "fri": [["22:00", "02:00"]] },
        "holidays": ["2026-12-25"],
        "dateHours": { "2026-12-24": [["09:00", "12:00"]] },
        "breaks": { "2026-05-04": [["10:00", "11:30"]] }
    })
}

#[tokio::test]
async fn an_agent_as_colleagues_see_them() {
    let api = desk().await;
    insta::assert_json_snapshot!(api.get(LINUS, &path(GRACE)).await.expect(200));
}

#[tokio::test]
async fn every_spelling_describes_the_same_agent() {
    let spelled = json!({
        "employee_id": "E-7", "team": "billing", "skills": ["bookings", "payments"], "languages": ["en", "pt-br"],
        "shifts": {
            "time_zone": "Europe/Berlin",
            "weekly": shifts()["weekly"],
            "holidays": shifts()["holidays"],
            "date_hours": shifts()["dateHours"],
            "breaks": shifts()["breaks"],
        },
        "availability": "busy", "maxTickets": 5, "maxChats": 2
    });
    let one = desk().await.get(GRACE, &path(GRACE)).await.expect(200);
    let api = Api::new(Profile::bookings());
    assert_eq!(api.patch(Who::Admin, &path(GRACE), spelled).await.expect(200), one);
    // What is absent stays, `null` takes away.
    let edit = json!({
        "employeeId": null, "team": null, "shifts": null, "maxConcurrentTickets": null, "maxChats": null, "skills": []
    });
    let edited = api.patch(Who::Admin, &path(GRACE), edit).await.expect(200);
    for gone in ["employeeId", "team", "department", "shifts", "maxTickets", "maxChats"] {
        assert_eq!(edited[gone], Value::Null, "{gone}");
    }
    assert_eq!(edited["specializations"], json!([]));
    assert_eq!(edited["languages"], one["languages"]);
    assert_eq!(edited["status"], "busy");
}

#[tokio::test]
async fn a_date_without_hours_is_closed() {
    let api = Api::new(Profile::bookings());
    let shifts =
        json!({ "timeZone": "UTC", "weekly": { "thu": [["09:00", "17:00"]] }, "dateHours": { "2026-12-24": [] } });
    let edited = api.patch(Who::Admin, &path(GRACE), json!({ "shifts": shifts })).await.expect(200);
    assert_eq!(edited["shifts"]["holidays"], json!(["2026-12-24"]));
}

#[tokio::test]
async fn lists_by_team_and_availability() {
    let api = desk().await;
    let (grace, linus) = (GRACE.id().to_string(), LINUS.id().to_string());
    let first = format!("limit=1&after={grace}");
    for (query, expected) in [
        ("", vec![&grace, &linus]),
        ("team=Billing", vec![&grace]),
        ("department=billing", vec![&grace]),
        ("team=other", vec![]),
        ("availability=available", vec![&linus]),
        ("status=active", vec![&linus]),
        ("status=busy&team=billing", vec![&grace]),
        ("limit=1", vec![&grace]),
        (&first, vec![&linus]),
    ] {
        let list = api.get(GRACE, &format!("/agents?{query}")).await.expect(200);
        let ids: Vec<&str> = list["agents"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();
        assert_eq!(ids, expected, "{query}");
        assert_eq!(list["hasMore"], query == "limit=1", "{query}");
    }
    let reply = api.get(GRACE, "/agent/agents?limit=1&team=billing").await;
    assert_eq!(reply.headers["link"], "</api/v1/support/agent/agents?limit=1&team=billing>; rel=\"first\"");
    let next = api.get(GRACE, "/agents?limit=1").await.headers["link"].to_str().unwrap().to_owned();
    assert!(next.ends_with(&format!("</api/v1/support/agents?limit=1&after={grace}>; rel=\"next\"")), "{next}");
    let problem = api.get(GRACE, "/agents?status=x&limit=0&after=x&skill=x").await.problem(400, "parameters");
    assert_eq!(fields(&problem), ["status", "after", "limit", "skill"]);
}

#[tokio::test]
async fn agents_are_the_business_of_staff_and_their_description_of_admins() {
    let api = desk().await;
    let (grace, said) = (path(GRACE), json!({ "status": "away" }));
    for prefix in ["", "/agent"] {
        for (method, path, body, [guest, customer, agent, admin]) in [
            (Method::GET, "/agents", Value::Null, [401, 403, 200, 200]),
            (Method::GET, grace.as_str(), Value::Null, [401, 403, 200, 200]),
            (Method::PUT, grace.as_str(), said.clone(), [401, 403, 403, 200]),
            (Method::PATCH, grace.as_str(), said.clone(), [401, 403, 403, 200]),
            (Method::PUT, "/availability", said.clone(), [401, 403, 200, 200]),
        ] {
            for (who, status) in [(Who::Guest, guest), (ADA, customer), (GRACE, agent), (Who::Admin, admin)] {
                let reply = api.call(who, method.clone(), &format!("{prefix}{path}"), body.clone()).await;
                assert_eq!(reply.status, status, "{who:?} {method} {prefix}{path}");
            }
        }
    }
    for nobody in ["x", "00000000-0000-0000-0000-000000000404"] {
        api.get(GRACE, &format!("/agents/{nobody}")).await.problem(404, "not-found");
    }
}

#[tokio::test]
async fn an_agent_says_for_themselves_whether_they_are_there() {
    let api = desk().await;
    for (body, word) in [
        (json!({ "status": "away" }), "away"),
        (json!({ "availability": "offline" }), "offline"),
        (json!({ "status": "active" }), "available"),
    ] {
        let said = api.put(GRACE, "/agent/availability", body).await.expect(200);
        assert_eq!((&said["status"], &said["availability"]), (&json!(word), &json!(word)));
        assert_eq!(said["id"], GRACE.id().to_string());
    }
    for (body, wrong) in [
        (json!({}), "status"),
        (json!({ "status": "asleep" }), "status"),
        (json!({ "availability": 1 }), "availability"),
        (json!({ "status": "away", "agentId": LINUS.id() }), "agentId"),
    ] {
        let problem = api.put(GRACE, "/availability", body).await.problem(422, "invalid");
        assert_eq!(fields(&problem), [wrong]);
    }
}

#[tokio::test]
async fn every_wrong_field_of_an_agent_is_named() {
    let api = desk().await;
    for (body, wrong) in [
        (
            json!({ "name": 1, "skills": "x", "maxTickets": -1, "maxChats": "2", "status": "x" }),
            "name skills status maxTickets maxChats",
        ),
        (json!({ "name": " ", "max_concurrent_tickets": 99_999_999_999_u64 }), "name max_concurrent_tickets"),
        (json!({ "languages": ["en", "!"], "specializations": ["x", " "] }), "specializations.1 languages.1"),
        (
            json!({ "openTickets": 3, "version": 1, "lastAssignedAt": null, "createdAt": "x", "id": 1 }),
            "openTickets version lastAssignedAt createdAt id",
        ),
        (json!({ "shifts": [] }), "shifts"),
        (json!({ "shifts": {} }), "shifts.timeZone"),
        (json!({ "shift_schedule": { "timeZone": "Mars", "days": 1 } }), "shift_schedule.timeZone shift_schedule.days"),
        (
            json!({ "shifts": { "time_zone": "UTC", "weekly": { "mon": [["9", "17:00"], ["09:00"], 3], "someday": [] } } }),
            "shifts.weekly.mon.0.0 shifts.weekly.mon.1 shifts.weekly.mon.2 shifts.weekly.someday",
        ),
        (
            json!({ "shifts": { "timeZone": "UTC", "holidays": ["x", 1], "date_hours": { "x": [] }, "breaks": { "2026-01-01": 1 } } }),
            "shifts.holidays.0 shifts.holidays.1 shifts.date_hours.x shifts.breaks.2026-01-01",
        ),
        // What reads well and makes no sense is named as it was written, too.
        (
            json!({ "shifts": { "timeZone": "UTC", "weekly": { "mon": [["09:00", "12:00"], ["11:00", "13:00"]] } } }),
            "shifts.weekly.mon.1",
        ),
        (
            json!({ "shifts": {
                "timeZone": "UTC", "weekly": { "mon": [["09:00", "12:00"]] },
                "date_hours": { "2026-01-01": [["09:00", "09:00"]] }
            } }),
            "shifts.date_hours.2026-01-01.0",
        ),
        (json!({ "shifts": { "timeZone": "UTC" } }), "shifts.weekly"),
    ] {
        let problem = api.patch(Who::Admin, &path(GRACE), body.clone()).await.problem(422, "invalid");
        let (mut named, mut wrong) = (fields(&problem), wrong.split(' ').collect::<Vec<_>>());
        named.sort_unstable();
        wrong.sort_unstable();
        assert_eq!(named, wrong, "{body}");
    }
}
