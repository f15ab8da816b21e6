//! What people are told: who, on which way, and when.
//!
//! What happened becomes notifications in one commit for each event; those hold ids. When one is due its words are found, by
//! the same rules by which the person could read them, and a channel brings them.

mod letters;
mod people;
mod send;

pub(in crate::desk) use send::Errands;

use super::{
    Desk, Error, Planned,
    documents::{Held, Paged, Paging, add},
    plan::not_about_a_ticket,
};
use crate::{
    domain::{
        access::Action,
        actor::Actor,
        document::DocumentKind,
        fault::{Fault, Faults},
        id::NotificationId,
        notification::{Digest, Notification, NotificationState, Person, Preferences, QuietHours, Story, Topic, Way},
    },
    ports::{Write, documents::DocumentQuery},
};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};

/// Reading what one was told. From [`Desk::notifications`].
#[derive(Debug, Clone, Copy)]
pub struct Notifications<'a>(pub(super) &'a Desk);

not_about_a_ticket!(Preferences, Read);

/// How many were read.
struct Read(u32);

/// Something in somebody's inbox.
#[derive(Debug, Clone, PartialEq)]
pub struct InboxItem {
    /// What.
    pub notification: Notification,
    /// What there is to say about it now; nothing of a ticket that they may not see any more.
    pub story: Story,
}

/// How somebody wants to be told things; what is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PreferencesEdit {
    /// On which ways they want to be told of these topics; an empty set is on none. `None` for a topic is as the desk does it.
    pub topics: BTreeMap<Topic, Option<BTreeSet<Way>>>,
    /// When they want to be left alone; `Some(None)` is never.
    pub quiet: Option<Option<QuietHours>>,
    /// Whether mails come one by one.
    pub digest: Option<Digest>,
    /// On whose clock.
    pub time_zone: Option<Tz>,
}

/// Marked as read in one commit.
const BATCH: u32 = 200;

fn person(actor: &Actor) -> Result<Person, Error> {
    match actor {
        Actor::Customer { id, .. } => Ok(Person::Customer(*id)),
        Actor::Agent { id, .. } | Actor::Admin { id, .. } => Ok(Person::Agent(*id)),
        Actor::Guest => Err(Error::Unauthenticated),
        Actor::System { .. } => Err(Error::Forbidden(Action::ReadNotifications)),
    }
}

impl Notifications<'_> {
    /// A page of one's own inbox, the latest first.
    ///
    /// # Errors
    /// Actors who are nobody.
    #[tracing::instrument(name = "notifications.inbox", skip_all, fields(ticket, actor))]
    pub async fn inbox(self, actor: &Actor, unread: bool, page: Paging) -> Result<Paged<InboxItem>, Error> {
        let person = self.own(actor)?;
        let list = if unread { Notification::unread(person) } else { Notification::inbox(person) };
        let Paged { items, total } = self.0.page_of::<Notification>(&list, true, page).await?;
        let mut told = Vec::with_capacity(items.len());
        for notification in items {
            let story = self.0.story_for(actor, &notification).await?;
            told.push(InboxItem { notification, story });
        }
        Ok(Paged { items: told, total })
    }

    /// How much of one's inbox is unread.
    ///
    /// # Errors
    /// Actors who are nobody.
    #[tracing::instrument(name = "notifications.unread", skip_all, fields(ticket, actor))]
    pub async fn unread(self, actor: &Actor) -> Result<u64, Error> {
        let person = self.own(actor)?;
        let counts = self.0.counts_on::<Notification>(&[Notification::unread(person)]).await?;
        Ok(counts.first().copied().unwrap_or(0))
    }

    /// Marks something in one's inbox as read; what was read stays so.
    ///
    /// # Errors
    /// What is not there, or somebody else's.
    #[tracing::instrument(name = "notifications.read", skip_all, fields(ticket, actor))]
    pub async fn read(self, actor: &Actor, id: NotificationId) -> Result<(), Error> {
        let person = self.own(actor)?;
        let plan = || async {
            let held: Option<Held<Notification>> = self.0.held(id.uuid()).await?;
            let mine = |held: &Held<Notification>| held.value.person == person && held.value.way == Way::InApp;
            let held = held.filter(mine).ok_or(Error::NotFound)?;
            let writes: Vec<Write> = self.as_read(&held)?.into_iter().collect();
            let n = u32::try_from(writes.len()).unwrap_or(u32::MAX);
            Ok(Planned::writing(writes, Read(n)))
        };
        self.0.run(actor, plan).await.map(|_| ())
    }

    /// Marks everything in one's inbox as read, up to some hundreds at a time; answers how many were.
    ///
    /// # Errors
    /// Actors who are nobody.
    #[tracing::instrument(name = "notifications.read_all", skip_all, fields(ticket, actor))]
    pub async fn read_all(self, actor: &Actor) -> Result<u32, Error> {
        let person = self.own(actor)?;
        let plan = || async {
            let query = DocumentQuery::rising(DocumentKind::Notification, Notification::unread(person), BATCH);
            let mut writes = Vec::new();
            for held in self.0.held_list::<Notification>(&query).await?.items {
                writes.extend(self.as_read(&held)?);
            }
            let n = u32::try_from(writes.len()).unwrap_or(u32::MAX);
            Ok(Planned::writing(writes, Read(n)))
        };
        self.0.run(actor, plan).await.map(|Read(n)| n)
    }

    fn as_read(self, held: &Held<Notification>) -> Result<Option<Write>, Error> {
        let NotificationState::Told { at, to, read: None } = &held.value.state else { return Ok(None) };
        let state = NotificationState::Told { at: *at, to: to.clone(), read: Some(self.0.now()) };
        held.put(&Notification { state, ..held.value.clone() }).map(Some)
    }

    /// How somebody wants to be told things; where they have said nothing, as the desk does it.
    ///
    /// # Errors
    /// Actors who are nobody.
    #[tracing::instrument(name = "notifications.preferences", skip_all, fields(ticket, actor))]
    pub async fn preferences(self, actor: &Actor) -> Result<Preferences, Error> {
        let person = self.own(actor)?;
        Ok(self.0.preferences_of(person).await?.map_or_else(|| self.bare(person), |held| held.value))
    }

    fn bare(self, person: Person) -> Preferences {
        Preferences::of(self.0.0.ids.id(self.0.now()), person)
    }

    /// Says how one wants to be told things.
    ///
    /// # Errors
    /// Topics that this person is never told of; actors who are nobody.
    #[tracing::instrument(name = "notifications.prefer", skip_all, fields(ticket, actor))]
    pub async fn prefer(self, actor: &Actor, edit: PreferencesEdit) -> Result<Preferences, Error> {
        let person = self.own(actor)?;
        let plan = || async {
            let held = self.0.preferences_of(person).await?;
            let mut wishes = held.as_ref().map_or_else(|| self.bare(person), |held| held.value.clone());
            let mut faults = Faults::new();
            for (topic, ways) in &edit.topics {
                let theirs = topic.is_for_staff() == matches!(person, Person::Agent(_));
                if !theirs || *topic == Topic::AccessLink {
                    faults.push(Fault::new(format!("topics.{}", topic.as_str()), "is nothing that you are told of"));
                }
                match ways {
                    Some(ways) => wishes.topics.insert(*topic, ways.clone()),
                    None => wishes.topics.remove(topic),
                };
            }
            faults.check()?;
            wishes.quiet = edit.quiet.unwrap_or(wishes.quiet);
            wishes.digest = edit.digest.unwrap_or(wishes.digest);
            wishes.time_zone = edit.time_zone.unwrap_or(wishes.time_zone);
            let write = match held {
                Some(held) => held.put(&wishes)?,
                None => add(&wishes)?,
            };
            Ok(Planned::writing(vec![write], wishes))
        };
        self.0.run(actor, plan).await
    }

    fn own(self, actor: &Actor) -> Result<Person, Error> {
        self.0.authorise(actor, Action::ReadNotifications)?;
        person(actor)
    }
}

impl Desk {
    pub(super) async fn preferences_of(&self, person: Person) -> Result<Option<Held<Preferences>>, Error> {
        self.held_by_key(&Preferences::key(person)).await
    }
}
