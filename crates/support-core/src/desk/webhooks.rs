//! Addresses that are told what happens, as admins keep them.

use super::{
    Desk, Error, Planned,
    documents::{Held, Paged, Paging, add},
    plan::not_about_a_ticket,
    relay::new_secret,
};
use crate::{
    domain::{
        access::Action,
        actor::Actor,
        announcement::Audience,
        delivery::Attempt,
        document::DocumentKind,
        fault::Refusal,
        id::WebhookId,
        sink::SinkState,
        webhook::{Secret, Webhook, WebhookEdit, WebhookState},
    },
    ports::{Write, documents::DocumentQuery},
};

/// Setting up addresses that are told what happens. From [`Desk::webhooks`].
#[derive(Debug, Clone, Copy)]
pub struct Webhooks<'a>(pub(super) &'a Desk);

/// An address, and how it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookStanding {
    /// The address.
    pub webhook: Webhook,
    /// How many announcements wait to be tried again.
    pub waiting: u64,
    /// How many were given up, and are kept.
    pub dead: u64,
}

not_about_a_ticket!(Webhook, Removed);

/// That it is there no more.
pub(super) struct Removed;

/// The most addresses of a desk: each is told everything.
const MOST: u64 = 200;

impl Webhooks<'_> {
    /// Sets up an address, which hears what happens from now on. The answer holds the secret that its requests are signed with; it is never
    /// shown again.
    ///
    /// # Errors
    /// Every wrong field; too many addresses; actors who are no admins.
    #[tracing::instrument(name = "webhooks.create", skip_all, fields(ticket, actor))]
    pub async fn create(self, actor: &Actor, edit: WebhookEdit) -> Result<Webhook, Error> {
        self.0.run(actor, || self.plan_create(actor, edit.clone())).await
    }

    async fn plan_create(self, actor: &Actor, edit: WebhookEdit) -> Result<Planned<Webhook>, Error> {
        self.0.authorise(actor, Action::ManageIntegrations)?;
        let all = self.0.counts_on::<Webhook>(&[Webhook::ALL.to_owned()]).await?;
        if all.first().is_some_and(|n| *n >= MOST) {
            return Err(Refusal::State("so many webhooks are set up already; remove one").into());
        }
        let now = self.0.now();
        let bare = Webhook {
            id: self.0.0.ids.id(now).into(),
            url: String::new(),
            description: None,
            events: std::collections::BTreeSet::new(),
            audience: Audience::Outside,
            secrets: vec![Secret { value: new_secret(&*self.0.0.ids), until: None }],
            state: WebhookState::Enabled,
            created_by: actor.signature(),
            created_at: now,
            updated_at: now,
        };
        let edit = WebhookEdit { url: Some(edit.url.unwrap_or_default()), ..edit };
        let webhook = self.edited(bare, edit)?;
        let state = self.0.state_from_now(webhook.sink()).await?;
        Ok(Planned::writing(vec![add(&webhook)?, add(&state)?], webhook))
    }

    fn edited(self, webhook: Webhook, edit: WebhookEdit) -> Result<Webhook, Error> {
        let check = |url: &str| self.0.0.webhooks.check(url);
        Ok(webhook.edit(edit, self.0.profile().events.naming, self.0.now(), check)?)
    }

    /// Changes an address. One that is switched on again hears what happens from now on, and what waits for it.
    ///
    /// # Errors
    /// Every wrong field; one that is not there; actors who are no admins.
    #[tracing::instrument(name = "webhooks.edit", skip_all, fields(ticket, actor))]
    pub async fn edit(self, actor: &Actor, id: WebhookId, edit: WebhookEdit) -> Result<Webhook, Error> {
        let plan = || async {
            let held = self.own(actor, id).await?;
            let webhook = self.edited(held.value.clone(), edit.clone())?;
            let mut writes = vec![held.put(&webhook)?];
            if webhook.is_enabled() && !held.value.is_enabled() {
                writes.extend(self.as_of_now(&webhook).await?);
            }
            Ok(Planned::writing(writes, webhook))
        };
        self.0.run(actor, plan).await
    }

    /// The state of an address that hears what happens from now on, however far it was told before.
    async fn as_of_now(self, webhook: &Webhook) -> Result<Option<Write>, Error> {
        let held: Option<Held<SinkState>> = self.0.held_by_key(&SinkState::key(&webhook.sink())).await?;
        let Some(held) = held else { return Ok(Some(add(&self.0.state_from_now(webhook.sink()).await?)?)) };
        let now = self.0.state_from_now(webhook.sink()).await?;
        held.put(&SinkState { id: held.value.id, deliveries: held.value.deliveries, ..now }).map(Some)
    }

    /// Makes a new secret. The one before signs for another [`ROTATION`](crate::domain::webhook::ROTATION), beside it.
    ///
    /// # Errors
    /// One that is not there; actors who are no admins.
    #[tracing::instrument(name = "webhooks.rotate_secret", skip_all, fields(ticket, actor))]
    pub async fn rotate_secret(self, actor: &Actor, id: WebhookId) -> Result<Webhook, Error> {
        let plan = || async {
            let held = self.own(actor, id).await?;
            let webhook = held.value.clone().rotate(new_secret(&*self.0.0.ids), self.0.now());
            Ok(Planned::writing(vec![held.put(&webhook)?], webhook))
        };
        self.0.run(actor, plan).await
    }

    /// Takes an address away. What waits for it is told to nobody.
    ///
    /// # Errors
    /// One that is not there; actors who are no admins.
    #[tracing::instrument(name = "webhooks.remove", skip_all, fields(ticket, actor))]
    pub async fn remove(self, actor: &Actor, id: WebhookId) -> Result<(), Error> {
        let plan = || async {
            let held = self.own(actor, id).await?;
            let state: Option<Held<SinkState>> = self.0.held_by_key(&SinkState::key(&held.value.sink())).await?;
            let writes = [held.remove()].into_iter().chain(state.map(|state| state.remove())).collect();
            Ok(Planned::writing(writes, Removed))
        };
        self.0.run(actor, plan).await.map(|_| ())
    }

    /// A page of all addresses, the latest first.
    ///
    /// # Errors
    /// Actors who are no admins.
    #[tracing::instrument(name = "webhooks.list", skip_all, fields(ticket, actor))]
    pub async fn list(self, actor: &Actor, page: Paging) -> Result<Paged<Webhook>, Error> {
        self.0.authorise(actor, Action::ManageIntegrations)?;
        self.0.page_of(Webhook::ALL, true, page).await
    }

    /// An address, and how it does.
    ///
    /// # Errors
    /// One that is not there; actors who are no admins.
    #[tracing::instrument(name = "webhooks.get", skip_all, fields(ticket, actor))]
    pub async fn get(self, actor: &Actor, id: WebhookId) -> Result<WebhookStanding, Error> {
        use crate::domain::delivery::Delivery;
        let webhook = self.own(actor, id).await?.value;
        let sink = webhook.sink();
        let lists = [Delivery::open(&sink), Delivery::list(Some(&sink), Some("dead"))];
        let counts = self.0.counts_on::<Delivery>(&lists).await?;
        let [waiting, dead] = <[u64; 2]>::try_from(counts).unwrap_or_default();
        Ok(WebhookStanding { webhook, waiting, dead })
    }

    /// Tells an address that somebody tries it, now, and answers what came of it. Nothing is tried again.
    ///
    /// # Errors
    /// One that is not there; actors who are no admins.
    #[tracing::instrument(name = "webhooks.test", skip_all, fields(ticket, actor))]
    pub async fn test(self, actor: &Actor, id: WebhookId) -> Result<Attempt, Error> {
        let webhook = self.own(actor, id).await?.value;
        Ok(self.0.try_webhook(&webhook).await)
    }

    async fn own(self, actor: &Actor, id: WebhookId) -> Result<Held<Webhook>, Error> {
        self.0.authorise(actor, Action::ManageIntegrations)?;
        self.0.held(id.uuid()).await?.ok_or(Error::NotFound)
    }
}

impl Desk {
    /// Addresses that are told what happens.
    pub(super) async fn enabled_webhooks(&self) -> Result<Vec<WebhookId>, Error> {
        let most = u32::try_from(MOST).unwrap_or(u32::MAX);
        let query = DocumentQuery::rising(DocumentKind::Webhook, Webhook::ENABLED, most);
        let slice = self.held_list::<Webhook>(&query).await?;
        Ok(slice.items.into_iter().map(|held| held.value.id).collect())
    }
}
