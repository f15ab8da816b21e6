//! One look of one listener: what it did not take before, then what has happened since.

use super::{
    super::{
        Desk, Error,
        documents::{Held, add},
    },
    Ears, Heard,
    ears::Listening,
    read::{Found, Stories, Story},
};
use crate::{
    domain::{
        announcement::{Announced, AnnouncementKind},
        delivery::{Attempt, Delivery, DeliveryState, Source, pause},
        document::DocumentKind,
        sink::SinkState,
        webhook::Webhook,
    },
    ports::{Write, documents::DocumentQuery, leases::Lease},
};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Deliveries that are tried again in one go.
const RETRIES: usize = 64;
/// So many wait for a listener at most; with more, what happens stays in the trails, where it costs nothing.
const MOST_WAITING: u64 = 500;
/// No pause is longer.
const FARTHEST: TimeDelta = TimeDelta::hours(24);
/// A lease must last for so long at least when something more is begun: the longest that somebody may take to answer.
const SLOWEST: TimeDelta = TimeDelta::seconds(30);
/// The longest pause before somebody who takes nothing is told again.
pub(super) const LONGEST: TimeDelta = TimeDelta::minutes(5);

/// What one look came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Passed {
    /// How many it took.
    pub(super) told: u32,
    /// Whether there may be more for it now.
    pub(super) more: bool,
}

/// What is written of a look.
struct Pass<'a> {
    desk: &'a Desk,
    ears: &'a Ears,
    name: String,
    state: SinkState,
    writes: Vec<Write>,
    told: u32,
    /// How many waited to be told again when the look began.
    waiting: u64,
    /// Something that stood behind can be told now.
    promoted: bool,
    /// After this moment nothing more is begun.
    deadline: DateTime<Utc>,
    /// Whether the workers want to stop.
    halt: &'a (dyn Fn() -> bool + Send + Sync),
    /// It takes nothing now.
    stopped: Option<String>,
    /// It will never take anything again.
    gone: Option<String>,
}

impl Desk {
    /// Tells a listener what it has to be told.
    pub(super) async fn pass(
        &self,
        ears: &Ears,
        lease: &Lease,
        halt: &(dyn Fn() -> bool + Send + Sync),
    ) -> Result<Passed, Error> {
        let Some(listening) = self.listening(ears).await? else { return Ok(Passed::default()) };
        let Some(held) = self.state_of(ears, lease).await? else { return Ok(Passed::default()) };
        if self.must_wait(&held.value) {
            return Ok(Passed::default());
        }
        let state = held.value.clone();
        let name = ears.name();
        let waiting = self.open_deliveries(&name).await?;
        let mut pass = Pass {
            desk: self,
            ears,
            name,
            state,
            writes: Vec::new(),
            told: 0,
            waiting,
            promoted: false,
            deadline: deadline(lease, self.now()),
            halt,
            stopped: None,
            gone: None,
        };
        let retried = pass.retry(&listening).await?;
        let more = pass.tell_news(&listening).await?;
        pass.end();
        let (told, stopped, gone) = (pass.told, pass.stopped.is_some(), pass.gone.take());
        let mut writes = pass.writes;
        if pass.state != held.value {
            writes.push(held.put(&pass.state)?);
        }
        if let (Some(why), Listening::Webhook(webhook)) = (gone, &listening) {
            writes.extend(self.switch_off(webhook, &why).await?);
        }
        if !writes.is_empty() {
            self.commit_under(lease, writes).await?;
        }
        if told > 0 {
            metrics::counter!("support_told_total", "sink" => ears.name()).increment(u64::from(told));
        }
        if stopped {
            metrics::counter!("support_sink_failures_total", "sink" => ears.name()).increment(1);
        }
        Ok(Passed { told, more: !stopped && (more || retried) })
    }

    /// The writes that switch an address off, and tell whoever set it up.
    async fn switch_off(&self, webhook: &Webhook, why: &str) -> Result<Vec<Write>, Error> {
        let held = self.held::<Webhook>(webhook.id.uuid()).await?;
        let Some(held) = held.filter(|held| held.value.is_enabled()) else { return Ok(Vec::new()) };
        tracing::warn!(target: "support_desk::webhooks", webhook = %webhook.id, why, "a webhook was switched off");
        metrics::counter!("support_webhooks_disabled_total").increment(1);
        let mut writes = vec![held.put(&held.value.clone().disable(why, self.now()))?];
        writes.extend(self.plan_notice_of_webhook(&held.value)?);
        Ok(writes)
    }
}

/// After this moment nothing more is begun under a lease; however short that is, something may be.
fn deadline(lease: &Lease, now: DateTime<Utc>) -> DateTime<Utc> {
    lease.until - SLOWEST.min(lease.until - now - TimeDelta::seconds(1))
}

impl Pass<'_> {
    /// What is due again. Answers whether there may be more of it.
    ///
    /// Which is the first of its line is looked for each time: whatever an admin or another pass has settled meanwhile, the
    /// next one cannot be forgotten behind it.
    async fn retry(&mut self, listening: &Listening) -> Result<bool, Error> {
        if self.waiting == 0 {
            return Ok(false);
        }
        let now = self.desk.now();
        let most = u32::try_from(2 * MOST_WAITING).unwrap_or(u32::MAX);
        let query = DocumentQuery::rising(DocumentKind::Delivery, Delivery::open(&self.name), most);
        let mut open = self.desk.held_list::<Delivery>(&query).await?.items;
        let mut lines = BTreeSet::new();
        open.retain(|held| lines.insert(held.value.source.line()));
        let is_due = |held: &Held<Delivery>| match held.value.state {
            // A moment farther off than any pause was set by a clock that has gone back since.
            DeliveryState::Waiting { at } => at <= now || at > now + FARTHEST,
            _ => true,
        };
        open.retain(is_due);
        let more = open.len() > RETRIES;
        open.truncate(RETRIES);
        for chunk in open.chunks(self.ears.at_once()) {
            if self.must_end() {
                return Ok(true);
            }
            self.retry_some(listening, chunk).await?;
        }
        Ok(self.promoted || more)
    }

    async fn retry_some(&mut self, listening: &Listening, due: &[Held<Delivery>]) -> Result<(), Error> {
        let (mut told, mut stories) = (Vec::new(), Vec::new());
        for held in due {
            match self.desk.story_at(held.value.source).await? {
                Found::Story(story) if listening.wants(self.desk, &story) => {
                    told.push(held);
                    stories.push(*story);
                }
                Found::Story(_) => self.give_up(held, "it is not for these ears any more").await?,
                Found::Gone => self.give_up(held, "what it told of is gone").await?,
                Found::Unreadable => {
                    let heard = Heard::Refused(self.unreadable(), TimeDelta::zero());
                    self.note(held, heard).await?;
                }
            }
        }
        if !stories.is_empty() {
            let heard = listening.tell(self.desk, &stories.iter().collect::<Vec<_>>()).await;
            for (held, heard) in told.iter().zip(heard) {
                self.note(held, heard).await?;
            }
        }
        Ok(())
    }

    /// Whether it is time to write down what was done, and leave the rest to the next pass.
    fn must_end(&self) -> bool {
        self.stopped.is_some() || self.gone.is_some() || (self.halt)() || self.desk.now() >= self.deadline
    }

    fn unreadable(&self) -> Attempt {
        let error = Some("what it tells of cannot be read".to_owned());
        Attempt { at: self.desk.now(), took_ms: 0, status: None, error }
    }

    /// What became of a delivery that was tried again.
    async fn note(&mut self, held: &Held<Delivery>, heard: Heard) -> Result<(), Error> {
        let mut delivery = held.value.clone();
        if !self.settle(&mut delivery, heard) {
            return Ok(());
        }
        self.writes.push(held.put(&delivery)?);
        if !delivery.state.is_open() {
            self.promote(&delivery).await?;
        }
        Ok(())
    }

    /// The delivery after one more try, whatever came of it. Answers whether there was one: whoever takes nothing now was not
    /// tried.
    fn settle(&mut self, delivery: &mut Delivery, heard: Heard) -> bool {
        let now = self.desk.now();
        match heard {
            Heard::Taken(attempt) => {
                self.took();
                delivery.attempts.push(attempt);
                delivery.state = DeliveryState::Delivered { at: now };
            }
            Heard::Refused(attempt, least) => self.refused(delivery, attempt, least),
            Heard::Gone(attempt) => {
                self.gone = Some("it answered 410: it is gone for good".to_owned());
                delivery.attempts.push(attempt);
                delivery.state = DeliveryState::Dead { at: now };
            }
            Heard::NotNow(why) => {
                self.stopped = Some(why);
                return false;
            }
        }
        true
    }

    async fn give_up(&mut self, held: &Held<Delivery>, why: &str) -> Result<(), Error> {
        let now = self.desk.now();
        let mut delivery = held.value.clone();
        delivery.attempts.push(Attempt { at: now, took_ms: 0, status: None, error: Some(why.to_owned()) });
        delivery.state = DeliveryState::Dead { at: now };
        self.writes.push(held.put(&delivery)?);
        self.promote(&delivery).await
    }

    /// Whoever stood behind it in line is next.
    async fn promote(&mut self, done: &Delivery) -> Result<(), Error> {
        let next = self.desk.promotion(done).await?;
        self.promoted |= next.is_some();
        self.writes.extend(next);
        Ok(())
    }

    fn took(&mut self) {
        self.told += 1;
        (self.state.failures, self.state.failing_since, self.state.error) = (0, None, None);
    }

    /// The delivery after one more try that came to nothing.
    fn refused(&mut self, delivery: &mut Delivery, attempt: Attempt, least: TimeDelta) {
        let now = self.desk.now();
        let since = *self.state.failing_since.get_or_insert(now);
        self.state.error.clone_from(&attempt.error);
        delivery.attempts.push(attempt);
        let pause = pause(self.ears.pauses(), delivery.attempts.len(), self.desk.0.ids.random());
        if let Some(pause) = pause {
            delivery.state = DeliveryState::Waiting { at: now + pause.max(least) };
            return;
        }
        delivery.state = DeliveryState::Dead { at: now };
        // For days nothing else was taken either: nobody is there.
        if since <= delivery.created_at + TimeDelta::minutes(1) && matches!(self.ears, Ears::Webhook(_)) {
            self.gone = Some(format!("it has taken nothing for {} days", (now - since).num_days()));
        }
    }

    /// What happened since. Answers whether there may be more.
    async fn tell_news(&mut self, listening: &Listening) -> Result<bool, Error> {
        if self.must_end() {
            return Ok(false);
        }
        if self.waiting >= MOST_WAITING {
            let why = "so many wait to be tried again that nothing new is told before some are taken or dropped";
            self.state.error = Some(why.to_owned());
            return Ok(false);
        }
        let batch = self.ears.batch();
        let next = self.desk.next_for(&self.state, batch).await?;
        let more = next.events.len() == batch as usize || next.things.len() == batch as usize;
        let events: Vec<(Uuid, crate::domain::id::EventId)> =
            next.events.iter().map(|event| (event.id.uuid(), event.id)).collect();
        let things: Vec<(Uuid, u64)> =
            next.things.iter().map(|thing| (thing.id.uuid(), thing.place.unwrap_or(0))).collect();
        if events.is_empty() && things.is_empty() {
            return Ok(false);
        }
        let open = self.tell_all(listening, next.events, next.things).await?;
        // As far as everything in front was settled, nothing of it has to be remembered one by one.
        let settled_events = events.iter().take_while(|(id, _)| !open.contains(id)).count();
        let settled_things = things.iter().take_while(|(id, _)| !open.contains(id)).count();
        if let Some((_, last)) = settled_events.checked_sub(1).and_then(|last| events.get(last)) {
            self.state.event = Some(*last);
        }
        if let Some((_, last)) = settled_things.checked_sub(1).and_then(|last| things.get(last)) {
            self.state.thing = *last;
        }
        let rest =
            events[settled_events..].iter().map(|(id, _)| id).chain(things[settled_things..].iter().map(|(id, _)| id));
        self.state.ahead = rest.filter(|id| !open.contains(*id)).copied().collect();
        Ok(more && open.is_empty())
    }

    /// Tells all of it that is not told yet. Answers what has still to be told.
    async fn tell_all(
        &mut self,
        listening: &Listening,
        events: Vec<crate::domain::event::Event>,
        things: Vec<Announced>,
    ) -> Result<BTreeSet<Uuid>, Error> {
        let ahead = self.state.ahead.clone();
        let events = events.into_iter().filter(|event| !ahead.contains(&event.id.uuid())).collect();
        let Stories { mut stories, unreadable } = self.desk.stories_of(events).await?;
        for thing in things.into_iter().filter(|thing| !ahead.contains(&thing.id.uuid())) {
            stories.push(self.desk.story_of(thing).await?);
        }
        stories.retain(|story| listening.wants(self.desk, story));
        let mut held_up = self.lines_held_up(&stories).await?;
        for event in &unreadable {
            // Not to be told is not to be passed over: an admin finds it, and can have it tried again.
            let source = Source::Event { event: event.id, ticket: event.ticket };
            let mut delivery = self.delivery(source, AnnouncementKind::of_event(event));
            let attempt = self.unreadable();
            self.refused(&mut delivery, attempt, TimeDelta::zero());
            held_up.insert(source.line());
            self.writes.push(add(&delivery)?);
        }
        let mut waves: BTreeMap<usize, Vec<&Story>> = BTreeMap::new();
        let mut seen: BTreeMap<Uuid, usize> = BTreeMap::new();
        for story in &stories {
            let wave = seen.entry(story.source().line()).or_default();
            waves.entry(*wave).or_default().push(story);
            *wave += 1;
        }
        let mut open = BTreeSet::new();
        for (_, wave) in waves {
            for chunk in wave.chunks(self.ears.at_once()) {
                if self.must_end() {
                    open.extend(chunk.iter().map(|story| story.source().id()));
                    continue;
                }
                self.tell_wave(listening, chunk, &mut held_up, &mut open).await?;
            }
        }
        Ok(open)
    }

    /// Things of which something is still to be told.
    async fn lines_held_up(&self, stories: &[Story]) -> Result<BTreeSet<Uuid>, Error> {
        if self.waiting == 0 && self.writes.is_empty() {
            return Ok(BTreeSet::new());
        }
        let lines: BTreeSet<Uuid> = stories.iter().map(|story| story.source().line()).collect();
        let lists: Vec<String> = lines.iter().map(|line| Delivery::line(&self.name, *line)).collect();
        let counts = self.desk.counts_on::<Delivery>(&lists).await?;
        Ok(lines.into_iter().zip(counts).filter(|(_, open)| *open > 0).map(|(line, _)| line).collect())
    }

    /// Tells what comes first of each thing. What waits behind something of its line becomes a delivery at once.
    async fn tell_wave(
        &mut self,
        listening: &Listening,
        wave: &[&Story],
        held_up: &mut BTreeSet<Uuid>,
        open: &mut BTreeSet<Uuid>,
    ) -> Result<(), Error> {
        let (behind, free): (Vec<&Story>, Vec<&Story>) =
            wave.iter().partition(|story| held_up.contains(&story.source().line()));
        for story in behind {
            let delivery = self.delivery(story.source(), story.kind());
            self.writes.push(add(&delivery)?);
        }
        let heard = if free.is_empty() { Vec::new() } else { listening.tell(self.desk, &free).await };
        for (story, heard) in free.into_iter().zip(heard) {
            if matches!(heard, Heard::Taken(_)) && !self.ears.keeps_a_log() {
                self.took();
                continue;
            }
            if let Heard::NotNow(why) = heard {
                self.stopped = Some(why);
                open.insert(story.source().id());
                continue;
            }
            let mut delivery = self.delivery(story.source(), story.kind());
            self.settle(&mut delivery, heard);
            if delivery.state.is_open() {
                held_up.insert(delivery.source.line());
            }
            self.writes.push(add(&delivery)?);
        }
        Ok(())
    }

    fn delivery(&mut self, source: Source, kind: AnnouncementKind) -> Delivery {
        let now = self.desk.now();
        self.state.deliveries += 1;
        Delivery {
            id: self.desk.0.ids.id(now).into(),
            number: self.state.deliveries,
            sink: self.name.clone(),
            source,
            kind,
            attempts: Vec::new(),
            state: DeliveryState::Behind,
            created_at: now,
        }
    }

    /// What is known of the listener now.
    fn end(&mut self) {
        match self.stopped.take() {
            None => self.state.next = None,
            Some(why) => {
                let now = self.desk.now();
                self.state.failing_since.get_or_insert(now);
                self.state.failures = self.state.failures.saturating_add(1);
                let seconds = 1_i64 << self.state.failures.min(9);
                let pause = pause(&[TimeDelta::seconds(seconds).min(LONGEST)], 1, self.desk.0.ids.random());
                self.state.next = pause.map(|pause| now + pause);
                self.state.error = Some(why.clone());
                self.stopped = Some(why);
            }
        }
    }
}
