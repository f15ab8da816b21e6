//! Who looks on at this node, and what each of them has still to be told.

use super::{Desk, Update};
use crate::domain::{
    actor::{Actor, Role},
    event::Event,
    id::TicketId,
    presence::{Presence, Present},
    ticket::Ticket,
};
use chrono::{DateTime, Utc};
use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    fmt,
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    task::{Poll, Waker},
};
use uuid::Uuid;

/// Updates that wait for somebody who does not read; with more, they read anew.
const WAITING: usize = 256;
/// Words that wait to be said to the others. With more, the oldest are forgotten, and the others are told so.
const WORDS: usize = 4_096;
/// People who are remembered at one ticket.
const AT_ONE_TICKET: usize = 50;

/// What was committed to a ticket.
pub(in crate::desk) struct Happened {
    pub(in crate::desk) events: Vec<Event>,
    /// As it is after it.
    pub(in crate::desk) ticket: Arc<Ticket>,
}

/// Who is at a ticket.
type People = BTreeMap<(Role, Option<Uuid>), Present>;

/// Where those who look on meet what happens.
#[derive(Default)]
pub(in crate::desk) struct Hub {
    watchers: Mutex<HashMap<u64, Arc<Watcher>>>,
    last: std::sync::atomic::AtomicU64,
    people: Mutex<HashMap<TicketId, People>>,
    outgoing: Mutex<Outgoing>,
    node: OnceLock<Uuid>,
}

#[derive(Default)]
struct Outgoing {
    words: VecDeque<String>,
    /// Some were forgotten before they were said.
    lost: bool,
    waker: Option<Waker>,
}

struct Watcher {
    actor: Actor,
    ticket: Option<TicketId>,
    /// Who they were told is there.
    present: Mutex<Vec<Present>>,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    updates: VecDeque<Update>,
    waker: Option<Waker>,
}

/// Somebody who looks on, until it is dropped.
pub struct Watch {
    desk: Desk,
    id: u64,
    watcher: Arc<Watcher>,
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("ticket", &self.watcher.ticket).finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Watcher {
    fn say(&self, update: Update) {
        let mut waiting = lock(&self.waiting);
        if waiting.updates.len() >= WAITING {
            waiting.updates.clear();
            waiting.updates.push_back(Update::Resync);
        } else if update != Update::Resync || waiting.updates.back() != Some(&Update::Resync) {
            waiting.updates.push_back(update);
        }
        if let Some(waker) = waiting.waker.take() {
            waker.wake();
        }
    }
}

impl Watch {
    /// What happens next.
    pub async fn next(&mut self) -> Update {
        poll_fn(|cx| {
            let mut waiting = lock(&self.watcher.waiting);
            if let Some(update) = waiting.updates.pop_front() {
                return Poll::Ready(update);
            }
            waiting.waker = Some(cx.waker().clone());
            Poll::Pending
        })
        .await
    }

    /// Which ticket is looked at; none where it is all of them.
    pub fn ticket(&self) -> Option<TicketId> {
        self.watcher.ticket
    }

    pub(super) fn say(&self, update: Update) {
        self.watcher.say(update);
    }

    pub(super) fn say_all(&self, updates: Vec<Update>) {
        for update in updates {
            self.say(update);
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        lock(&self.desk.0.hub.watchers).remove(&self.id);
    }
}

impl Hub {
    pub(in crate::desk) fn watch(&self, desk: Desk, actor: Actor, ticket: Option<TicketId>) -> Watch {
        let id = self.last.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let watcher = Arc::new(Watcher { actor, ticket, present: Mutex::default(), waiting: Mutex::default() });
        lock(&self.watchers).insert(id, watcher.clone());
        Watch { desk, id, watcher }
    }

    pub(super) fn is_watched(&self) -> bool {
        !lock(&self.watchers).is_empty()
    }

    fn all(&self) -> Vec<Arc<Watcher>> {
        lock(&self.watchers).values().cloned().collect()
    }

    /// The id of this node among the others.
    pub(super) fn node(&self, desk: &Desk) -> Uuid {
        *self.node.get_or_init(|| desk.0.ids.id(desk.now()))
    }

    /// Tells everybody who may hear it. Whether they may is asked of the ticket as it is now.
    pub(super) fn tell(&self, desk: &Desk, happened: &Happened) {
        let concerned = |watcher: &&Arc<Watcher>| watcher.ticket.is_none_or(|ticket| ticket == happened.ticket.id);
        for watcher in self.all().iter().filter(concerned) {
            for event in &happened.events {
                let updates = desk.updates(&watcher.actor, event, &happened.ticket);
                for update in updates {
                    watcher.say(update);
                }
            }
        }
    }

    /// Whoever looks on may have missed something.
    pub(super) fn resync(&self) {
        for watcher in self.all() {
            watcher.say(Update::Resync);
        }
    }

    /// Notes what somebody does at a ticket, and tells the others.
    pub(super) fn present(&self, ticket: TicketId, present: &Present, now: DateTime<Utc>) {
        {
            let mut people = lock(&self.people);
            people.retain(|_, there| {
                there.retain(|_, one| now < one.until);
                !there.is_empty()
            });
            let there = people.entry(ticket).or_default();
            let key = (present.who.role, present.who.id);
            if present.doing == Presence::Gone {
                there.remove(&key);
            } else if there.len() < AT_ONE_TICKET || there.contains_key(&key) {
                there.insert(key, present.clone());
            }
        }
        for watcher in self.all().iter().filter(|watcher| watcher.ticket == Some(ticket)) {
            // That something came up which they may not know is nothing to tell, not even in silence.
            let seen = self.present_at(ticket, &watcher.actor, now);
            let before = std::mem::replace(&mut *lock(&watcher.present), seen.clone());
            if before != seen {
                watcher.say(Update::Present(ticket, seen));
            }
        }
    }

    /// Who is at a ticket, as far as somebody may know.
    pub(super) fn present_at(&self, ticket: TicketId, reader: &Actor, now: DateTime<Utc>) -> Vec<Present> {
        let people = lock(&self.people);
        let there = people.get(&ticket).into_iter().flat_map(BTreeMap::values);
        there.filter_map(|present| present.seen_by(reader, now)).collect()
    }

    /// A word for the others, said when there is time.
    pub(super) fn send(&self, word: String) {
        if word.is_empty() {
            return;
        }
        let mut outgoing = lock(&self.outgoing);
        if outgoing.words.len() >= WORDS {
            outgoing.words.pop_front();
            outgoing.lost = true;
        }
        outgoing.words.push_back(word);
        if let Some(waker) = outgoing.waker.take() {
            waker.wake();
        }
    }

    /// What was to be said did not reach the others.
    pub(super) fn has_lost_words(&self) {
        lock(&self.outgoing).lost = true;
    }

    /// The next word for the others; `lost` says that some were lost.
    pub(super) async fn next_word(&self, lost: impl Fn() -> String) -> String {
        poll_fn(|cx| {
            let mut outgoing = lock(&self.outgoing);
            if std::mem::take(&mut outgoing.lost) {
                return Poll::Ready(lost());
            }
            if let Some(word) = outgoing.words.pop_front() {
                return Poll::Ready(word);
            }
            outgoing.waker = Some(cx.waker().clone());
            Poll::Pending
        })
        .await
    }
}
