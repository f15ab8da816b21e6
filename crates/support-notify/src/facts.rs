//! What templates are told: every variable is always there, and empty where nobody knows it.

use crate::{
    clean,
    links::{Filling, Links, Place},
};
use chrono_tz::Tz;
use minijinja::Value;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use support_core::domain::notification::{Letter, Person, Story, Topic};

/// The variables of a template.
pub(crate) type Variables = BTreeMap<&'static str, Value>;

/// The longest text that is quoted in a mail; the rest is behind the link.
const TEXT: usize = 2_000;
const SUBJECT: usize = 120;
const NAME: usize = 60;
const FACT: usize = 300;

/// What is the same in every letter.
#[derive(Debug, Clone)]
pub(crate) struct House {
    pub(crate) shop: String,
    pub(crate) links: Option<Links>,
    pub(crate) time_zone: Tz,
}

/// Whether a link may open a ticket by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tokens {
    /// In what the person alone reads.
    Kept,
    /// On ways that others look at.
    LeftOut,
}

impl House {
    pub(crate) fn preferences(&self) -> Option<String> {
        self.links.as_ref()?.to(Place::Preferences, Filling::default())
    }

    /// Variables of the letter, and of its only story, or of what its stories have in common.
    pub(crate) fn letter(&self, letter: &Letter, tokens: Tokens) -> Variables {
        let nothing = Story {
            topic: Topic::StatusChanged,
            at: chrono::DateTime::UNIX_EPOCH,
            ticket: None,
            number: None,
            subject: None,
            actor: None,
            text: None,
            data: serde_json::Map::new(),
        };
        let mut variables = match letter.stories.as_slice() {
            [story] => self.story(story, tokens),
            [first, rest @ ..] if first.ticket.is_some() && rest.iter().all(|story| story.ticket == first.ticket) => {
                let common = Story {
                    topic: first.topic,
                    number: first.number.clone(),
                    subject: first.subject.clone(),
                    ticket: first.ticket,
                    ..nothing
                };
                self.story(&common, tokens)
            }
            _ => self.story(&nothing, tokens),
        };
        let several = letter.stories.len() != 1;
        if several {
            variables.insert("topic", "digest".into());
            variables.insert("at", "".into());
            variables.insert("staff", Value::from(matches!(letter.person, Person::Agent(_))));
        }
        variables.insert("name", clean::name(&letter.name).into());
        variables.insert("shop", self.shop.clone().into());
        variables.insert("preferences", self.preferences().unwrap_or_default().into());
        variables.insert("count", Value::from(letter.stories.len()));
        for later in ["language", "intro", "action", "title", "mail_subject"] {
            variables.insert(later, "".into());
        }
        variables.insert("stories", Value::from(Vec::<Value>::new()));
        variables
    }

    /// Variables of one story.
    pub(crate) fn story(&self, story: &Story, tokens: Tokens) -> Variables {
        let line = |text: Option<&String>, most| clean::line(text.map_or("", String::as_str), most);
        let (number, subject) = (line(story.number.as_ref(), NAME), line(story.subject.as_ref(), SUBJECT));
        let text = clean::block(story.text.as_deref().unwrap_or_default(), TEXT);
        let thread = match (number.as_str(), subject.as_str()) {
            ("", subject) => subject.to_owned(),
            (number, "") => format!("[{number}]"),
            (number, subject) => format!("[{number}] {subject}"),
        };
        let fact = |name: &str| clean::line(&said(story.data.get(name)), FACT);
        let zone = fact("timeZone").parse::<Tz>().unwrap_or(self.time_zone);
        let is_staff = story.topic.is_for_staff();
        let mut variables = Variables::from([
            ("topic", story.topic.as_str().into()),
            ("staff", Value::from(is_staff)),
            ("at", story.at.to_rfc3339().into()),
            ("time_zone", zone.name().into()),
            ("about", if number.is_empty() { "".into() } else { format!(" ({number})").into() }),
            ("re", if thread.is_empty() { "".into() } else { format!("Re: {thread}").into() }),
            ("thread", thread.into()),
            ("number", number.into()),
            ("subject", subject.into()),
            ("actor", clean::name(story.actor.as_deref().unwrap_or_default()).into()),
            ("quote", quote(story, &text).into()),
            ("text", text.into()),
            ("link", self.link(story, tokens).unwrap_or_default().into()),
            ("data", told(&story.data)),
        ]);
        for (name, key) in [
            ("status", "status"),
            ("priority", "priority"),
            ("assignee", "assignee"),
            ("clock", "clock"),
            ("due_at", "dueAt"),
            ("scheduled_time", "scheduledTime"),
            ("rating", "rating"),
            ("reason", "reason"),
        ] {
            variables.insert(name, fact(key).into());
        }
        variables
    }

    fn link(&self, story: &Story, tokens: Tokens) -> Option<String> {
        let place = match story.topic {
            Topic::Survey => Place::Survey,
            Topic::Callback => Place::Callback,
            Topic::ReviewRequest => Place::Review,
            Topic::WebhookDisabled => Place::Webhook,
            topic if topic.is_for_staff() => Place::StaffTicket,
            _ => Place::Ticket,
        };
        let value = |name: &str| said(story.data.get(name));
        let (survey, callback, webhook) = (value("surveyId"), value("callbackId"), value("webhookId"));
        let token = value("token");
        let id = story.ticket.map(|ticket| ticket.to_string()).unwrap_or_default();
        // A token is a customer's; nobody else's link needs one.
        let carries = tokens == Tokens::Kept && matches!(place, Place::Ticket | Place::Survey);
        let filling = Filling {
            number: story.number.as_deref().unwrap_or_default(),
            id: &id,
            survey: &survey,
            callback: &callback,
            webhook: &webhook,
            token: if carries { &token } else { "" },
        };
        self.links.as_ref()?.to(place, filling)
    }
}

/// What a letter quotes. Whoever opens a ticket without an account may give somebody else's address: that person gets a mail,
/// but not what a stranger wrote.
fn quote(story: &Story, text: &str) -> String {
    match story.topic {
        Topic::TicketReceived | Topic::AccessLink => String::new(),
        Topic::TicketResolved if text.is_empty() => clean::block(&said(story.data.get("resolution")), TEXT),
        _ => text.to_owned(),
    }
}

fn said(value: Option<&Json>) -> String {
    match value {
        Some(Json::String(text)) => text.clone(),
        Some(Json::Number(number)) => number.to_string(),
        Some(Json::Bool(yes)) => yes.to_string(),
        _ => String::new(),
    }
}

/// What a host put there, for its own templates. The token opens a ticket, so it is in the link alone.
fn told(data: &serde_json::Map<String, Json>) -> Value {
    let told = data.iter().filter(|(key, _)| *key != "token");
    Value::from_pairs(told.map(|(key, value)| (key.clone(), cleaned(value))))
}

fn cleaned(value: &Json) -> Value {
    match value {
        Json::String(text) => clean::line(text, TEXT).into(),
        // A template would say "none".
        Json::Null => "".into(),
        Json::Bool(yes) => Value::from(*yes),
        Json::Number(number) => number
            .as_i64()
            .map(Value::from)
            .or_else(|| number.as_f64().map(Value::from))
            .unwrap_or_else(|| number.to_string().into()),
        Json::Array(values) => values.iter().map(cleaned).collect::<Vec<_>>().into(),
        Json::Object(values) => Value::from_pairs(values.iter().map(|(key, value)| (key.clone(), cleaned(value)))),
    }
}
