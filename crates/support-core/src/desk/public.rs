//! Tickets without an account (S4, "Public Ticket Access"), in the safe form: what opens them is a token, never the number.

use super::{
    Desk, Error, Outcome, Planned,
    digest::sha256,
    documents::{Held, add},
    messages::Posted,
    plan::not_about_a_ticket,
    tickets::TicketRef,
};
use crate::{
    domain::{
        access::Action,
        access_token::{AccessToken, MOST, PAUSE},
        actor::Actor,
        document::DocumentKind,
        fault::Fault,
        id::{CustomerId, TicketId},
        message::Message,
        notification::{Topic, Way},
        profile::Profile,
        text::TextRule,
        ticket::{Context, ForCustomer, Opening, Reach, Ticket},
    },
    ports::{ChangeSet, StoreError, Write, documents::DocumentQuery, notifier::Errand},
};
use chrono::TimeDelta;
use std::fmt::Write as _;
use uuid::Uuid;

/// Opening and entering tickets without an account. From [`Desk::public`].
#[derive(Debug, Clone, Copy)]
pub struct Public<'a>(pub(super) &'a Desk);

/// What opens a ticket. Shown once, to whoever opened it; not printed by `Debug`, so that it gets into no log.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// The token as it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// A ticket that was opened without an account.
#[derive(Debug, Clone)]
pub struct OpenedPublicly {
    /// The ticket and its first message.
    pub posted: Posted,
    /// What opens it from now on.
    pub token: Token,
}

impl Outcome for OpenedPublicly {
    fn ticket(&self) -> Option<&Ticket> {
        self.posted.ticket()
    }

    fn message(&self) -> Option<&Message> {
        self.posted.message()
    }

    fn for_customer(self, profile: &Profile) -> Self {
        Self { posted: self.posted.for_customer(profile), ..self }
    }
}

/// Links that one address gets in an hour, of all tickets.
const MAILS: u32 = 5;
const HOUR: TimeDelta = TimeDelta::hours(1);

/// Whether a link was made, and for where.
struct Link(Option<(Ticket, String, Token)>);

/// How many tokens were revoked.
struct Revoked(u32);

not_about_a_ticket!(Link, Revoked);

impl Public<'_> {
    /// Opens a ticket for somebody without an account, who says where they can be reached.
    ///
    /// # Errors
    /// Every fault of the input at once.
    #[tracing::instrument(name = "public.open", skip_all, fields(ticket, actor))]
    pub async fn open(self, name: &str, opening: Opening) -> Result<OpenedPublicly, Error> {
        self.0.authorise(&Actor::Guest, Action::OpenPublic)?;
        let now = self.0.now();
        let customer: CustomerId = self.0.0.ids.id(now).into();
        // Whoever opens a ticket so is its customer, and nobody else's.
        let actor = Actor::customer(customer, name.trim());
        self.0.run(&actor, || self.plan_open(&actor, customer, opening.clone())).await
    }

    async fn plan_open(
        self,
        actor: &Actor,
        customer: CustomerId,
        opening: Opening,
    ) -> Result<Planned<OpenedPublicly>, Error> {
        let mut faults = crate::domain::fault::Faults::new();
        let name = faults.keep(TextRule::line(200).optional("name", &actor.signature().name)).flatten();
        if opening.reach.email.as_deref().is_none_or(|email| email.trim().is_empty()) {
            faults.push(Fault::new("email", "must be given: the way back to the ticket is sent there"));
        }
        let planned = self.0.plan_open_as(actor, opening, customer, name).await;
        let planned = match planned {
            Err(Error::Refused(crate::domain::fault::Refusal::Invalid(found))) => {
                faults.0.extend(found.0);
                return Err(faults.into());
            }
            other => other?,
        };
        faults.check()?;
        let (token, access) = self.token(&planned.outcome.ticket, None);
        let mut changes = planned.changes;
        changes.writes.push(add(&access)?);
        Ok(Planned { changes, outcome: OpenedPublicly { posted: planned.outcome, token } })
    }

    /// Who somebody with this token is, and which ticket it opens: they act as its customer, who has no other. A token of
    /// another ticket than the one that is named opens nothing.
    ///
    /// # Errors
    /// A token that opens nothing, or not this ticket: there is no such ticket.
    #[tracing::instrument(name = "public.enter", skip_all, fields(ticket, actor))]
    pub async fn enter(self, ticket: impl Into<TicketRef>, token: &str) -> Result<(Actor, TicketId), Error> {
        let access: Option<Held<AccessToken>> =
            self.0.held_by_key(&AccessToken::key(&sha256(token.as_bytes()))).await?;
        let held = access.ok_or(Error::NotFound)?;
        let access = &held.value;
        let found = self.0.0.store.ticket(access.ticket).await?;
        let named = |found: &Ticket| match ticket.into() {
            TicketRef::Id(id) => found.id == id,
            TicketRef::Number(number) => found.number == number,
        };
        let found = found.filter(|found| found.deleted_at.is_none() && found.customer == access.customer);
        let found = found.filter(named).ok_or(Error::NotFound)?;
        if access.mailed_to.is_some() && access.used_at.is_none() {
            let used = AccessToken { used_at: Some(self.0.now()), ..access.clone() };
            let writes = vec![held.put(&used)?];
            match self.0.0.store.commit(ChangeSet { writes, ..ChangeSet::default() }).await {
                // Somebody else who came with it was faster.
                Ok(()) | Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok((Actor::customer(found.customer, found.customer_name.clone()), found.id))
    }

    /// Has a link to the ticket sent to where its customer said they can be reached, if there is such a ticket and it was
    /// opened without an account. Whoever asks learns nothing: the answer is always the same.
    ///
    /// # Errors
    /// Failures of the store.
    #[tracing::instrument(name = "public.send_link", skip_all, fields(ticket, actor))]
    pub async fn send_link(self, number: &str) -> Result<(), Error> {
        let actor = Actor::system("access-link");
        let Link(link) = self.0.run(&actor, || self.plan_link(number)).await?;
        if let Some((ticket, email, token)) = link {
            let errand = Errand::AccessLink { ticket: &ticket, email: &email, token: token.as_str() };
            self.0.0.notifier.send(&errand);
        }
        Ok(())
    }

    async fn plan_link(self, number: &str) -> Result<Planned<Link>, Error> {
        let nothing = Planned::nothing(Link(None));
        let found = self.0.0.store.ticket_by_number(number).await?;
        let Some(ticket) = found.filter(|ticket| ticket.deleted_at.is_none()) else { return Ok(nothing) };
        let Some(email) = ticket.reach.email.clone() else { return Ok(nothing) };
        let tokens = self.tokens(ticket.id).await?;
        // Without any, it is the ticket of somebody with an account, or its tokens were revoked.
        let Some(last) = tokens.last() else { return Ok(nothing) };
        if self.0.now() < last.value.created_at + PAUSE {
            return Ok(nothing);
        }
        if self.was_mailed_enough(&email).await? {
            return Ok(nothing);
        }
        if self.0.0.channels.contains_key(&Way::Email) {
            // Its token is made when it is sent, so that it lies nowhere until then; once in a pause.
            let turn = self.0.now().timestamp() / PAUSE.num_seconds();
            let cause = Uuid::from_u128(ticket.id.uuid().as_u128() ^ u128::from(turn.unsigned_abs()));
            let topic = Topic::AccessLink;
            let writes = self.0.plan_telling(ticket.customer, topic, cause, Some(ticket.id)).await?;
            return Ok(Planned::writing(writes, Link(None)));
        }
        let (token, access) = self.token(&ticket, Some(&email));
        let writes = in_place_of_the_oldest(&tokens, &access)?;
        let outcome = Link(Some((ticket, email, token)));
        Ok(Planned::writing(writes, outcome))
    }

    /// Makes all tokens of a ticket open nothing any more. Answers how many there were.
    ///
    /// # Errors
    /// A ticket that is not there or not theirs; actors who are not staff.
    #[tracing::instrument(name = "public.revoke", skip_all, fields(ticket, actor))]
    pub async fn revoke(self, actor: &Actor, ticket: impl Into<TicketRef>) -> Result<u32, Error> {
        let ticket = self.0.load(actor, &ticket.into(), Action::Edit).await?.id;
        let plan = || async {
            let writes: Vec<Write> = self.tokens(ticket).await?.iter().map(Held::remove).collect();
            let revoked = Revoked(u32::try_from(writes.len()).unwrap_or(u32::MAX));
            Ok(Planned::writing(writes, revoked))
        };
        self.0.run(actor, plan).await.map(|Revoked(n)| n)
    }

    /// Whether somebody has shown that they read what is sent to this address of a ticket.
    pub(super) async fn is_verified(self, ticket: TicketId, email: &str) -> Result<bool, Error> {
        let address = Some(sha256(Reach::key(email).as_bytes()));
        let tokens = self.tokens(ticket).await?;
        Ok(tokens.iter().any(|held| held.value.mailed_to == address && held.value.used_at.is_some()))
    }

    /// A token for a mail to this address, good from now on; none for the ticket of somebody with an account.
    pub(super) async fn mint_for_mail(self, ticket: &Ticket, email: &str) -> Result<Option<String>, Error> {
        let tokens = self.tokens(ticket.id).await?;
        if tokens.is_empty() {
            return Ok(None);
        }
        let (token, access) = self.token(ticket, Some(email));
        let writes = in_place_of_the_oldest(&tokens, &access)?;
        self.0.0.store.commit(ChangeSet { writes, ..ChangeSet::default() }).await?;
        Ok(Some(token.0))
    }

    /// The tokens of a ticket, the oldest first.
    async fn tokens(self, ticket: TicketId) -> Result<Vec<Held<AccessToken>>, Error> {
        let query = DocumentQuery::rising(DocumentKind::Access, AccessToken::list(ticket), 100);
        Ok(self.0.held_list(&query).await?.items)
    }

    /// Whether one address got as many links in the last hour as anybody should, of whatever tickets.
    async fn was_mailed_enough(self, email: &str) -> Result<bool, Error> {
        let list = AccessToken::mailed(&sha256(Reach::key(email).as_bytes()));
        let query = DocumentQuery { skip: MAILS - 1, ..DocumentQuery::falling(DocumentKind::Access, list, 1) };
        let found = self.0.held_list::<AccessToken>(&query).await?.items;
        Ok(found.first().is_some_and(|held| self.0.now() < held.value.created_at + HOUR))
    }

    fn token(self, ticket: &Ticket, email: Option<&str>) -> (Token, AccessToken) {
        let ids = &self.0.0.ids;
        let mut text = String::with_capacity(48);
        for _ in 0..3 {
            // 62 random bits each: 186 in all.
            let _ = write!(text, "{:016x}", ids.random());
        }
        let now = self.0.now();
        let access = AccessToken {
            id: ids.id(now).into(),
            ticket: ticket.id,
            customer: ticket.customer,
            digest: sha256(text.as_bytes()),
            mailed_to: email.map(|email| sha256(Reach::key(email).as_bytes())),
            created_at: now,
            used_at: None,
        };
        (Token(text), access)
    }
}

impl Desk {
    /// A ticket for somebody whom the host does not know: they are the customer of this ticket, and of no other.
    pub(super) async fn plan_open_for_stranger(
        &self,
        actor: &Actor,
        opening: Opening,
        name: Option<String>,
    ) -> Result<Planned<Posted>, Error> {
        self.authorise(actor, Action::Open)?;
        let customer = self.0.ids.id(self.now()).into();
        let mut planned = self.plan_open_as(actor, opening, customer, name).await?;
        // Nobody has this one: it says that a link may be sent to where they can be reached.
        let (_, access) = self.public().token(&planned.outcome.ticket, None);
        planned.changes.writes.push(add(&access)?);
        Ok(planned)
    }

    async fn plan_open_as(
        &self,
        actor: &Actor,
        opening: Opening,
        customer: CustomerId,
        name: Option<String>,
    ) -> Result<Planned<Posted>, Error> {
        let categories = self.categories().await?;
        let cx = Context { categories: &categories, ..self.context(actor) };
        let checked = opening.check(cx, None)?;
        let whom = ForCustomer { id: customer, name: name.unwrap_or_default(), tier: None, language: None };
        self.plan_checked(cx, checked, whom).await
    }
}

/// What somebody was given when they opened the ticket stays: nobody can push it out by asking for links.
fn in_place_of_the_oldest(tokens: &[Held<AccessToken>], access: &AccessToken) -> Result<Vec<Write>, Error> {
    let mut mailed: Vec<_> = tokens.iter().filter(|held| held.value.mailed_to.is_some()).collect();
    // One that was used says whose the address is, and is what somebody comes back with.
    mailed.sort_by_key(|held| (held.value.used_at.is_some(), held.value.created_at));
    let spare = (mailed.len() + 1).saturating_sub(MOST);
    let gone = mailed.into_iter().take(spare).map(Held::remove);
    Ok(std::iter::once(add(access)?).chain(gone).collect())
}
