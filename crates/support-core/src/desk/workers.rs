//! Jobs that act by themselves: watching clocks, raising, closing and giving out tickets.
//!
//! Any number of nodes may run them. Each job is done by one node at a time, which holds its lease; every write under it
//! carries the lease's token, so that a node which stood still and was overtaken writes nothing any more. And whatever a
//! job does to a ticket guards the ticket's version and leaves a mark on it, so that it is done once whoever does it.

mod job;

pub use job::Job;

use super::{
    Desk, Error, Planned,
    assignment::{Effort, Place},
    deliveries, intake,
    notifications::Errands,
    relay::Relay,
};
use crate::{
    domain::{
        access::TicketScope,
        actor::Actor,
        fault::Refusal,
        id::TicketId,
        profile::Phase,
        request::REMEMBERED,
        ticket::{AlarmKind, Context, Sort, Ticket, TicketFilter, TicketQuery},
    },
    ports::{StoreError, Write, leases::Lease},
};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join4;
use std::{
    collections::{BTreeMap, BTreeSet},
    future::{Future, poll_fn},
    pin::pin,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    task::Poll,
    time::Duration,
};
use uuid::Uuid;

/// What one look of a job came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ticked {
    /// Tickets to which something was done.
    pub done: u32,
    /// Tickets that were due and to which it could not be done; the next look tries them again.
    pub refused: u32,
    /// Whether another node does this job now.
    pub elsewhere: bool,
}

type Hearer = dyn Fn(Job, &Error) + Send + Sync;

/// Does the jobs of one node. From [`Desk::workers`].
pub struct Workers {
    desk: Desk,
    holder: Uuid,
    lease: TimeDelta,
    stopping: AtomicBool,
    failed: Box<Hearer>,
}

/// Due tickets that are read at a time.
const BATCH: u32 = 100;

impl Desk {
    /// Does all jobs until `shutdown` comes. What has begun then is finished, and the leases are given back.
    ///
    /// ```
    /// # use support_core::{desk::Desk, memory::MemoryStore};
    /// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    /// # runtime.block_on(async {
    /// let desk = Desk::builder(MemoryStore::new()).build()?;
    /// let shutdown = async {}; // a signal, in a program
    /// desk.run_workers(shutdown).await;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn run_workers(&self, shutdown: impl Future<Output = ()>) {
        self.workers().run(shutdown).await;
    }

    /// The jobs of one node, to be looked at one by one or with other settings.
    pub fn workers(&self) -> Workers {
        Workers {
            holder: self.0.ids.id(self.now()),
            desk: self.clone(),
            lease: TimeDelta::seconds(30),
            stopping: AtomicBool::new(false),
            failed: Box::new(|_, _| {}),
        }
    }
}

impl Workers {
    /// How long a lease lasts when its holder does not renew it: for so long after a crash nobody does the job.
    #[must_use]
    pub fn lease(mut self, length: TimeDelta) -> Self {
        self.lease = length;
        self
    }

    /// Who hears when a look fails; nobody if nothing else is given. The job is looked at again at its next turn.
    #[must_use]
    pub fn on_failure(mut self, hear: impl Fn(Job, &Error) + Send + Sync + 'static) -> Self {
        self.failed = Box::new(hear);
        self
    }

    /// Does all jobs, each at its turn, until `shutdown` comes.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let mut shutdown = pin!(shutdown);
        let failed_to_tell = |_: &str, error: &Error| self.has_failed(Job::Relay, error);
        let failed_to_notify = |_: &str, error: &Error| self.has_failed(Job::Notify, error);
        let (relay, errands) = (self.relay(&failed_to_tell), self.errands(&failed_to_notify));
        let listening = self.desk.live().listen(self.stop());
        let mut work = pin!(join4(self.work(), relay.run(), errands.run(), listening));
        poll_fn(|cx| {
            if !self.stopping.load(Ordering::Relaxed) && shutdown.as_mut().poll(cx).is_ready() {
                self.stopping.store(true, Ordering::Relaxed);
            }
            work.as_mut().poll(cx).map(|_| ())
        })
        .await;
        self.return_leases().await;
    }

    fn has_failed(&self, job: Job, error: &Error) {
        metrics::counter!("support_job_failures_total", "job" => job.name()).increment(1);
        tracing::error!(target: "support_desk::jobs", job = job.name(), %error, "a job failed");
        (self.failed)(job, error);
    }

    /// Ends when it is time to stop. It is looked at whenever anything else here is.
    fn stop(&self) -> impl Future<Output = ()> + '_ {
        poll_fn(|_| if self.is_stopping() { Poll::Ready(()) } else { Poll::Pending })
    }

    fn relay<'a>(&'a self, failed: &'a (dyn Fn(&str, &Error) + Send + Sync)) -> Relay<'a> {
        let (holder, lease, stopping) = (self.holder, self.lease, &self.stopping);
        Relay { desk: &self.desk, holder, lease, stopping, failed, news: AtomicU64::new(0) }
    }

    fn errands<'a>(&'a self, failed: &'a (dyn Fn(&str, &Error) + Send + Sync)) -> Errands<'a> {
        let (holder, lease, stopping) = (self.holder, self.lease, &self.stopping);
        Errands { desk: &self.desk, holder, lease, stopping, failed }
    }

    async fn work(&self) {
        let mut turns: BTreeMap<Job, DateTime<Utc>> = BTreeMap::new();
        while !self.is_stopping() {
            let now = self.desk.now();
            for job in Job::ALL.iter().copied().filter(|job| !job.runs_beside()) {
                let wait = TimeDelta::from_std(job.every()).unwrap_or_default();
                // A turn farther off than that was set by a clock that has gone back since.
                let waits = turns.get(&job).is_some_and(|turn| *turn > now && *turn - now <= wait);
                if self.is_stopping() || waits {
                    continue;
                }
                if let Err(error) = self.tick(job).await {
                    self.has_failed(job, &error);
                }
                turns.insert(job, self.desk.now() + wait);
            }
            self.rest(Duration::from_millis(500)).await;
        }
    }

    async fn return_leases(&self) {
        for job in Job::ALL.iter().copied() {
            // Nobody has to wait for them to run out; where that fails, they do.
            if let Ok(Some(lease)) = self.take(job).await {
                let _ = self.desk.0.store.return_lease(&lease).await;
            }
        }
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Sleeps, unless it is time to stop.
    async fn rest(&self, length: Duration) {
        let mut sleep = self.desk.0.timer.sleep(length);
        poll_fn(|cx| if self.is_stopping() { Poll::Ready(()) } else { sleep.as_mut().poll(cx) }).await;
    }

    /// One look of one job, now.
    ///
    /// # Errors
    /// Failures of the store; what was done before stays done.
    pub async fn tick(&self, job: Job) -> Result<Ticked, Error> {
        // Most looks find nothing. Those shall cost one read, and no commit for a lease.
        if !self.has_work(job).await? {
            return Ok(Ticked::default());
        }
        if job == Job::Relay {
            let done = self.relay(&|_, _| {}).round().await?;
            return Ok(Ticked { done, ..Ticked::default() });
        }
        if job == Job::Metrics {
            self.desk.publish_metrics().await?;
            return Ok(Ticked::default());
        }
        if job == Job::Notify {
            let done = self.errands(&|_, _| {}).round().await?;
            return Ok(Ticked { done, ..Ticked::default() });
        }
        if job == Job::Index && self.desk.0.search.is_some() {
            let done = self.desk.keep_index().await?;
            return Ok(Ticked { done, ..Ticked::default() });
        }
        let Some(lease) = self.take(job).await? else {
            return Ok(Ticked { elsewhere: true, ..Ticked::default() });
        };
        match job.alarm() {
            Some(alarm) => self.each_due(job, alarm, lease).await,
            None if job == Job::AutoAssign => self.assign(lease).await,
            None if job == Job::Rearm => self.rearm(lease).await,
            None if job != Job::Housekeeping => self.clear_up(job, lease).await,
            None => self.forget(lease).await,
        }
    }

    /// Forgets what nobody asks for any more.
    async fn forget(&self, lease: Lease) -> Result<Ticked, Error> {
        // Each forgets some thousands, and one with nothing to forget costs next to nothing.
        for _ in 0..8 {
            let forget = Write::ForgetRequests { until: self.desk.now() - REMEMBERED };
            self.desk.commit_under(&lease, vec![forget]).await?;
        }
        let desk = self.desk.under(lease);
        let now = self.desk.now();
        let mut done = 0;
        // Batch by batch, and no longer than the lease lasts.
        for _ in 0..20 {
            let mut forgotten = desk.deliveries().forget_old(&desk, now - deliveries::KEPT).await?;
            forgotten += desk.forget_announcements(now - deliveries::KEPT).await?;
            forgotten += desk.forget_intake(now - intake::REMEMBERED).await?;
            forgotten += desk.forget_notifications(&desk).await?;
            done += forgotten;
            if forgotten == 0 || self.is_stopping() || self.desk.now() >= now + self.lease / 2 {
                break;
            }
        }
        Ok(Ticked { done, ..Ticked::default() })
    }

    /// Takes tickets back from whoever has gone, gives out those that wait, and renews the lease on the way.
    async fn assign(&self, lease: Lease) -> Result<Ticked, Error> {
        let (mut ticked, mut lease) = (Ticked::default(), lease);
        self.desk.under(lease.clone()).hand_over_of_all().await?;
        let mut place = Some(Place::default());
        loop {
            let (given, next) = self.desk.under(lease).assign_waiting(place, Effort::BATCH).await?;
            (ticked.done, place) = (ticked.done + given, next);
            if place.is_none() || self.is_stopping() {
                return Ok(ticked);
            }
            match self.take(Job::AutoAssign).await? {
                Some(renewed) => lease = renewed,
                None => return Ok(Ticked { elsewhere: true, ..ticked }),
            }
        }
    }

    /// What is done in batches of whatever is due.
    async fn clear_up(&self, job: Job, lease: Lease) -> Result<Ticked, Error> {
        let desk = self.desk.under(lease);
        let done = match job {
            Job::Publish => desk.articles().publish_scheduled(BATCH).await?,
            Job::Survey => desk.send_surveys(BATCH).await?,
            Job::Scan => desk.attachments().scan_waiting(BATCH).await?,
            Job::Index => desk.keep_index().await?,
            Job::Orphans => desk.attachments().sweep_orphans().await?,
            _ => desk.attachments().sweep_staged().await?,
        };
        Ok(Ticked { done, ..Ticked::default() })
    }

    /// Sets the alarms of every ticket that can have one, and renews the lease on the way.
    async fn rearm(&self, lease: Lease) -> Result<Ticked, Error> {
        let (mut ticked, mut lease) = (Ticked::default(), lease);
        let mut query = self.desk.with_alarms();
        loop {
            let slice = self.desk.0.store.tickets(&query).await?;
            let desk = self.desk.under(lease);
            for row in &slice.items {
                match desk.act(Job::Rearm, row.id).await {
                    Ok(changed) => ticked.done += u32::from(changed),
                    Err(Error::Conflict | Error::NotFound) => ticked.refused += 1,
                    Err(error) => return Err(error),
                }
            }
            let Some(last) = slice.items.last().filter(|_| slice.more && !self.is_stopping()) else {
                return Ok(ticked);
            };
            query.after = Some(last.cursor(query.sort.key));
            match self.take(Job::Rearm).await? {
                Some(renewed) => lease = renewed,
                None => return Ok(Ticked { elsewhere: true, ..ticked }),
            }
        }
    }

    async fn has_work(&self, job: Job) -> Result<bool, Error> {
        match job.alarm() {
            Some(alarm) => Ok(!self.desk.0.store.due_tickets(alarm, self.desk.now(), 1).await?.is_empty()),
            None if job == Job::AutoAssign => self.desk.has_somebody_free().await,
            None if job == Job::Publish => Ok(!self.desk.articles().scheduled(1).await?.is_empty()),
            None if job == Job::Survey => Ok(!self.desk.due_surveys(1).await?.is_empty()),
            None if job == Job::Scan => self.desk.attachments().has_waiting().await,
            None if job == Job::Index => self.desk.has_news().await,
            None => Ok(true),
        }
    }

    async fn take(&self, job: Job) -> Result<Option<Lease>, Error> {
        self.desk.take_lease(job.name(), self.holder, self.lease).await
    }

    /// Does the job to every due ticket, batch by batch, and renews the lease on the way.
    async fn each_due(&self, job: Job, alarm: AlarmKind, lease: Lease) -> Result<Ticked, Error> {
        let (mut ticked, mut lease) = (Ticked::default(), lease);
        // Once a look: whatever keeps a ticket due, the job does not run in circles around it.
        let mut met: BTreeSet<TicketId> = BTreeSet::new();
        loop {
            let still_due = ticked.refused.saturating_add(ticked.done.min(BATCH));
            let due = self.desk.0.store.due_tickets(alarm, self.desk.now(), BATCH + still_due).await?;
            let fresh: Vec<TicketId> = due.into_iter().filter(|ticket| met.insert(*ticket)).collect();
            if fresh.is_empty() {
                return Ok(ticked);
            }
            for ticket in fresh {
                if self.is_stopping() {
                    return Ok(ticked);
                }
                if self.desk.now() + self.lease / 2 >= lease.until {
                    match self.take(job).await? {
                        Some(renewed) => lease = renewed,
                        None => return Ok(Ticked { elsewhere: true, ..ticked }),
                    }
                }
                match self.desk.under(lease.clone()).act(job, ticket).await {
                    Ok(_) => ticked.done += 1,
                    Err(Error::Refused(_) | Error::NotFound) => ticked.refused += 1,
                    // Either others are busy with this ticket, or the lease is lost: renewing it will tell.
                    Err(Error::Conflict) => match self.take(job).await? {
                        Some(renewed) => (lease, ticked.refused) = (renewed, ticked.refused + 1),
                        None => return Ok(Ticked { elsewhere: true, ..ticked }),
                    },
                    // One row that cannot be read shall not keep the others waiting.
                    Err(error @ Error::Store(StoreError::Corrupt { .. })) => {
                        self.has_failed(job, &error);
                        ticked.refused += 1;
                    }
                    Err(error) => return Err(error),
                }
            }
        }
    }
}

impl Desk {
    /// Does one job to one ticket; answers whether its row has changed.
    async fn act(&self, job: Job, ticket: TicketId) -> Result<bool, Error> {
        let actor = Actor::system(job.name());
        let before = self.0.store.ticket(ticket).await?.ok_or(Error::NotFound)?;
        let after = self.run(&actor, || self.plan_act(&actor, job, ticket)).await?;
        Ok(after.version != before.version)
    }

    /// Tickets that can have an alarm, the oldest first.
    fn with_alarms(&self) -> TicketQuery {
        let closing = self.profile().auto_close.iter().flat_map(|rule| &rule.phases);
        let closing: Vec<Phase> = closing.copied().collect();
        let statuses = self.profile().workflow.statuses.iter();
        let can = statuses.filter(|status| !status.phase.is_done() || closing.contains(&status.phase));
        let filter =
            TicketFilter { statuses: can.map(|status| status.key.clone()).collect(), ..TicketFilter::default() };
        let sort = Sort { ascending: true, ..Sort::default() };
        TicketQuery { reader: None, scope: TicketScope::All, filter, sort, after: None, skip: 0, limit: BATCH }
    }

    async fn plan_act(&self, actor: &Actor, job: Job, ticket: TicketId) -> Result<Planned<Ticket>, Error> {
        let ticket = self.0.store.ticket(ticket).await?.ok_or(Error::NotFound)?;
        // A rule may give another priority, and with it other targets; nothing else here asks for categories.
        let categories = if job == Job::Escalation { self.categories().await? } else { Vec::new() };
        let cx = Context { categories: &categories, ..self.context(actor) };
        let change = match job {
            Job::SlaMonitor => ticket.tell_deadlines(cx),
            Job::Escalation => ticket.escalate_by_rules(cx),
            Job::AutoClose => ticket.close_by_itself(cx)?,
            Job::Rearm => ticket.rearm(cx),
            _ => {
                return Err(Refusal::State("this job is not about one ticket").into());
            }
        };
        if job != Job::Escalation {
            return self.plan_change(actor, &ticket, change).await;
        }
        // Where a rule has put the ticket into a team's queue, the team may have somebody for it at once.
        let change = self.offer(actor, change).await?;
        self.plan_change(actor, &ticket, change).await
    }
}
