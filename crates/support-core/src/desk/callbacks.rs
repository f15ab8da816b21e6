//! Phone calls that customers ask for.

mod number;

use super::{
    Desk, Error, Planned,
    documents::{Held, Paged, Paging, add},
    plan::not_about_a_ticket,
};
use crate::{
    domain::{
        access::Action,
        actor::{Actor, AgentRef},
        announcement::AnnouncementKind,
        calendar::Calendar,
        callback::{Callback, CallbackRule, CallbackStatus, DayPart, NewCallback, Slot, WantedDay},
        document::DocumentKind,
        fault::{Fault, Faults, Refusal},
        id::{CallbackId, CustomerId},
    },
    ports::{
        Write,
        directory::Lookup,
        documents::DocumentQuery,
        notifier::Errand,
        phone::{CallReference, PhoneError},
    },
};
use chrono_tz::Tz;
use std::collections::BTreeSet;

/// Arranging calls. From [`Desk::callbacks`].
#[derive(Debug, Clone, Copy)]
pub struct Callbacks<'a>(pub(super) &'a Desk);

not_about_a_ticket!(Callback);

/// A call, and whether its customer will be told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arranged {
    /// The call.
    pub callback: Callback,
    /// Whether the host has taken on to tell them.
    pub confirmation_sent: bool,
}

/// When somebody wants to be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// On which day, or when exactly.
    pub day: WantedDay,
    /// In which part of the day.
    pub part: Option<DayPart>,
    /// On whose clock, as an IANA name; that of the desk's calendar where absent.
    pub time_zone: Option<String>,
}

impl Callbacks<'_> {
    /// When somebody can be called on a day, and how many seats are left in each slot.
    ///
    /// # Errors
    /// A time zone that nobody knows; actors who may not ask for calls.
    #[tracing::instrument(name = "callbacks.slots", skip_all, fields(ticket, actor))]
    pub async fn slots(self, actor: &Actor, wish: &Wish) -> Result<Vec<(Slot, u32)>, Error> {
        self.0.authorise(actor, Action::RequestCallback)?;
        let (slots, _) = self.open_slots(wish)?;
        let lists: Vec<String> = slots.iter().map(|slot| Callback::in_slot(*slot)).collect();
        let taken = self.0.counts_on::<Callback>(&lists).await?;
        let capacity = self.rule().capacity;
        let left = |taken: u64| capacity.saturating_sub(u32::try_from(taken).unwrap_or(u32::MAX));
        Ok(slots.into_iter().zip(taken.into_iter().map(left)).collect())
    }

    /// Asks for a call: in the first slot of that day, or part of it, in which somebody is free.
    ///
    /// # Errors
    /// Every wrong field; no free slot; too many calls ahead; somebody else's ticket; actors who may not.
    #[tracing::instrument(name = "callbacks.request", skip_all, fields(ticket, actor))]
    pub async fn request(self, actor: &Actor, new: NewCallback) -> Result<Arranged, Error> {
        let callback = self.0.run(actor, || self.plan_request(actor, &new)).await?;
        Ok(self.tell(callback))
    }

    async fn plan_request(self, actor: &Actor, new: &NewCallback) -> Result<Planned<Callback>, Error> {
        self.0.authorise(actor, Action::RequestCallback)?;
        let now = self.0.now();
        let mut faults = Faults::new();
        let checked = new.check(&mut faults);
        let phone = faults.keep(number::check("phone", &new.phone, self.rule().region.as_deref()));
        let customer = match (actor, new.customer) {
            (Actor::Customer { id, .. }, None) => Some(*id),
            (Actor::Customer { id, .. }, Some(other)) if other == *id => Some(*id),
            (Actor::Customer { .. }, Some(_)) => None,
            (_, given) => given,
        };
        let Some(customer) = customer else {
            faults.push(Fault::new("customerId", "must be the customer who is to be called"));
            return Err(faults.into());
        };
        let wish = Wish { day: new.day, part: new.part, time_zone: new.time_zone.clone() };
        let free = self.free_seat(&wish, None).await;
        let (slot, seat, zone) = match free {
            Err(Error::Refused(Refusal::Invalid(found))) => {
                faults.0.extend(found.0);
                return Err(faults.into());
            }
            other => other?,
        };
        faults.check()?;
        if let Some(ticket) = new.ticket {
            self.0.load(actor, &ticket.into(), Action::Read).await.map_err(|error| match error {
                Error::NotFound => Fault::new("ticketId", "is none of the tickets").into(),
                other => other,
            })?;
        }
        self.check_number_of_calls(customer).await?;
        let name = match actor {
            Actor::Customer { name, .. } => name.clone(),
            _ => match self.0.0.directory.customer(customer).await? {
                Lookup::Found(card) => card.name,
                Lookup::NotKept => String::new(),
                Lookup::Missing => return Err(Fault::new("customerId", "is none of the customers").into()),
            },
        };
        let callback = Callback {
            id: self.0.0.ids.id(now).into(),
            customer: Some(customer),
            name,
            phone: phone.unwrap_or_default(),
            topic: checked.topic,
            notes: checked.notes,
            ticket: new.ticket,
            slot,
            seat,
            time_zone: zone.name().to_owned(),
            status: CallbackStatus::Scheduled,
            agent: None,
            outcome: None,
            moved: 0,
            asked_by: actor.signature(),
            created_at: now,
            updated_at: now,
        };
        let told = self.announce(AnnouncementKind::CallbackScheduled, &callback)?;
        Ok(Planned::writing(vec![add(&callback)?, told], callback))
    }

    fn announce(self, kind: AnnouncementKind, callback: &Callback) -> Result<Write, Error> {
        self.0.announce(kind, callback.id.uuid(), callback.customer, None)
    }

    fn planned(
        self,
        held: &Held<Callback>,
        callback: Callback,
        told: Option<AnnouncementKind>,
    ) -> Result<Planned<Callback>, Error> {
        let mut writes = vec![held.put(&callback)?];
        if let Some(kind) = told {
            writes.push(self.announce(kind, &callback)?);
        }
        Ok(Planned::writing(writes, callback))
    }

    async fn check_number_of_calls(self, customer: CustomerId) -> Result<(), Error> {
        let open = self.0.counts_on::<Callback>(&[Callback::open_of(customer)]).await?;
        if open.first().is_some_and(|open| *open >= u64::from(self.rule().per_customer)) {
            return Err(Refusal::State("so many calls are arranged already; cancel one, or wait for it").into());
        }
        Ok(())
    }

    /// A page of calls: of a customer their own, the latest first; for staff all that stand so, the next first.
    ///
    /// # Errors
    /// Actors who may neither ask for calls nor make them.
    #[tracing::instrument(name = "callbacks.list", skip_all, fields(ticket, actor))]
    pub async fn list(
        self,
        actor: &Actor,
        status: Option<CallbackStatus>,
        page: Paging,
    ) -> Result<Paged<Callback>, Error> {
        if let Some(customer) = actor.customer_id() {
            self.0.authorise(actor, Action::RequestCallback)?;
            return self.0.page_of(&Callback::of(customer), true, page).await;
        }
        self.0.authorise(actor, Action::ManageCallbacks)?;
        let status = status.unwrap_or(CallbackStatus::Scheduled);
        self.0.page_of(&Callback::standing(status), status != CallbackStatus::Scheduled, page).await
    }

    /// A call: one's own, or for staff anybody's.
    ///
    /// # Errors
    /// One that is not there, or not theirs.
    #[tracing::instrument(name = "callbacks.get", skip_all, fields(ticket, actor))]
    pub async fn get(self, actor: &Actor, id: CallbackId) -> Result<Callback, Error> {
        Ok(self.own(actor, id).await?.value)
    }

    /// Moves a call.
    ///
    /// # Errors
    /// No free slot; a call that was made or cancelled, or is not theirs.
    #[tracing::instrument(name = "callbacks.reschedule", skip_all, fields(ticket, actor))]
    pub async fn reschedule(self, actor: &Actor, id: CallbackId, wish: &Wish) -> Result<Arranged, Error> {
        let plan = || async {
            let held = self.own(actor, id).await?;
            let (slot, seat, zone) = self.free_seat(wish, Some(id)).await?;
            let moved = held.value.clone().reschedule(slot, seat, zone.name().to_owned(), self.0.now())?;
            self.planned(&held, moved, Some(AnnouncementKind::CallbackRescheduled))
        };
        let callback = self.0.run(actor, plan).await?;
        Ok(self.tell(callback))
    }

    /// Cancels a call.
    ///
    /// # Errors
    /// One that was made, missed or cancelled, or is not theirs.
    #[tracing::instrument(name = "callbacks.cancel", skip_all, fields(ticket, actor))]
    pub async fn cancel(self, actor: &Actor, id: CallbackId) -> Result<Arranged, Error> {
        let plan = || async {
            let held = self.own(actor, id).await?;
            let cancelled = held.value.clone().cancel(self.0.now())?;
            self.planned(&held, cancelled, Some(AnnouncementKind::CallbackCancelled))
        };
        let callback = self.0.run(actor, plan).await?;
        Ok(self.tell(callback))
    }

    /// Says that a call was made, or that it was missed, and how it went.
    ///
    /// # Errors
    /// One that is not scheduled, or is missed before its time; actors who make no calls.
    #[tracing::instrument(name = "callbacks.end", skip_all, fields(ticket, actor))]
    pub async fn end(
        self,
        actor: &Actor,
        id: CallbackId,
        made: bool,
        notes: Option<String>,
    ) -> Result<Callback, Error> {
        let plan = || async {
            self.0.authorise(actor, Action::ManageCallbacks)?;
            let held = self.own(actor, id).await?;
            let ended = held.value.clone().end(made, notes.clone(), own_ref(actor), self.0.now())?;
            let kind = if made { AnnouncementKind::CallbackCompleted } else { AnnouncementKind::CallbackMissed };
            self.planned(&held, ended, Some(kind))
        };
        self.0.run(actor, plan).await
    }

    /// Begins a call through the host's provider, and writes down who makes it.
    ///
    /// # Errors
    /// No provider, or one that fails; a call that is not scheduled; actors who make no calls.
    #[tracing::instrument(name = "callbacks.call", skip_all, fields(ticket, actor))]
    pub async fn call(self, actor: &Actor, id: CallbackId) -> Result<(Callback, CallReference), Error> {
        self.0.authorise(actor, Action::ManageCallbacks)?;
        let agent = own_ref(actor).ok_or(Error::Forbidden(Action::ManageCallbacks))?;
        let plan = || async {
            let held = self.own(actor, id).await?;
            self.planned(&held, held.value.clone().take(agent.clone(), self.0.now())?, None)
        };
        let callback = self.0.run(actor, plan).await?;
        let reference = self.0.0.phone.call(&callback, agent.id).await.map_err(|error| match error {
            PhoneError::None => Refusal::State("this desk has no phone provider: dial the number yourself").into(),
            failed @ PhoneError::Provider(_) => Error::Outside(failed.to_string()),
        })?;
        Ok((callback, reference))
    }

    async fn own(self, actor: &Actor, id: CallbackId) -> Result<Held<Callback>, Error> {
        if *actor == Actor::Guest {
            return Err(Error::Unauthenticated);
        }
        let held: Held<Callback> = self.0.held(id.uuid()).await?.ok_or(Error::NotFound)?;
        let own = actor.customer_id().is_some() && held.value.customer == actor.customer_id();
        let may = own && self.0.may(actor, Action::RequestCallback, None);
        if may || self.0.may(actor, Action::ManageCallbacks, None) { Ok(held) } else { Err(Error::NotFound) }
    }

    /// The first free seat of the day, or of the part of it that is wanted.
    async fn free_seat(self, wish: &Wish, own: Option<CallbackId>) -> Result<(Slot, u32, Tz), Error> {
        let (slots, zone) = self.open_slots(wish)?;
        let capacity = self.rule().capacity;
        for slot in &slots {
            let query = DocumentQuery::rising(DocumentKind::Callback, Callback::in_slot(*slot), capacity);
            let others = self.0.held_list::<Callback>(&query).await?.items.into_iter();
            let taken: BTreeSet<u32> =
                others.filter(|held| own != Some(held.value.id)).map(|held| held.value.seat).collect();
            if let Some(seat) = (0..capacity).find(|seat| !taken.contains(seat)) {
                return Ok((*slot, seat, zone));
            }
        }
        let (field, why) = match (wish.part, slots.is_empty()) {
            (Some(_), false) => ("preferredTime", "is booked out; choose another part of the day or another day"),
            (None, false) => ("preferredDate", "is booked out; choose another day"),
            (_, true) => ("preferredDate", "nobody can call then: it is past, too soon, too far off, or nobody works"),
        };
        Err(Fault::new(field, why).into())
    }

    fn open_slots(self, wish: &Wish) -> Result<(Vec<Slot>, Tz), Error> {
        let rule = self.rule();
        let always = Calendar::always_open();
        let calendars = &self.0.profile().calendars;
        let calendar = rule.calendar.as_ref().and_then(|name| calendars.get(name)).unwrap_or(&always);
        let zone = match &wish.time_zone {
            Some(name) => name
                .parse()
                .map_err(|_| Fault::new("timeZone", "must be the name of a time zone, such as `Europe/Berlin`"))?,
            None => calendar.time_zone(),
        };
        Ok((rule.slots(calendar, zone, wish.day, wish.part, self.0.now()), zone))
    }

    fn tell(self, callback: Callback) -> Arranged {
        let confirmation_sent = self.0.0.notifier.send(&Errand::Callback { callback: &callback });
        Arranged { callback, confirmation_sent }
    }
}

impl<'a> Callbacks<'a> {
    fn rule(self) -> &'a CallbackRule {
        &self.0.profile().callbacks
    }
}

fn own_ref(actor: &Actor) -> Option<AgentRef> {
    actor.agent_id().map(|id| AgentRef { id, name: actor.signature().name })
}
