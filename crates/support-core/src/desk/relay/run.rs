//! The relay of one node: every listener at its own pace, for as long as the workers run.

use super::{
    super::{Desk, Error},
    Ears,
    pass::Passed,
};
use crate::ports::leases::Lease;
use chrono::TimeDelta;
use futures_util::{StreamExt as _, future::join_all, stream::FuturesUnordered};
use std::{
    collections::BTreeSet,
    future::Future,
    pin::Pin,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};
use uuid::Uuid;

/// Between two looks whether anything happened.
const LOOK: Duration = Duration::from_millis(200);
/// Between two looks of a listener whether it is told.
const STEP: Duration = Duration::from_millis(50);
/// A listener looks after so long even where nothing happened: something may be due again.
const PATIENCE: TimeDelta = TimeDelta::seconds(2);
/// Batches that a listener is told without another look at whether it still holds its lease.
const STRETCH: u32 = 8;

/// Tells what happened. Many nodes may: each listener is told by the one that holds its lease.
pub(in crate::desk) struct Relay<'a> {
    pub(in crate::desk) desk: &'a Desk,
    pub(in crate::desk) holder: Uuid,
    /// Half of how long a listener's lease lasts: while it is told, whoever tells it may wait for an answer.
    pub(in crate::desk) lease: TimeDelta,
    pub(in crate::desk) stopping: &'a AtomicBool,
    pub(in crate::desk) failed: &'a (dyn Fn(&str, &Error) + Send + Sync),
    pub(in crate::desk) news: AtomicU64,
}

impl Relay<'_> {
    /// Tells everybody everything that there is to tell now, and comes back. Answers how much was told.
    ///
    /// # Errors
    /// Where the store failed for one of them; the others were told.
    pub(in crate::desk) async fn round(&self) -> Result<u32, Error> {
        self.give_places().await?;
        let ears = self.desk.all_ears().await?;
        let mut all = Vec::with_capacity(ears.len());
        for ears in &ears {
            all.push(self.tell_all(ears));
        }
        join_all(all).await.into_iter().try_fold(0, |sum, told| Ok(sum + told?))
    }

    async fn tell_all(&self, ears: &Ears) -> Result<u32, Error> {
        let mut sum = 0;
        loop {
            let passed = self.stretch(ears).await?;
            sum += passed.told;
            if !passed.more {
                return Ok(sum);
            }
        }
    }

    /// Tells everybody, until it is time to stop. What has begun then is finished.
    pub(in crate::desk) async fn run(&self) {
        let mut known: BTreeSet<String> = BTreeSet::new();
        let mut listeners: FuturesUnordered<Pin<Box<dyn Future<Output = String> + Send + '_>>> =
            FuturesUnordered::new();
        let mut seen = None;
        while !self.is_stopping() {
            if let Err(error) = self.look(&mut seen).await {
                (self.failed)("relay", &error);
            }
            match self.desk.all_ears().await {
                Ok(ears) => {
                    for ears in ears.into_iter().filter(|ears| known.insert(ears.name())) {
                        listeners.push(Box::pin(self.listen(ears)));
                    }
                }
                Err(error) => (self.failed)("relay", &error),
            }
            // Whoever is switched off ends, and is begun anew when switched on again.
            for name in self.drive(&mut listeners).await {
                known.remove(&name);
            }
        }
        while listeners.next().await.is_some() {}
    }

    /// Lets the listeners go on until it is time to look again. Answers who has ended.
    async fn drive(
        &self,
        listeners: &mut FuturesUnordered<Pin<Box<dyn Future<Output = String> + Send + '_>>>,
    ) -> Vec<String> {
        let mut sleep = self.desk.0.timer.sleep(LOOK);
        let mut ended = Vec::new();
        std::future::poll_fn(|cx| {
            while let std::task::Poll::Ready(Some(name)) = listeners.poll_next_unpin(cx) {
                ended.push(name);
            }
            if self.is_stopping() { std::task::Poll::Ready(()) } else { sleep.as_mut().poll(cx) }
        })
        .await;
        ended
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Gives what happened its places, and notices whether anything is new.
    async fn look(&self, seen: &mut Option<(Option<crate::domain::id::EventId>, u64)>) -> Result<(), Error> {
        self.give_places().await?;
        let now = (self.desk.0.store.last_placed_event().await?, self.desk.last_thing().await?);
        if seen.replace(now) != Some(now) {
            self.news.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    async fn give_places(&self) -> Result<(), Error> {
        while self.desk.has_unplaced().await? {
            let Some(lease) = self.take("relay").await? else { return Ok(()) };
            self.desk.place(&lease).await?;
            if self.is_stopping() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Tells one listener whenever there is something to tell, until it is switched off.
    async fn listen(&self, ears: Ears) -> String {
        let name = ears.name();
        let mut seen = 0;
        let mut look = self.desk.now();
        while !self.is_stopping() {
            let (news, now) = (self.news.load(Ordering::Relaxed), self.desk.now());
            // A look farther off than that was set by a clock that has gone back since.
            if news == seen && now < look && look - now <= PATIENCE {
                self.desk.0.timer.sleep(STEP).await;
                continue;
            }
            match self.stretch(&ears).await {
                Ok(passed) if passed.more => continue,
                Ok(_) => {}
                Err(error) => (self.failed)(&name, &error),
            }
            (seen, look) = (news, self.desk.now() + PATIENCE);
            if matches!(self.desk.listening(&ears).await, Ok(None)) {
                break;
            }
        }
        // Nobody has to wait for it to run out; where that fails, they do.
        if let Ok(Some(lease)) = self.take(&format!("relay/{name}")).await {
            let _ = self.desk.0.store.return_lease(&lease).await;
        }
        name
    }

    /// Some batches for one listener, if this node is the one to tell it.
    async fn stretch(&self, ears: &Ears) -> Result<Passed, Error> {
        let mut sum = Passed::default();
        if !self.desk.has_news_for(ears).await? {
            return Ok(sum);
        }
        let Some(mut lease) = self.take(&format!("relay/{}", ears.name())).await? else { return Ok(sum) };
        for _ in 0..STRETCH {
            let passed = self.desk.pass(ears, &lease, &|| self.is_stopping()).await?;
            sum = Passed { told: sum.told + passed.told, more: passed.more };
            if !sum.more || self.is_stopping() {
                break;
            }
            if self.desk.now() + self.lease >= lease.until {
                match self.take(&lease.job).await? {
                    Some(renewed) => lease = renewed,
                    None => return Ok(Passed { more: false, ..sum }),
                }
            }
        }
        Ok(sum)
    }

    async fn take(&self, job: &str) -> Result<Option<Lease>, Error> {
        self.desk.take_lease(job, self.holder, self.lease * 2).await
    }
}
