//! The people who help: what they know, when they work, and how much they can take.

use crate::domain::{
    calendar::Calendar,
    fault::{Fault, Faults},
    id::AgentId,
    text::TextRule,
};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// A member of the support staff (S1, `supportInfo`; S3, `support_agents`).
///
/// One comes into being when an admin describes them, when they say that they are available, or with the first ticket
/// they get. Name, profile and availability are guarded by `version`; `open_tickets` and `assigned_at` are counted by the
/// store with each ticket that comes and goes, and leave the version alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Agent {
    /// Who.
    pub id: AgentId,
    /// Rises with every change of profile or availability.
    pub version: u64,
    /// The name that customers see.
    pub name: String,
    /// Their number with the host's personnel department.
    pub employee_id: Option<String>,
    /// The department they belong to, in lower case.
    pub team: Option<String>,
    /// What they know, in lower case.
    pub skills: BTreeSet<String>,
    /// What they speak, as short tags in lower case (`en`, `pt-br`).
    pub languages: BTreeSet<String>,
    /// When they work; always where absent.
    pub shifts: Option<Calendar>,
    /// What they last said about themselves; nothing yet where absent.
    pub availability: Option<Availability>,
    /// The most open tickets at once; the profile's capacity where absent.
    pub max_tickets: Option<u32>,
    /// The most chats at once.
    pub max_chats: Option<u32>,
    /// Tickets they hold that have not ended: always what a count of those tickets would answer.
    pub open_tickets: u32,
    /// When they last got a ticket.
    pub assigned_at: Option<DateTime<Utc>>,
    /// When they became known.
    pub created_at: DateTime<Utc>,
    /// When profile or availability last changed.
    pub updated_at: DateTime<Utc>,
}

/// Whether somebody takes tickets (S1, "Availability Statuses").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Availability {
    /// Ready: tickets may be given to them.
    Available,
    /// At work on what they have: they take tickets, but get none by themselves.
    Busy,
    /// Back soon.
    Away,
    /// Not working.
    Offline,
}

impl Availability {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Available, Self::Busy, Self::Away, Self::Offline];

    /// The word on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Busy => "busy",
            Self::Away => "away",
            Self::Offline => "offline",
        }
    }

    /// The one that is called `word`.
    ///
    /// # Errors
    /// A fault of `field` that lists the known words.
    pub fn find(field: &str, word: &str) -> Result<Self, Fault> {
        let found = Self::ALL.iter().copied().find(|known| known.as_str() == word);
        found.ok_or_else(|| Fault::unknown(field, word, Self::ALL.iter().map(|known| known.as_str())))
    }

    /// Whether they are at their desk.
    pub fn is_present(self) -> bool {
        matches!(self, Self::Available | Self::Busy)
    }
}

/// What shall be different about an agent; an absent field stays as it is.
#[derive(Debug, Clone, Default)]
pub struct AgentEdit {
    /// Another name.
    pub name: Option<String>,
    /// Another personnel number, or none.
    pub employee_id: Option<Option<String>>,
    /// Another team, or none.
    pub team: Option<Option<String>>,
    /// These skills and no others.
    pub skills: Option<Vec<String>>,
    /// These languages and no others.
    pub languages: Option<Vec<String>>,
    /// These working hours, or none.
    pub shifts: Option<Option<Calendar>>,
    /// Another availability.
    pub availability: Option<Availability>,
    /// Another capacity, or the profile's.
    pub max_tickets: Option<Option<u32>>,
    /// Another capacity for chats, or the profile's.
    pub max_chats: Option<Option<u32>>,
}

/// The most tickets or chats that one person can be said to take.
const MOST_AT_ONCE: u32 = 1_000;

impl Agent {
    /// Somebody of whom nothing but the name is known.
    pub fn new(id: AgentId, name: impl Into<String>, now: DateTime<Utc>) -> Self {
        Self {
            id,
            version: 0,
            name: name.into(),
            employee_id: None,
            team: None,
            skills: BTreeSet::new(),
            languages: BTreeSet::new(),
            shifts: None,
            availability: None,
            max_tickets: None,
            max_chats: None,
            open_tickets: 0,
            assigned_at: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// The agent after a change.
    ///
    /// # Errors
    /// Every wrong field at once.
    pub fn edit(&self, edit: AgentEdit, now: DateTime<Utc>) -> Result<Self, Faults> {
        let (mut agent, mut faults) = (Self { updated_at: now, ..self.clone() }, Faults::new());
        if let Some(name) = edit.name.and_then(|name| faults.keep(TextRule::line(200).required("name", &name))) {
            agent.name = name;
        }
        if let Some(number) = edit.employee_id {
            agent.employee_id = line("employeeId", number, &mut faults);
        }
        if let Some(team) = edit.team {
            agent.team = line("team", team.map(|team| team.to_lowercase()), &mut faults);
        }
        if let Some(skills) = edit.skills {
            agent.skills = words("skills", skills, &mut faults);
        }
        if let Some(languages) = edit.languages {
            if languages.len() > MOST_WORDS {
                faults.push(Fault::new("languages", format!("must not hold more than {MOST_WORDS} languages")));
            }
            agent.languages = languages
                .iter()
                .enumerate()
                .take(MOST_WORDS)
                .filter_map(|(index, tag)| faults.keep(language(&format!("languages.{index}"), tag)))
                .collect();
        }
        if let Some(shifts) = edit.shifts {
            for fault in shifts.iter().flat_map(Calendar::faults) {
                faults.push(Fault::new(format!("shifts.{}", fault.path), fault.message));
            }
            agent.shifts = shifts;
        }
        agent.availability = edit.availability.or(agent.availability);
        for (field, most, place) in [
            ("maxTickets", edit.max_tickets, &mut agent.max_tickets),
            ("maxChats", edit.max_chats, &mut agent.max_chats),
        ] {
            let Some(most) = most else { continue };
            if most.is_some_and(|most| most > MOST_AT_ONCE) {
                faults.push(Fault::new(field, format!("must be a whole number from 0 to {MOST_AT_ONCE}")));
            }
            *place = most;
        }
        faults.check()?;
        Ok(agent)
    }

    /// Whether they can take one more where the profile gives them `capacity`.
    pub fn has_room(&self, capacity: Option<u32>) -> bool {
        self.max_tickets.or(capacity).is_none_or(|most| self.open_tickets < most)
    }

    /// Whether they work at `now`.
    pub fn is_on_shift(&self, now: DateTime<Utc>) -> bool {
        self.shifts.as_ref().is_none_or(|shifts| shifts.is_open(now))
    }
}

const MOST_WORDS: usize = 50;

fn line(field: &str, text: Option<String>, faults: &mut Faults) -> Option<String> {
    faults.keep(TextRule::line(100).optional(field, &text?)).flatten()
}

/// Words in lower case, each once.
pub(crate) fn words(field: &str, list: Vec<String>, faults: &mut Faults) -> BTreeSet<String> {
    if list.len() > MOST_WORDS {
        faults.push(Fault::new(field, format!("must not hold more than {MOST_WORDS} words")));
        return BTreeSet::new();
    }
    let word = |(index, word): (usize, String)| {
        faults.keep(TextRule::line(60).required(&format!("{field}.{index}"), &word.to_lowercase()))
    };
    list.into_iter().enumerate().filter_map(word).collect()
}

/// A short language tag (RFC 5646: a language of two or three letters, then subtags), in lower case.
///
/// # Errors
/// A fault of `field` where the text is none.
pub fn language(field: &str, tag: &str) -> Result<String, Fault> {
    let tag = tag.trim().to_lowercase();
    let mut parts = tag.split('-');
    let head = parts.next().unwrap_or_default();
    let plain = |part: &str, most: usize, least: usize| {
        (least..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let is_language = plain(head, 3, 2) && head.bytes().all(|byte| byte.is_ascii_alphabetic());
    if is_language && tag.len() <= 35 && parts.all(|part| plain(part, 8, 1)) {
        Ok(tag)
    } else {
        Err(Fault::new(field, "must be a language tag such as `en` or `pt-BR`"))
    }
}
