//! Giving what happened its place, one node at a time.

use super::super::{Desk, Error, Planned, documents::Held, plan::not_about_a_ticket};
use crate::{
    domain::{actor::Actor, announcement::Announced, document::DocumentKind},
    ports::{Write, documents::DocumentQuery, leases::Lease},
};
use chrono::{DateTime, Utc};

/// How many were forgotten.
struct Forgotten(u32);

not_about_a_ticket!(Forgotten);

/// Events and things that get their places in one commit.
const BATCH: u32 = 1_000;

impl Desk {
    /// Whether anything waits for its place. It only reads.
    pub(super) async fn has_unplaced(&self) -> Result<bool, Error> {
        if self.0.store.has_unplaced_events().await? {
            return Ok(true);
        }
        let query = DocumentQuery::rising(DocumentKind::Announcement, Announced::UNPLACED, 1);
        Ok(!self.0.store.documents(&query).await?.items.is_empty())
    }

    /// Gives a batch their places. Another node that came to hold the lease in between has done it.
    pub(super) async fn place(&self, lease: &Lease) -> Result<(), Error> {
        let mut writes = vec![Write::PlaceEvents { limit: BATCH }];
        let query = DocumentQuery::rising(DocumentKind::Announcement, Announced::UNPLACED, BATCH);
        let mut last = self.last_thing().await?;
        for held in self.held_list::<Announced>(&query).await?.items {
            last += 1;
            writes.push(held.put(&Announced { place: Some(last), ..held.value.clone() })?);
        }
        match self.commit_under(lease, writes).await {
            Ok(()) | Err(Error::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Forgets what happened beside tickets up to a moment, and everybody was told long ago; but the last, which says where
    /// places go on. Answers how much.
    pub(in crate::desk) async fn forget_announcements(&self, until: DateTime<Utc>) -> Result<u32, Error> {
        let plan = || async {
            let query = DocumentQuery::rising(DocumentKind::Announcement, Announced::PLACED, 200);
            let mut items = self.held_list::<Announced>(&query).await?.items;
            items.pop();
            let old = |held: &&Held<Announced>| held.value.at <= until;
            let writes: Vec<Write> = items.iter().filter(old).map(Held::remove).collect();
            let n = u32::try_from(writes.len()).unwrap_or(u32::MAX);
            Ok(Planned::writing(writes, Forgotten(n)))
        };
        self.run(&Actor::system("housekeeping"), plan).await.map(|Forgotten(n)| n)
    }

    /// The last place of what happened beside tickets; 0 where there is none.
    pub(in crate::desk) async fn last_thing(&self) -> Result<u64, Error> {
        let query = DocumentQuery::falling(DocumentKind::Announcement, Announced::PLACED, 1);
        let last: Option<Held<Announced>> = self.held_list(&query).await?.items.into_iter().next();
        Ok(last.and_then(|held| held.value.place).unwrap_or(0))
    }
}
