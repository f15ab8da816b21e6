//! Telling people what is due, on all ways but the inbox.

use super::super::{Desk, Error, digest::sha256, documents::Held};
use crate::{
    domain::{
        actor::Actor,
        document::DocumentKind,
        notification::{Digest, Letter, Notification, NotificationState, Person, Preferences, Topic, Way},
        ticket::{Reach, Ticket},
    },
    ports::{
        Write,
        channels::ChannelError,
        directory::{Lookup, ReachCard},
        documents::DocumentQuery,
        leases::Lease,
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt as _, stream};
use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use uuid::Uuid;

/// Notifications that are read at a time.
const BATCH: u32 = 100;
/// People who are told at once.
const AT_ONCE: usize = 8;
/// Between two looks.
const LOOK: Duration = Duration::from_millis(500);
/// The lease must last for so long at least when another letter is begun.
const SLOWEST: TimeDelta = TimeDelta::seconds(30);
const HOUR: TimeDelta = TimeDelta::hours(1);
/// The most mails in an hour to an address that nobody has shown to be theirs.
const UNVERIFIED: u32 = 3;
/// After each try that came to nothing; the last as often as patience lasts.
const PAUSES: [TimeDelta; 4] =
    [TimeDelta::minutes(1), TimeDelta::minutes(5), TimeDelta::minutes(30), TimeDelta::hours(2)];

/// Tells people what is due. One node at a time does it.
pub(in crate::desk) struct Errands<'a> {
    pub(in crate::desk) desk: &'a Desk,
    pub(in crate::desk) holder: Uuid,
    pub(in crate::desk) lease: TimeDelta,
    pub(in crate::desk) stopping: &'a AtomicBool,
    pub(in crate::desk) failed: &'a (dyn Fn(&str, &Error) + Send + Sync),
}

/// Where somebody can be reached.
struct Address {
    at: String,
    verified: bool,
    card: ReachCard,
}

/// How often addresses may still be written to, and when again where they may not: found once in a round.
type Sent = Mutex<BTreeMap<String, (u32, DateTime<Utc>)>>;

/// What became of some notifications that belong together.
enum Fate {
    Told { to: Option<String> },
    Later { at: DateTime<Utc>, tried: bool },
    Never(String),
}

impl Errands<'_> {
    /// Tells until it is time to stop. What has begun then is finished.
    pub(in crate::desk) async fn run(&self) {
        while !self.stopping.load(Ordering::Relaxed) {
            match self.round().await {
                Ok(0) => self.desk.0.timer.sleep(LOOK).await,
                Ok(_) => {}
                Err(error) => {
                    (self.failed)("notify", &error);
                    self.desk.0.timer.sleep(LOOK).await;
                }
            }
        }
    }

    /// Tells what is due now, up to some dozens. Answers how many notifications were settled.
    pub(in crate::desk) async fn round(&self) -> Result<u32, Error> {
        if self.due(1).await?.is_empty() {
            return Ok(0);
        }
        let lease = self.desk.take_lease("notify", self.holder, self.lease * 2).await?;
        let Some(lease) = lease else { return Ok(0) };
        let mut people: BTreeMap<(Person, Way), Vec<Held<Notification>>> = BTreeMap::new();
        for held in self.due(BATCH).await? {
            people.entry((held.value.person, held.value.way)).or_default().push(held);
        }
        let sent = Sent::default();
        let mut told = Vec::with_capacity(people.len());
        for due in people.into_values() {
            told.push(self.tell(due, &lease, &sent));
        }
        let results: Vec<Result<u32, Error>> = stream::iter(told).buffer_unordered(AT_ONCE).collect().await;
        results.into_iter().try_fold(0, |sum, told| Ok(sum + told?))
    }

    async fn due(&self, limit: u32) -> Result<Vec<Held<Notification>>, Error> {
        let now = self.desk.now();
        let query = DocumentQuery::rising(DocumentKind::Notification, Notification::DUE, limit);
        let items = self.desk.held_list::<Notification>(&query).await?.items;
        let is_due =
            |held: &Held<Notification>| matches!(held.value.state, NotificationState::Due { at, .. } if at <= now);
        Ok(items.into_iter().filter(is_due).collect())
    }

    /// Tells one person on one way: all at once where they want it collected, else one by one.
    async fn tell(&self, due: Vec<Held<Notification>>, lease: &Lease, sent: &Sent) -> Result<u32, Error> {
        let Some(first) = due.first() else { return Ok(0) };
        let (person, way) = (first.value.person, first.value.way);
        let wishes = self.desk.preferences_of(person).await?.map(|held| held.value);
        let collected = way == Way::Email && wishes.as_ref().is_some_and(|wishes| wishes.digest != Digest::Off);
        let latest = self.desk.now() - self.desk.profile().notifications.patience.delta();
        let (late, due): (Vec<_>, Vec<_>) = due.into_iter().partition(|held| held.value.at < latest);
        // Whoever asks for a link waits for it, and it is nobody else's to read.
        let (alone, together): (Vec<_>, Vec<_>) =
            due.into_iter().partition(|held| !collected || held.value.topic == Topic::AccessLink);
        let mut groups: Vec<Vec<Held<Notification>>> = alone.into_iter().map(|held| vec![held]).collect();
        if !together.is_empty() {
            groups.push(together);
        }
        let too_late = Fate::Never("it could not be told in time".to_owned());
        let mut settled = self.mark(&late, &too_late, wishes.as_ref(), lease).await?;
        for group in groups {
            // What is begun must be marked before another node may begin it, too.
            if self.stopping.load(Ordering::Relaxed) || self.desk.now() >= lease.until - SLOWEST.min(self.lease) {
                break;
            }
            let fate = self.send(&group, way, person, sent).await?;
            settled += self.mark(&group, &fate, wishes.as_ref(), lease).await?;
        }
        Ok(settled)
    }

    /// Sends what belongs together as one letter.
    async fn send(&self, group: &[Held<Notification>], way: Way, person: Person, sent: &Sent) -> Result<Fate, Error> {
        let desk = self.desk;
        let Some(channel) = desk.0.channels.get(&way) else {
            return Ok(Fate::Never("this desk has no such way any more".to_owned()));
        };
        let ticket = match group.first().and_then(|held| held.value.ticket) {
            Some(id) => desk.0.store.ticket(id).await?,
            None => None,
        };
        let Some(address) = desk.address_of(person, way, ticket.as_ref()).await? else {
            return Ok(Fate::Never("nobody knows where they can be reached".to_owned()));
        };
        let confirms =
            |held: &Held<Notification>| matches!(held.value.topic, Topic::TicketReceived | Topic::AccessLink);
        if way == Way::Email && !address.verified && !group.iter().all(confirms) {
            return Ok(Fate::Never("they have not shown that the address is theirs".to_owned()));
        }
        let to = (way == Way::Email).then(|| sha256(Reach::key(&address.at).as_bytes()));
        if let Some(at) = self.wait(to.as_deref(), address.verified, sent).await? {
            // Whoever has not asked for mail shall not get it bit by bit for days either.
            let why = "as much was sent as goes to an address that nobody has shown to be theirs";
            let never = Fate::Never(why.to_owned());
            return Ok(if address.verified { Fate::Later { at, tried: false } } else { never });
        }
        let Some(letter) = desk.letter(group, person, address, ticket.as_ref()).await? else {
            return Ok(Fate::Never("it is not theirs to know any more".to_owned()));
        };
        Ok(match channel.send(&letter).await {
            Ok(()) => Fate::Told { to },
            Err(ChannelError::Refused(why)) => Fate::Never(why),
            Err(ChannelError::Unavailable(_)) => {
                let tries = group.iter().map(|held| attempts(&held.value)).max().unwrap_or(0) as usize;
                let pause = PAUSES[tries.min(PAUSES.len() - 1)];
                Fate::Later { at: desk.now() + pause, tried: true }
            }
        })
    }

    /// When an address may be written to again; none where it may now, and then it counts as written to.
    async fn wait(&self, to: Option<&str>, verified: bool, sent: &Sent) -> Result<Option<DateTime<Utc>>, Error> {
        let Some(to) = to else { return Ok(None) };
        let known = sent.lock().unwrap_or_else(PoisonError::into_inner).contains_key(to);
        if !known {
            let found = self.left_of(to, verified).await?;
            sent.lock().unwrap_or_else(PoisonError::into_inner).entry(to.to_owned()).or_insert(found);
        }
        let mut sent = sent.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((left, again)) = sent.get_mut(to) else { return Ok(None) };
        match left.checked_sub(1) {
            Some(fewer) => {
                *left = fewer;
                Ok(None)
            }
            None => Ok(Some(*again)),
        }
    }

    /// How often an address may be written to in this hour, and when again once it may not.
    async fn left_of(&self, to: &str, verified: bool) -> Result<(u32, DateTime<Utc>), Error> {
        let (now, rule) = (self.desk.now(), &self.desk.profile().notifications);
        let most = if verified { rule.mails_per_hour } else { rule.mails_per_hour.min(UNVERIFIED) };
        let query = DocumentQuery::falling(DocumentKind::Notification, Notification::sent_to(to), most);
        let told = |held: &Held<Notification>| match held.value.state {
            NotificationState::Told { at, .. } if at + HOUR > now => Some(at),
            _ => None,
        };
        let last: Vec<DateTime<Utc>> = self.desk.held_list(&query).await?.items.iter().filter_map(told).collect();
        let again = last.iter().min().map_or(now, |oldest| *oldest) + HOUR;
        Ok((most.saturating_sub(u32::try_from(last.len()).unwrap_or(u32::MAX)), again))
    }

    async fn mark(
        &self,
        group: &[Held<Notification>],
        fate: &Fate,
        wishes: Option<&Preferences>,
        lease: &Lease,
    ) -> Result<u32, Error> {
        if group.is_empty() {
            return Ok(0);
        }
        let now = self.desk.now();
        let mut writes = Vec::with_capacity(group.len());
        for held in group {
            let state = match fate {
                Fate::Told { to } => NotificationState::Told { at: now, to: to.clone(), read: None },
                Fate::Later { at, tried } => {
                    let Notification { way, topic, .. } = held.value;
                    // The hours in which they want to be left alone may have begun.
                    let at = wishes.map_or(*at, |wishes| wishes.due(way, topic, *at));
                    NotificationState::Due { at, attempts: attempts(&held.value) + u32::from(*tried) }
                }
                Fate::Never(why) => NotificationState::Failed { at: now, why: why.clone() },
            };
            writes.push(held.put(&Notification { state, ..held.value.clone() })?);
        }
        if let (Fate::Never(why), Some(first)) = (fate, group.first()) {
            let (id, topic, way) = (first.value.id, first.value.topic.as_str(), first.value.way.as_str());
            metrics::counter!("support_letters_given_up_total", "way" => way).increment(1);
            tracing::warn!(target: "support_desk::notifications", %id, topic, way, why = why.as_str(), "given up");
        }
        let n = u32::try_from(writes.len()).unwrap_or(u32::MAX);
        match self.desk.commit_under(lease, writes).await {
            Ok(()) => Ok(n),
            // Its person was erased meanwhile, or another node does it now: the next look tells.
            Err(Error::Conflict) => Ok(0),
            Err(error) => Err(error),
        }
    }
}

fn attempts(notification: &Notification) -> u32 {
    match notification.state {
        NotificationState::Due { attempts, .. } => attempts,
        _ => 0,
    }
}

impl Desk {
    /// Where somebody is reached on a way, as the host says; of a customer whom it does not know, as their ticket says.
    async fn address_of(&self, person: Person, way: Way, ticket: Option<&Ticket>) -> Result<Option<Address>, Error> {
        let card = match self.0.directory.reach(person).await? {
            Lookup::Found(card) => Some(card),
            Lookup::Missing | Lookup::NotKept => None,
        };
        if let Some(card) = card {
            let (at, verified) = match way {
                Way::Email => (card.email.clone(), card.email_is_verified),
                Way::Sms => (card.phone.clone(), true),
                Way::Push => (card.device.clone(), true),
                Way::InApp => (None, true),
            };
            return Ok(at.filter(|at| !at.trim().is_empty()).map(|at| Address { at, verified, card }));
        }
        let own = |ticket: &&Ticket| person == Person::Customer(ticket.customer);
        let (Some(ticket), Way::Email) = (ticket.filter(own), way) else { return Ok(None) };
        let Some(at) = ticket.reach.email.clone() else { return Ok(None) };
        let verified = self.public().is_verified(ticket.id, &at).await?;
        let card =
            ReachCard { name: ticket.customer_name.clone(), language: ticket.language.clone(), ..ReachCard::default() };
        Ok(Some(Address { at, verified, card }))
    }

    /// The letter, with its words as they are now; none where they may not know them any more.
    async fn letter(
        &self,
        group: &[Held<Notification>],
        person: Person,
        address: Address,
        ticket: Option<&Ticket>,
    ) -> Result<Option<Letter>, Error> {
        let Address { at, card, .. } = address;
        let reader = match person {
            Person::Customer(id) => Actor::customer(id, card.name.clone()),
            Person::Agent(id) if card.is_admin => Actor::admin(id, card.name.clone()),
            Person::Agent(id) => Actor::agent(id, card.name.clone()),
        };
        let mut stories = Vec::new();
        for held in group {
            let mut story = self.story_for(&reader, &held.value).await?;
            // Of a ticket that they may not see there is nothing to say.
            if held.value.ticket.is_some() && story.number.is_none() {
                continue;
            }
            if let Some(token) = self.link_for(&held.value, ticket, &at).await? {
                story.data.insert("token".to_owned(), token.into());
            }
            stories.push(story);
        }
        let id = group.first().map(|held| held.value.id);
        Ok(id.filter(|_| !stories.is_empty()).map(|id| Letter {
            id,
            person,
            address: at,
            name: card.name,
            language: card.language,
            stories,
        }))
    }

    /// What opens a ticket without an account, for whoever is sent the way back to it. It is made now, and kept nowhere.
    async fn link_for(
        &self,
        told: &Notification,
        ticket: Option<&Ticket>,
        email: &str,
    ) -> Result<Option<String>, Error> {
        let wanted = matches!(told.topic, Topic::AccessLink | Topic::TicketReceived) && told.way == Way::Email;
        match ticket.filter(|ticket| wanted && told.ticket == Some(ticket.id)) {
            Some(ticket) => self.public().mint_for_mail(ticket, email).await,
            None => Ok(None),
        }
    }

    /// Forgets what people were told long ago. Answers how much.
    pub(in crate::desk) async fn forget_notifications(&self, desk: &Desk) -> Result<u32, Error> {
        let until = self.now() - self.profile().notifications.keep.delta();
        let actor = Actor::system("housekeeping");
        let plan = || async {
            let query = DocumentQuery::rising(DocumentKind::Notification, "all", 200);
            let old = |held: &&Held<Notification>| held.value.at <= until;
            let items = self.held_list::<Notification>(&query).await?.items;
            let writes: Vec<Write> = items.iter().filter(old).map(Held::remove).collect();
            let n = u32::try_from(writes.len()).unwrap_or(u32::MAX);
            Ok(super::Planned::writing(writes, super::Read(n)))
        };
        desk.run(&actor, plan).await.map(|super::Read(n)| n)
    }
}
