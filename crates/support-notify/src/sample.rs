//! Letters with which templates are tried when they are loaded.

use crate::{
    builtin::{DIGEST, FRAME},
    facts::{House, Tokens, Variables},
    fault::TemplateFault,
    links::Links,
};
use minijinja::{Environment, Value};
use serde_json::json;
use std::collections::BTreeSet;
use support_core::domain::{
    id::{AgentId, CustomerId, NotificationId, TicketId},
    notification::{Letter, Person, Story, Topic},
};

/// Tries a template with letters that know everything, and with letters that know nothing. Answers nothing, but notes what
/// is wrong.
pub(crate) fn check(
    environment: &Environment<'_>,
    template: &str,
    name: &str,
    house: &House,
    faults: &mut Vec<TemplateFault>,
) {
    let Ok(found) = environment.get_template(template) else { return };
    let mut known: BTreeSet<String> = environment.globals().map(|(name, _)| name.to_owned()).collect();
    let mut errors: Vec<TemplateFault> = Vec::new();
    for variables in tries(name, house) {
        known.extend(variables.keys().map(|name| (*name).to_owned()));
        if let Err(error) = found.render(Value::from(variables)) {
            errors.push(TemplateFault::at(template, &error));
        }
    }
    // Not every branch is taken, but in each a name can be wrong.
    let asked: BTreeSet<String> = found.undeclared_variables(false).into_iter().collect();
    for unknown in asked.difference(&known) {
        let line = found.source().lines().position(|line| line.contains(unknown.as_str())).map(|at| at + 1);
        let why =
            format!("there is no `{unknown}`; there are: {}", known.iter().cloned().collect::<Vec<_>>().join(", "));
        errors.retain(|error| error.line != line);
        errors.push(TemplateFault { line, ..TemplateFault::of(template, why) });
    }
    errors.dedup();
    faults.extend(errors);
}

/// The variables of the letters that a template may meet.
fn tries(name: &str, house: &House) -> Vec<Variables> {
    let bare = House { shop: String::new(), links: None, time_zone: house.time_zone };
    let linked =
        House { links: house.links.clone().or_else(|| Some(Links::at("https://shop.example"))), ..house.clone() };
    let topics = match name {
        FRAME | DIGEST => vec![Topic::ReplySent, Topic::SlaBreached, Topic::Callback],
        topic => Topic::find(topic).into_iter().collect(),
    };
    let mut tries = Vec::new();
    for topic in topics {
        let full = letter(vec![full(topic)]);
        for (house, letter) in [(&linked, &full), (&bare, &letter(vec![empty(topic)]))] {
            let mut variables = house.letter(letter, Tokens::Kept);
            if name == DIGEST {
                variables.insert("stories", vec![Value::from(variables.clone())].into());
            }
            variables.insert("language", "en".into());
            tries.push(variables.clone());
            for later in ["intro", "action", "title", "mail_subject"] {
                variables.insert(later, "Words".into());
            }
            tries.push(variables);
        }
    }
    tries
}

fn letter(stories: Vec<Story>) -> Letter {
    let is_staff = stories.iter().any(|story| story.topic.is_for_staff());
    let id = uuid(7);
    Letter {
        id: NotificationId(id),
        person: if is_staff { Person::Agent(AgentId(id)) } else { Person::Customer(CustomerId(id)) },
        address: "ada@example.org".to_owned(),
        name: "Ada".to_owned(),
        language: None,
        stories,
    }
}

fn empty(topic: Topic) -> Story {
    Story {
        topic,
        at: chrono::DateTime::UNIX_EPOCH,
        ticket: None,
        number: None,
        subject: None,
        actor: None,
        text: None,
        data: serde_json::Map::new(),
    }
}

fn full(topic: Topic) -> Story {
    let data = json!({
        "status": "in_progress", "priority": "high", "assignee": "Sam", "clock": "first_response",
        "dueAt": "2026-01-05T09:00:00Z", "scheduledTime": "2026-01-05T09:00:00Z", "token": "token", "rating": 4,
        "surveyId": uuid(8), "callbackId": uuid(9), "reason": "Nobody answered.",
    });
    Story {
        ticket: Some(TicketId(uuid(10))),
        number: Some("TKT-1".to_owned()),
        subject: Some("Printer on fire".to_owned()),
        actor: Some("Sam".to_owned()),
        text: Some("It burns.\n\nStill.".to_owned()),
        data: data.as_object().cloned().unwrap_or_default(),
        ..empty(topic)
    }
}

fn uuid(number: u128) -> uuid::Uuid {
    uuid::Uuid::from_u128(number)
}
