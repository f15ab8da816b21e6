//! Addresses that are told what happens (S3, "Integration Points").

use crate::domain::{
    actor::Signature,
    announcement::{AnnouncementKind, Audience, Naming},
    document::{DocumentKind, Kept, Placement},
    fault::{Fault, Faults},
    id::WebhookId,
    text::TextRule,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt};
use uuid::Uuid;

/// An address, and what it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Where to.
    pub url: String,
    /// What for, in the words of whoever set it up.
    pub description: Option<String>,
    /// What it wants to hear; everything where empty.
    pub events: BTreeSet<AnnouncementKind>,
    /// Who listens there.
    pub audience: Audience,
    /// What requests are signed with, the latest first.
    pub secrets: Vec<Secret>,
    /// Whether it is told anything.
    pub state: WebhookState,
    /// Who set it up.
    pub created_by: Signature,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// What requests are signed with. Not printed by `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    /// `whsec_` and 24 to 64 bytes in base64 (Standard Webhooks).
    pub value: String,
    /// Until when it signs; for ever where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").field("until", &self.until).finish_non_exhaustive()
    }
}

/// Whether an address is told anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum WebhookState {
    /// It is.
    Enabled,
    /// It is not, since somebody switched it off, or because it took nothing for too long.
    Disabled {
        /// Since when.
        at: DateTime<Utc>,
        /// Why.
        why: String,
    },
}

/// An address that somebody wants to set up or change, not yet checked; what is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookEdit {
    /// Where to.
    pub url: Option<String>,
    /// What for.
    pub description: Option<String>,
    /// What it wants to hear, by the names that this desk uses.
    pub events: Option<Vec<String>>,
    /// Who listens there.
    pub audience: Option<Audience>,
    /// Whether it is told anything.
    pub enabled: Option<bool>,
}

/// For so long both secrets sign after a new one was made.
pub const ROTATION: TimeDelta = TimeDelta::hours(24);
/// The most secrets that sign at once.
const SECRETS: usize = 3;
/// The longest address.
const URL: usize = 2_000;

impl Webhook {
    /// All of them, by when they were set up.
    pub const ALL: &'static str = "all";
    /// Those that are told things.
    pub const ENABLED: &'static str = "enabled";

    /// The name of its sink.
    pub fn sink(&self) -> String {
        Self::sink_of(self.id)
    }

    /// The name of the sink of that id.
    pub fn sink_of(id: WebhookId) -> String {
        format!("webhook/{id}")
    }

    /// The webhook whose sink is called so, if it is one's.
    pub fn of_sink(name: &str) -> Option<WebhookId> {
        name.strip_prefix("webhook/")?.parse().ok()
    }

    /// Whether it is told anything.
    pub fn is_enabled(&self) -> bool {
        self.state == WebhookState::Enabled
    }

    /// Whether it wants to hear such a thing.
    pub fn wants(&self, kind: AnnouncementKind) -> bool {
        self.events.is_empty() || self.events.contains(&kind)
    }

    /// The secrets that sign now.
    pub fn signing(&self, now: DateTime<Utc>) -> impl Iterator<Item = &Secret> {
        self.secrets.iter().filter(move |secret| secret.until.is_none_or(|until| now < until))
    }

    /// The webhook with these changes. `check` says what is wrong with an address.
    pub(crate) fn edit(
        self,
        edit: WebhookEdit,
        naming: Naming,
        now: DateTime<Utc>,
        check: impl Fn(&str) -> Result<(), String>,
    ) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        let mut webhook = self;
        if let Some(url) = edit.url {
            let checked = TextRule::line(URL).required("url", &url);
            let checked = checked.and_then(|url| match check(&url) {
                Ok(()) => Ok(url),
                Err(wrong) => Err(Fault::new("url", wrong)),
            });
            webhook.url = faults.keep(checked).unwrap_or_default();
        }
        if let Some(text) = edit.description {
            webhook.description = faults.keep(TextRule::line(200).optional("description", &text)).flatten();
        }
        if let Some(names) = edit.events {
            webhook.events = kinds(&names, naming, &mut faults);
        }
        webhook.audience = edit.audience.unwrap_or(webhook.audience);
        if webhook.audience == Audience::Outside
            && let Some(kind) = webhook.events.iter().find(|kind| kind.is_for_staff())
        {
            let message = format!("`{}` is told to nobody but staff: give `audience` as `staff`", kind.name(naming));
            faults.push(Fault::new("events", message));
        }
        match edit.enabled {
            Some(true) => webhook.state = WebhookState::Enabled,
            Some(false) if webhook.is_enabled() => webhook = webhook.disable("switched off by an admin", now),
            _ => {}
        }
        faults.check()?;
        Ok(Self { updated_at: now, ..webhook })
    }

    /// The webhook as switched off.
    #[must_use]
    pub(crate) fn disable(self, why: impl Into<String>, now: DateTime<Utc>) -> Self {
        Self { state: WebhookState::Disabled { at: now, why: why.into() }, updated_at: now, ..self }
    }

    /// The webhook with a new secret; the one before signs for another day, so that the other side can change over.
    #[must_use]
    pub(crate) fn rotate(self, value: String, now: DateTime<Utc>) -> Self {
        // Whoever lost the answer makes another: that must not take away what the other side still knows.
        let live = self.secrets.iter().filter(|secret| secret.until.is_none_or(|until| now < until));
        let before = live.map(|secret| Secret { until: secret.until.or(Some(now + ROTATION)), ..secret.clone() });
        let mut secrets: Vec<Secret> = [Secret { value, until: None }].into_iter().chain(before).collect();
        if secrets.len() > SECRETS {
            // The one that the other side has known for longest stays, with the two latest.
            secrets.drain(2..secrets.len() - 1);
        }
        Self { secrets, updated_at: now, ..self }
    }
}

fn kinds(names: &[String], naming: Naming, faults: &mut Faults) -> BTreeSet<AnnouncementKind> {
    let mut kinds = BTreeSet::new();
    for (index, name) in names.iter().enumerate() {
        // A test is sent to whoever asks for it, whatever they hear else.
        let is_told = |kind: &AnnouncementKind| *kind != AnnouncementKind::Test;
        let found: Vec<_> = AnnouncementKind::find(naming, name.trim()).into_iter().filter(is_told).collect();
        if found.is_empty() {
            let all = AnnouncementKind::ALL.iter().filter(|kind| is_told(kind));
            let known: BTreeSet<&str> = all.map(|kind| kind.name(naming)).collect();
            faults.push(Fault::unknown(format!("events.{index}"), name, known));
        }
        kinds.extend(found);
    }
    kinds
}

impl Kept for Webhook {
    const KIND: DocumentKind = DocumentKind::Webhook;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn placement(&self) -> Placement {
        let at = self.created_at.timestamp_millis();
        let mut lists = std::collections::BTreeMap::from([(Self::ALL.to_owned(), at)]);
        if self.is_enabled() {
            lists.insert(Self::ENABLED.to_owned(), at);
        }
        Placement { lists, ..Placement::default() }
    }
}
