//! Small lists that staff keep: categories, canned responses, saved views.

use super::{Desk, Error, Planned, plan::not_about_a_ticket, tickets::TicketRef};
use crate::{
    domain::{
        access::Action,
        actor::{Actor, AgentRef},
        catalogue::{Category, Entry, Item, ItemKind, SavedView},
        fault::{Fault, Refusal},
        id::{AgentId, EntryId},
    },
    ports::Write,
};

/// Keeps the lists. From [`Desk::catalogue`].
///
/// Categories and canned responses are an admin's to keep; views are their owner's. Everybody on the staff may read.
#[derive(Debug, Clone, Copy)]
pub struct Catalogue<'a>(pub(super) &'a Desk);

not_about_a_ticket!(Entry);

/// The most entries of one list: lists are read whole.
const MOST: usize = 1_000;
/// The most views of one person, so that nobody fills the list for all.
const MOST_VIEWS: usize = 50;

impl Catalogue<'_> {
    /// A list: of views, one's own and those that are shared; of canned responses, everybody's and those of one's team.
    /// Customers may read the categories that new tickets can have.
    ///
    /// # Errors
    /// Actors who are not staff, but for categories.
    #[tracing::instrument(name = "catalogue.list", skip_all, fields(ticket, actor))]
    pub async fn list(self, actor: &Actor, kind: ItemKind) -> Result<Vec<Entry>, Error> {
        let staff = self.0.may(actor, Action::ReadDesk, None);
        if !staff {
            let action = if kind == ItemKind::Category { Action::Open } else { Action::ReadDesk };
            self.0.authorise(actor, action)?;
        }
        let mut entries = self.0.0.store.entries(kind).await?;
        let sight = self.sight(actor, kind).await?;
        entries.retain(|entry| sight.takes_in(&entry.item));
        Ok(entries)
    }

    /// One entry of a list.
    ///
    /// # Errors
    /// One that is not there or not theirs; actors who are not staff.
    #[tracing::instrument(name = "catalogue.get", skip_all, fields(ticket, actor))]
    pub async fn get(self, actor: &Actor, kind: ItemKind, id: EntryId) -> Result<Entry, Error> {
        self.0.authorise(actor, Action::ReadDesk)?;
        self.find(actor, kind, id).await
    }

    /// Adds an item to its list.
    ///
    /// # Errors
    /// Every wrong field; a name that another item of the list has; actors who may not keep the list.
    #[tracing::instrument(name = "catalogue.add", skip_all, fields(ticket, actor))]
    pub async fn add(self, actor: &Actor, item: Item) -> Result<Entry, Error> {
        self.0.run(actor, || self.plan_put(actor, None, item.clone())).await
    }

    /// Makes an item what `item` says.
    ///
    /// # Errors
    /// As [`Catalogue::add`]; one that is not there or not theirs.
    #[tracing::instrument(name = "catalogue.edit", skip_all, fields(ticket, actor))]
    pub async fn edit(self, actor: &Actor, id: EntryId, item: Item) -> Result<Entry, Error> {
        self.0.run(actor, || self.plan_put(actor, Some(id), item.clone())).await
    }

    async fn plan_put(self, actor: &Actor, id: Option<EntryId>, item: Item) -> Result<Planned<Entry>, Error> {
        self.authorise_keeping(actor, item.kind())?;
        let now = self.0.now();
        let item = signed(actor, item).check(self.0.profile())?;
        let before = match id {
            Some(id) => Some(self.find_own(actor, item.kind(), id).await?),
            None => None,
        };
        let id = id.unwrap_or_else(|| self.0.0.ids.id(now).into());
        let others = self.0.0.store.entries(item.kind()).await?;
        if others.iter().any(|other| other.id != id && other.item.key() == item.key()) {
            return Err(Fault::new(item.key_field(), "is the name of another one").into());
        }
        let own = others.iter().filter(|other| is_of_same_owner(&other.item, &item)).count();
        if before.is_none() && (others.len() >= MOST || own >= MOST_VIEWS) {
            return Err(Refusal::State("the list is full").into());
        }
        let read = before.as_ref().map_or(0, |before| before.version);
        let created_at = before.map_or(now, |before| before.created_at);
        let entry = Entry { id, version: read + 1, item, created_at, updated_at: now };
        let write = Write::PutEntry { entry: Box::new(entry.clone()), read };
        Ok(Planned::writing(vec![write], entry))
    }

    /// Takes an item off its list. Tickets keep the category they have.
    ///
    /// # Errors
    /// One that is not there or not theirs; actors who may not keep the list.
    #[tracing::instrument(name = "catalogue.remove", skip_all, fields(ticket, actor))]
    pub async fn remove(self, actor: &Actor, kind: ItemKind, id: EntryId) -> Result<Entry, Error> {
        self.0.run(actor, || self.plan_remove(actor, kind, id)).await
    }

    async fn plan_remove(self, actor: &Actor, kind: ItemKind, id: EntryId) -> Result<Planned<Entry>, Error> {
        self.authorise_keeping(actor, kind)?;
        let entry = self.find_own(actor, kind, id).await?;
        let write = Write::RemoveEntry { kind, id, read: entry.version };
        Ok(Planned::writing(vec![write], entry))
    }

    /// A canned response with what it says of a ticket put in.
    ///
    /// # Errors
    /// A ticket or response that is not there or not theirs; actors who may not answer it.
    #[tracing::instrument(name = "catalogue.answer", skip_all, fields(ticket, actor))]
    pub async fn answer(self, actor: &Actor, id: EntryId, ticket: impl Into<TicketRef>) -> Result<String, Error> {
        self.0.authorise(actor, Action::ReadDesk)?;
        let ticket = self.0.load(actor, &ticket.into(), Action::ReadTrail).await?;
        let entry = self.find(actor, ItemKind::CannedResponse, id).await?;
        match entry.item {
            Item::CannedResponse(response) => Ok(response.render(&ticket, actor)),
            Item::Category(_) | Item::SavedView(_) => Err(Error::NotFound),
        }
    }

    fn authorise_keeping(self, actor: &Actor, kind: ItemKind) -> Result<(), Error> {
        match kind {
            ItemKind::Category | ItemKind::CannedResponse => self.0.authorise(actor, Action::ManageCatalogue),
            ItemKind::SavedView => self.0.authorise(actor, Action::ReadDesk),
        }
    }

    async fn find(self, actor: &Actor, kind: ItemKind, id: EntryId) -> Result<Entry, Error> {
        let entry = self.0.0.store.entry(kind, id).await?.ok_or(Error::NotFound)?;
        if self.sight(actor, kind).await?.takes_in(&entry.item) { Ok(entry) } else { Err(Error::NotFound) }
    }

    async fn sight(self, actor: &Actor, kind: ItemKind) -> Result<Sight, Error> {
        let teams = match actor {
            Actor::Agent { id, .. } if kind == ItemKind::CannedResponse => {
                let row = self.0.0.store.agent(*id).await?;
                Teams::Own(row.and_then(|agent| agent.team).map(|team| team.to_lowercase()))
            }
            _ => Teams::All,
        };
        Ok(Sight { staff: self.0.may(actor, Action::ReadDesk, None), own: actor.agent_id(), teams })
    }

    /// An entry that the actor may change: of a shared view everybody may look, but only its owner change it.
    async fn find_own(self, actor: &Actor, kind: ItemKind, id: EntryId) -> Result<Entry, Error> {
        let entry = self.find(actor, kind, id).await?;
        match &entry.item {
            Item::SavedView(view) if actor.agent_id().is_some_and(|own| view.owner.id != own) => {
                // Somebody must be able to clear away what a person who has left had shared.
                self.0.authorise(actor, Action::ManageCatalogue)?;
                Ok(entry)
            }
            _ => Ok(entry),
        }
    }
}

fn is_of_same_owner(item: &Item, other: &Item) -> bool {
    matches!((item, other), (Item::SavedView(one), Item::SavedView(other)) if one.owner.id == other.owner.id)
}

/// A view belongs to whoever keeps it, whatever the input says.
fn signed(actor: &Actor, item: Item) -> Item {
    match (actor.agent_id(), item) {
        (Some(id), Item::SavedView(view)) => {
            Item::SavedView(SavedView { owner: AgentRef { id, name: actor.signature().name }, ..view })
        }
        (_, item) => item,
    }
}

impl Desk {
    /// The categories that stand beside the profile's own.
    pub(super) async fn categories(&self) -> Result<Vec<Category>, Error> {
        let entries = self.0.store.entries(ItemKind::Category).await?;
        let category = |item| match item {
            Item::Category(category) => Some(category),
            Item::CannedResponse(_) | Item::SavedView(_) => None,
        };
        Ok(entries.into_iter().filter_map(|entry| category(entry.item)).collect())
    }
}

/// What somebody sees of the lists.
struct Sight {
    staff: bool,
    own: Option<AgentId>,
    teams: Teams,
}

/// Whose canned responses somebody sees, beside those that are everybody's.
enum Teams {
    All,
    /// Those of their team, if they have one; in lower case.
    Own(Option<String>),
}

impl Sight {
    fn takes_in(&self, item: &Item) -> bool {
        match item {
            Item::Category(category) => self.staff || category.is_active,
            Item::CannedResponse(response) => match (&self.teams, &response.team) {
                (Teams::Own(own), Some(wanted)) => own.as_ref().is_some_and(|own| *own == wanted.to_lowercase()),
                _ => true,
            },
            Item::SavedView(view) => self.own.is_none_or(|own| view.is_for(own)),
        }
    }
}
