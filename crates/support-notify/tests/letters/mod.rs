//! Letters for tests.

use serde_json::{Value, json};
use support_core::domain::{
    id::{AgentId, CustomerId, NotificationId, TicketId},
    notification::{Letter, Person, Story, Topic},
};
use uuid::Uuid;

/// A story of which everything is known.
pub(crate) fn story(topic: Topic) -> Story {
    let data = match topic {
        Topic::StatusChanged => json!({ "status": "in_progress" }),
        Topic::Survey => json!({ "surveyId": Uuid::from_u128(3) }),
        Topic::Callback => {
            json!({ "status": "scheduled", "scheduledTime": "2026-01-07T13:30:00Z", "timeZone": "Europe/Berlin" })
        }
        Topic::AccessLink => json!({ "token": "s3cr/t+token" }),
        Topic::TicketRated => json!({ "rating": 5 }),
        Topic::WebhookDisabled => json!({ "reason": "https://hooks.example answered 500 for three days" }),
        topic if topic.is_for_staff() => json!({
            "status": "in_progress", "priority": "high", "assignee": "Sam Ibáñez", "clock": "first_response",
            "dueAt": "2026-01-05T10:00:00Z", "reason": "Nobody answered",
        }),
        _ => json!({}),
    };
    let is_told = topic != Topic::WebhookDisabled;
    Story {
        topic,
        at: "2026-01-05T09:00:00Z".parse().unwrap(),
        ticket: is_told.then_some(TicketId(Uuid::from_u128(2))),
        number: is_told.then(|| "TKT-2026-00042".to_owned()),
        subject: is_told.then(|| "Drucker löscht & druckt <nicht>".to_owned()),
        actor: is_told.then(|| "Sam Ibáñez".to_owned()),
        text: is_told.then(|| "We have sent you a new one.\nIt arrives tomorrow.\n\nKind regards\nSam".to_owned()),
        data: object(data),
    }
}

/// A letter with one story.
pub(crate) fn letter(topic: Topic, language: &str) -> Letter {
    letter_of(vec![story(topic)], language)
}

/// A letter with these stories.
pub(crate) fn letter_of(stories: Vec<Story>, language: &str) -> Letter {
    let person = if stories.iter().any(|story| story.topic.is_for_staff()) {
        Person::Agent(AgentId(Uuid::from_u128(4)))
    } else {
        Person::Customer(CustomerId(Uuid::from_u128(4)))
    };
    Letter {
        id: NotificationId(Uuid::from_u128(1)),
        person,
        address: "ada@example.org".to_owned(),
        name: "Ada Müller".to_owned(),
        language: Some(language.to_owned()),
        stories,
    }
}

/// A map of JSON.
pub(crate) fn object(value: Value) -> serde_json::Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("{other} is no object"),
    }
}
