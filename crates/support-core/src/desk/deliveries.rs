//! What is on its way to those outside: a log, and dead letters for admins to look at.

use super::{
    Desk, Error, Planned,
    documents::{Held, Paged, Paging},
    plan::not_about_a_ticket,
};
use crate::{
    domain::{
        access::Action,
        actor::Actor,
        delivery::{Delivery, DeliveryState},
        document::DocumentKind,
        fault::{Fault, Refusal},
        id::DeliveryId,
        sink::SinkState,
        webhook::Webhook,
    },
    ports::{Write, documents::DocumentQuery},
};
use chrono::{DateTime, TimeDelta, Utc};

/// Looking after what is told to the outside. From [`Desk::deliveries`].
#[derive(Debug, Clone, Copy)]
pub struct Deliveries<'a>(pub(super) &'a Desk);

not_about_a_ticket!(Delivery);

/// For so long it is known what was delivered.
pub const KEPT: TimeDelta = TimeDelta::days(30);
/// Forgotten in one commit.
const BATCH: u32 = 200;

/// How many were forgotten.
struct Forgotten(u32);

not_about_a_ticket!(Forgotten);

impl Deliveries<'_> {
    /// A page of deliveries, the latest first: to one sink or to all, in one state or in any.
    ///
    /// # Errors
    /// A state that there is not; actors who are no admins.
    #[tracing::instrument(name = "deliveries.list", skip_all, fields(ticket, actor))]
    pub async fn list(
        self,
        actor: &Actor,
        sink: Option<&str>,
        state: Option<&str>,
        page: Paging,
    ) -> Result<Paged<Delivery>, Error> {
        self.0.authorise(actor, Action::ManageIntegrations)?;
        if let Some(state) = state.filter(|state| !DeliveryState::WORDS.contains(state)) {
            return Err(Fault::unknown("status", state, DeliveryState::WORDS).into());
        }
        self.0.page_of(&Delivery::list(sink, state), true, page).await
    }

    /// How far each sink was told, and what is wrong with it.
    ///
    /// # Errors
    /// Actors who are no admins.
    #[tracing::instrument(name = "deliveries.sinks", skip_all, fields(ticket, actor))]
    pub async fn sinks(self, actor: &Actor) -> Result<Vec<SinkState>, Error> {
        self.0.authorise(actor, Action::ManageIntegrations)?;
        let query = DocumentQuery::rising(DocumentKind::Sink, SinkState::ALL, 1_000);
        Ok(self.0.held_list::<SinkState>(&query).await?.items.into_iter().map(|held| held.value).collect())
    }

    /// A delivery.
    ///
    /// # Errors
    /// One that is not there; actors who are no admins.
    #[tracing::instrument(name = "deliveries.get", skip_all, fields(ticket, actor))]
    pub async fn get(self, actor: &Actor, id: DeliveryId) -> Result<Delivery, Error> {
        Ok(self.own(actor, id).await?.value)
    }

    /// Has a delivery tried again at once: a dead letter, one that was dropped, or one that waits.
    ///
    /// # Errors
    /// One that is not there, was delivered, or has to wait for another; actors who are no admins.
    #[tracing::instrument(name = "deliveries.retry", skip_all, fields(ticket, actor))]
    pub async fn retry(self, actor: &Actor, id: DeliveryId) -> Result<Delivery, Error> {
        let plan = || async {
            let held = self.own(actor, id).await?;
            if let Some(webhook) = Webhook::of_sink(&held.value.sink)
                && !self.0.enabled_webhooks().await?.contains(&webhook)
            {
                return Err(Refusal::State("its webhook is switched off, or taken away").into());
            }
            let delivery = held.value.clone().retry(self.0.now())?;
            Ok(Planned::writing(vec![held.put(&delivery)?], delivery))
        };
        self.0.run(actor, plan).await
    }

    /// Drops a delivery: it is not tried again, and what waited behind it is told.
    ///
    /// # Errors
    /// One that is not there, was delivered or dropped; actors who are no admins.
    #[tracing::instrument(name = "deliveries.drop", skip_all, fields(ticket, actor))]
    pub async fn drop(self, actor: &Actor, id: DeliveryId) -> Result<Delivery, Error> {
        let plan = || async {
            let held = self.own(actor, id).await?;
            let was_next = matches!(held.value.state, DeliveryState::Waiting { .. });
            let delivery = held.value.clone().drop(self.0.now())?;
            let mut writes = vec![held.put(&delivery)?];
            if was_next {
                writes.extend(self.0.promotion(&delivery).await?);
            }
            Ok(Planned::writing(writes, delivery))
        };
        self.0.run(actor, plan).await
    }

    async fn own(self, actor: &Actor, id: DeliveryId) -> Result<Held<Delivery>, Error> {
        self.0.authorise(actor, Action::ManageIntegrations)?;
        self.0.held(id.uuid()).await?.ok_or(Error::NotFound)
    }

    /// Forgets what is long ago. Answers how many were forgotten.
    pub(super) async fn forget_old(self, desk: &Desk, until: DateTime<Utc>) -> Result<u32, Error> {
        let actor = Actor::system("housekeeping");
        let plan = || async {
            let query = DocumentQuery::rising(DocumentKind::Delivery, Delivery::list(None, None), BATCH);
            // What is still open after so long belongs to somebody who was switched off or taken away.
            let old = |held: &Held<Delivery>| held.value.created_at <= until;
            let items = self.0.held_list::<Delivery>(&query).await?.items;
            let writes: Vec<Write> = items.iter().filter(|held| old(held)).map(Held::remove).collect();
            let n = u32::try_from(writes.len()).unwrap_or(u32::MAX);
            Ok(Planned::writing(writes, Forgotten(n)))
        };
        desk.run(&actor, plan).await.map(|Forgotten(n)| n)
    }
}
