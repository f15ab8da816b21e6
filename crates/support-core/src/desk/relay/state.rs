//! How far a listener was told, and whether there is anything for it.

use super::{
    super::{
        Desk, Error,
        documents::{Held, add},
    },
    Ears,
    pass::LONGEST,
};
use crate::{
    domain::{
        delivery::{Delivery, DeliveryState},
        document::DocumentKind,
        sink::SinkState,
    },
    ports::{Write, documents::DocumentQuery, leases::Lease},
};
use uuid::Uuid;

impl Desk {
    /// How far a listener was told; where nobody has told it anything, it is told what happens from now on.
    pub(super) async fn state_of(&self, ears: &Ears, lease: &Lease) -> Result<Option<Held<SinkState>>, Error> {
        let name = ears.name();
        let held = self.held_by_key::<SinkState>(&SinkState::key(&name)).await?;
        // Before all has its place, nobody knows where now is.
        if held.is_some() || self.has_unplaced().await? {
            return Ok(held);
        }
        let state = self.state_from_now(name).await?;
        self.commit_under(lease, vec![add(&state)?]).await?;
        Ok(None)
    }

    /// Whether there may be something to tell to a listener. It only reads.
    pub(super) async fn has_news_for(&self, ears: &Ears) -> Result<bool, Error> {
        let name = ears.name();
        let Some(held) = self.held_by_key::<SinkState>(&SinkState::key(&name)).await? else { return Ok(true) };
        let (state, now) = (held.value, self.now());
        if self.must_wait(&state) {
            return Ok(false);
        }
        let query = DocumentQuery::rising(DocumentKind::Delivery, Delivery::due(&name), 1);
        let first = self.held_list::<Delivery>(&query).await?.items.into_iter().next();
        let first_is_none = first.is_none();
        let due = first.is_some_and(|held| matches!(held.value.state, DeliveryState::Waiting { at } if at <= now));
        if due {
            return Ok(true);
        }
        // With nothing that waits for its moment, whatever is open stands behind something that was settled.
        if first_is_none && self.open_deliveries(&name).await? > 0 {
            return Ok(true);
        }
        let next = self.next_for(&state, 1).await?;
        Ok(!next.events.is_empty() || !next.things.is_empty())
    }

    /// How many wait to be told to a sink again.
    pub(super) async fn open_deliveries(&self, sink: &str) -> Result<u64, Error> {
        let open = self.counts_on::<Delivery>(&[Delivery::open(sink)]).await?;
        Ok(open.first().copied().unwrap_or(0))
    }

    /// Whether somebody who took nothing is left alone. A moment farther off than any pause was set by a clock that has
    /// gone back since.
    pub(super) fn must_wait(&self, state: &SinkState) -> bool {
        let now = self.now();
        state.next.is_some_and(|next| now < next && next <= now + LONGEST * 2)
    }

    /// The state of somebody who is told what happens from now on.
    pub(in crate::desk) async fn state_from_now(&self, name: String) -> Result<SinkState, Error> {
        let event = self.0.store.last_placed_event().await?;
        Ok(SinkState::new(self.0.ids.id(self.now()), name, event, self.last_thing().await?))
    }

    /// Whoever stands behind a settled delivery in line, to be told now.
    pub(in crate::desk) async fn promotion(&self, done: &Delivery) -> Result<Option<Write>, Error> {
        let place = i64::try_from(done.number).unwrap_or(i64::MAX);
        let query = DocumentQuery {
            after: Some((place, Uuid::max())),
            ..DocumentQuery::rising(DocumentKind::Delivery, Delivery::line(&done.sink, done.source.line()), 1)
        };
        let next: Option<Held<Delivery>> = self.held_list(&query).await?.items.into_iter().next();
        let next = next.filter(|next| next.value.state == DeliveryState::Behind);
        let state = DeliveryState::Waiting { at: self.now() };
        next.map(|next| next.put(&Delivery { state, ..next.value.clone() })).transpose()
    }
}
