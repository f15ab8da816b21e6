//! Who listens, all treated alike.

use super::{
    super::{Desk, Error},
    Heard, SINK_PAUSES, WEBHOOK_PAUSES,
    read::Story,
    sign::signed,
};
use crate::{
    domain::{
        announcement::{Announcement, Audience},
        delivery::Attempt,
        id::WebhookId,
        webhook::Webhook,
    },
    ports::{
        sinks::{Sink, SinkError},
        webhooks::{WebhookAnswer, WebhookCall, WebhookCallError},
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt as _, stream};
use std::{sync::Arc, time::Duration};

/// So long an address may take to answer (Standard Webhooks asks for 15 to 30 seconds).
const TIMEOUT: Duration = Duration::from_secs(15);
/// Requests to one address that are under way at once.
const CALLS: usize = 8;
/// The longest pause that an address can ask for.
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(12);
/// The most of an error that is kept.
const ERROR: usize = 200;

/// Somebody who is told what happens.
#[derive(Clone)]
pub(in crate::desk) enum Ears {
    /// A sink of the host.
    Sink(Arc<dyn Sink>),
    /// An address.
    Webhook(WebhookId),
    /// The desk itself, which tells people.
    People,
}

impl Ears {
    /// By what it is known.
    pub(in crate::desk) fn name(&self) -> String {
        match self {
            Self::Sink(sink) => format!("sink/{}", sink.name()),
            Self::Webhook(id) => Webhook::sink_of(*id),
            Self::People => "people".to_owned(),
        }
    }

    /// How many are told in one go.
    pub(super) fn batch(&self) -> u32 {
        match self {
            Self::Sink(_) => 512,
            Self::Webhook(_) => 64,
            Self::People => 128,
        }
    }

    /// How many are told at once: so many are begun before anybody looks whether there is time for more.
    pub(super) fn at_once(&self) -> usize {
        match self {
            Self::Sink(_) | Self::People => 512,
            Self::Webhook(_) => CALLS,
        }
    }

    /// Whether what was taken at once is written down, too.
    pub(super) fn keeps_a_log(&self) -> bool {
        matches!(self, Self::Webhook(_))
    }

    /// How long after each other something is tried that was not taken.
    pub(super) fn pauses(&self) -> &'static [TimeDelta] {
        match self {
            Self::Webhook(_) => &WEBHOOK_PAUSES,
            Self::Sink(_) | Self::People => &SINK_PAUSES,
        }
    }
}

/// A listener of which is known what it wants to hear.
pub(super) enum Listening {
    Sink(Arc<dyn Sink>),
    Webhook(Box<Webhook>),
    People,
}

impl Listening {
    /// Whether it wants to be told.
    pub(super) fn wants(&self, desk: &Desk, story: &Story) -> bool {
        let kind = story.kind();
        match self {
            Self::Sink(sink) => sink.wants(kind) && story.announcement(desk, sink.audience()).is_some(),
            Self::Webhook(webhook) => webhook.wants(kind) && story.announcement(desk, webhook.audience).is_some(),
            Self::People => true,
        }
    }

    /// Tells it a batch, of which no two are about the same.
    pub(super) async fn tell(&self, desk: &Desk, batch: &[&Story]) -> Vec<Heard> {
        match self {
            Self::Sink(sink) => tell_sink(desk, sink, batch).await,
            Self::Webhook(webhook) => {
                let mut calls = Vec::with_capacity(batch.len());
                for story in batch {
                    calls.push(desk.call(webhook, story, webhook.audience));
                }
                stream::iter(calls).buffered(CALLS).collect().await
            }
            Self::People => desk.tell_people(batch).await,
        }
    }
}

async fn tell_sink(desk: &Desk, sink: &Arc<dyn Sink>, batch: &[&Story]) -> Vec<Heard> {
    let at = desk.now();
    let audience = sink.audience();
    let told: Vec<Option<Announcement>> = batch.iter().map(|story| story.announcement(desk, audience)).collect();
    let some: Vec<Announcement> = told.iter().flatten().cloned().collect();
    let mut answers = sink.take(&some).await.into_iter();
    let now = desk.now();
    let heard = |told: Option<Announcement>| match told.map(|_| answers.next()) {
        // It came to be for others' ears since it was chosen.
        None => Heard::Taken(attempt(at, now, None, Some("there was nothing to tell".to_owned()))),
        Some(Some(Ok(()))) => Heard::Taken(attempt(at, now, None, None)),
        Some(Some(Err(SinkError::Unavailable(why)))) => Heard::NotNow(cut(why)),
        Some(Some(Err(SinkError::Refused(why)))) => {
            Heard::Refused(attempt(at, now, None, Some(why)), TimeDelta::zero())
        }
        // A sink that answers for less than it was given has taken no more.
        Some(None) => Heard::NotNow("it did not answer for all".to_owned()),
    };
    told.into_iter().map(heard).collect()
}

fn attempt(at: DateTime<Utc>, now: DateTime<Utc>, status: Option<u16>, error: Option<String>) -> Attempt {
    let took_ms = u32::try_from((now - at).num_milliseconds()).unwrap_or(0);
    Attempt { at, took_ms, status, error: error.map(cut) }
}

fn cut(error: String) -> String {
    if error.chars().nth(ERROR).is_some() { error.chars().take(ERROR).collect() } else { error }
}

impl Desk {
    /// Who is told what happens: sinks, the desk itself, and the addresses that are switched on.
    pub(in crate::desk) async fn all_ears(&self) -> Result<Vec<Ears>, Error> {
        let mut ears: Vec<Ears> = self.0.sinks.iter().cloned().map(Ears::Sink).collect();
        if self.0.notifies {
            ears.push(Ears::People);
        }
        ears.extend(self.enabled_webhooks().await?.into_iter().map(Ears::Webhook));
        Ok(ears)
    }

    /// What a listener wants to hear; none where it is there no more, or switched off.
    pub(super) async fn listening(&self, ears: &Ears) -> Result<Option<Listening>, Error> {
        Ok(match ears {
            Ears::Sink(sink) => Some(Listening::Sink(sink.clone())),
            Ears::People => Some(Listening::People),
            Ears::Webhook(id) => {
                let held = self.held::<Webhook>(id.uuid()).await?;
                held.filter(|held| held.value.is_enabled()).map(|held| Listening::Webhook(Box::new(held.value)))
            }
        })
    }

    async fn call(&self, webhook: &Webhook, story: &Story, audience: Audience) -> Heard {
        let at = self.now();
        match story.announcement(self, audience) {
            Some(announcement) => self.call_with(webhook, &announcement).await,
            // It came to be for others' ears since it was chosen.
            None => Heard::Taken(attempt(at, at, None, Some("there was nothing to tell".to_owned()))),
        }
    }

    async fn call_with(&self, webhook: &Webhook, announcement: &Announcement) -> Heard {
        let at = self.now();
        let body = announcement.envelope().to_string().into_bytes();
        let headers = match signed(webhook, announcement.id, at, &body) {
            Ok(headers) => headers,
            Err(fault) => return Heard::Refused(attempt(at, at, None, Some(fault.to_string())), TimeDelta::zero()),
        };
        let call = WebhookCall { url: webhook.url.clone(), headers, body, timeout: TIMEOUT };
        let answer = self.0.webhooks.call(&call).await;
        heard(at, self.now(), answer)
    }

    /// Tells an address that somebody tries it, at once.
    pub(in crate::desk) async fn try_webhook(&self, webhook: &Webhook) -> Attempt {
        let id = self.0.ids.id(self.now());
        let trial = Announcement::trial(id, self.now(), &self.profile().events);
        match self.call_with(webhook, &trial).await {
            Heard::Taken(attempt) | Heard::Refused(attempt, _) | Heard::Gone(attempt) => attempt,
            Heard::NotNow(why) => attempt(self.now(), self.now(), None, Some(why)),
        }
    }
}

fn heard(at: DateTime<Utc>, now: DateTime<Utc>, answer: Result<WebhookAnswer, WebhookCallError>) -> Heard {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return Heard::Refused(attempt(at, now, None, Some(error.to_string())), TimeDelta::zero()),
    };
    let status = Some(answer.status);
    match answer.status {
        200..=299 => Heard::Taken(attempt(at, now, status, None)),
        410 => Heard::Gone(attempt(at, now, status, Some("it is gone for good".to_owned()))),
        300..=399 => Heard::Refused(
            attempt(at, now, status, Some("it points elsewhere; give the address that answers".to_owned())),
            TimeDelta::zero(),
        ),
        _ => {
            let pause = answer.retry_after.and_then(|pause| TimeDelta::from_std(pause).ok());
            let pause = pause.unwrap_or_default().min(LONGEST_PAUSE);
            Heard::Refused(attempt(at, now, status, Some("it answered with an error".to_owned())), pause)
        }
    }
}
