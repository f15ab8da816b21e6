//! What other parts of a platform tell the desk: each message once, in the commit of its effect.

use super::{
    Desk, Error, Outcome, Planned,
    digest::sha256,
    documents::{Held, add},
    messages::Posted,
    plan::not_about_a_ticket,
    tickets::NewTicket,
};
use crate::{
    domain::{
        access::TicketScope,
        access_token::AccessToken,
        actor::Actor,
        attachment::Attachment,
        document::DocumentKind,
        fault::{Faults, Refusal},
        feedback::Survey,
        id::CustomerId,
        inquiry::Inquiry,
        intake::{Issue, Message, Received},
        profile::Profile,
        text::TextRule,
        ticket::{Reach, Sort, Ticket, TicketFilter, TicketQuery},
    },
    ports::{
        Write,
        documents::DocumentQuery,
        intake::{Incoming, Intake, NotNow, Taken},
    },
};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

/// The longest message, in bytes.
const LONGEST: usize = 256 * 1024;
/// For so long a message is known again.
pub(super) const REMEMBERED: TimeDelta = TimeDelta::days(30);
/// Tickets that change hands in one commit.
const BATCH: u32 = 20;

/// What became of a message.
struct Effect {
    repeated: bool,
    more: bool,
    tickets: Vec<Ticket>,
    message: Option<crate::domain::message::Message>,
}

impl Effect {
    fn nothing(repeated: bool) -> Self {
        Self { repeated, more: false, tickets: Vec::new(), message: None }
    }
}

/// Nobody is answered it but the desk itself.
impl Outcome for Effect {
    fn ticket(&self) -> Option<&Ticket> {
        None
    }

    fn tickets(&self) -> Vec<&Ticket> {
        self.tickets.iter().collect()
    }

    fn message(&self) -> Option<&crate::domain::message::Message> {
        self.message.as_ref()
    }

    fn for_customer(self, _: &Profile) -> Self {
        self
    }
}

/// How many were forgotten.
struct Forgotten(u32);

not_about_a_ticket!(Forgotten);

#[async_trait]
impl Intake for Desk {
    async fn take(&self, message: &Incoming) -> Result<Taken, NotNow> {
        if message.body.len() > LONGEST {
            return Ok(Taken::Poison(format!("it is longer than {LONGEST} bytes")));
        }
        let body: Value = match serde_json::from_slice(&message.body) {
            Ok(body) => body,
            Err(error) => return Ok(Taken::Poison(format!("it is no JSON: {error}"))),
        };
        match Message::read(&message.name, &body) {
            None => Ok(Taken::Ignored),
            Some(Err(faults)) => Ok(Taken::Poison(faults.to_string())),
            Some(Ok(read)) => match self.act_on(message, &read).await {
                Ok(Effect { repeated: true, .. }) => Ok(Taken::Repeated),
                Ok(_) => Ok(Taken::Done),
                Err(Error::Refused(refusal)) => Ok(Taken::Poison(refusal.to_string())),
                Err(error) => Err(NotNow(error.to_string())),
            },
        }
    }
}

impl Desk {
    async fn act_on(&self, message: &Incoming, read: &Message) -> Result<Effect, Error> {
        let actor = Actor::system(message.name.as_str());
        loop {
            let effect = self.run(&actor, || self.plan_intake(&actor, message, read)).await?;
            if !effect.more {
                return Ok(effect);
            }
        }
    }

    async fn plan_intake(&self, actor: &Actor, message: &Incoming, read: &Message) -> Result<Planned<Effect>, Error> {
        let digest = sha256(format!("{} {}", message.name, message.id).as_bytes());
        if self.held_by_key::<Received>(&Received::key(&digest)).await?.is_some() {
            return Ok(Planned::nothing(Effect::nothing(true)));
        }
        let now = self.now();
        let mut received =
            Received { id: self.0.ids.id(now), message: digest, name: message.name.clone(), ticket: None, at: now };
        let Planned { mut changes, outcome } = match read {
            Message::Issue(issue) => {
                let Planned { changes, outcome } = self.plan_issue(actor, issue).await?;
                received.ticket = Some(outcome.ticket.id);
                let tickets = vec![outcome.ticket];
                Planned {
                    changes,
                    outcome: Effect { tickets, message: Some(outcome.message), ..Effect::nothing(false) },
                }
            }
            // Whoever has not shown that an address is theirs gets nothing that was sent from there.
            Message::Registered { verified: false, .. } => Planned::nothing(Effect::nothing(false)),
            Message::Registered { customer, name, email, verified: true } => {
                self.plan_adoption(actor, *customer, name, email).await?
            }
        };
        if !outcome.more {
            changes.writes.push(add(&received)?);
        }
        Ok(Planned { changes, outcome })
    }

    /// The ticket. A category or priority that this desk does not know keeps nobody from being helped.
    async fn plan_issue(&self, actor: &Actor, issue: &Issue) -> Result<Planned<Posted>, Error> {
        match self.plan_issue_as_it_is(actor, issue.clone()).await {
            Err(Error::Refused(Refusal::Invalid(faults))) if of_the_profile(&faults) => {
                let mut plain = issue.clone();
                (plain.opening.category, plain.opening.priority) = (None, None);
                self.plan_issue_as_it_is(actor, plain).await
            }
            other => other,
        }
    }

    async fn plan_issue_as_it_is(&self, actor: &Actor, issue: Issue) -> Result<Planned<Posted>, Error> {
        match issue.customer {
            Some(customer) => {
                let ticket = NewTicket { opening: issue.opening, customer: Some(customer), customer_name: issue.name };
                self.tickets().plan_open(actor, ticket).await
            }
            None => self.plan_open_for_stranger(actor, issue.opening, issue.name).await,
        }
    }

    /// Tickets that were opened with an address without an account become those of whoever has one for it now. Answers
    /// whether there are more.
    async fn plan_adoption(
        &self,
        actor: &Actor,
        customer: CustomerId,
        name: &str,
        email: &str,
    ) -> Result<Planned<Effect>, Error> {
        let name = TextRule::line(200).optional("name", name)?.unwrap_or_default();
        let Planned { mut changes, outcome: mut effect } = Planned::nothing(Effect::nothing(false));
        let mut query = TicketQuery {
            reader: None,
            scope: TicketScope::All,
            filter: TicketFilter { email_key: Some(Reach::key(email)), ..TicketFilter::default() },
            sort: Sort::default(),
            after: None,
            skip: 0,
            limit: BATCH,
        };
        loop {
            let slice = self.0.store.tickets(&query).await?;
            for row in &slice.items {
                let Some(ticket) = self.0.store.ticket(row.id).await? else { continue };
                let tokens = DocumentQuery::rising(DocumentKind::Access, AccessToken::list(ticket.id), BATCH);
                let tokens = self.held_list::<AccessToken>(&tokens).await?.items;
                // One without tokens is the ticket of somebody who has an account, whatever address they gave.
                if tokens.is_empty() || ticket.customer == customer {
                    continue;
                }
                let theirs = self.plan_giving(actor, &ticket, customer, &name).await?;
                changes.writes.extend(theirs.changes.writes);
                changes.events.extend(theirs.changes.events);
                effect.tickets.push(theirs.outcome);
                if effect.tickets.len() >= BATCH as usize {
                    return Ok(Planned { changes, outcome: Effect { more: true, ..effect } });
                }
            }
            match slice.items.last().filter(|_| slice.more) {
                Some(last) => query.after = Some(last.cursor(query.sort.key)),
                None => return Ok(Planned { changes, outcome: effect }),
            }
        }
    }

    /// One ticket and what belongs to it changes hands. What opened it without an account opens nothing any more.
    async fn plan_giving(
        &self,
        actor: &Actor,
        ticket: &Ticket,
        customer: CustomerId,
        name: &str,
    ) -> Result<Planned<Ticket>, Error> {
        let change = ticket.adopt(self.context(actor), customer, name);
        let mut planned = self.plan_change(actor, ticket, change).await?;
        let mut after = None;
        loop {
            let things = self.0.store.documents_of(ticket.customer, after, 100).await?;
            let Some(last) = things.last() else { return Ok(planned) };
            after = Some((last.kind, last.id));
            for thing in things {
                planned.changes.writes.extend(given(thing, customer)?);
            }
        }
    }

    /// Forgets messages that nobody sends again. Answers how many.
    pub(super) async fn forget_intake(&self, until: DateTime<Utc>) -> Result<u32, Error> {
        let plan = || async {
            let query = DocumentQuery::rising(DocumentKind::Intake, Received::ALL, 200);
            let items = self.held_list::<Received>(&query).await?.items;
            let writes: Vec<Write> = items.iter().filter(|held| held.value.at <= until).map(Held::remove).collect();
            let n = u32::try_from(writes.len()).unwrap_or(u32::MAX);
            Ok(Planned::writing(writes, Forgotten(n)))
        };
        self.run(&Actor::system("housekeeping"), plan).await.map(|Forgotten(n)| n)
    }
}

fn of_the_profile(faults: &Faults) -> bool {
    faults.0.iter().all(|fault| matches!(fault.field.as_str(), "category" | "topic" | "priority"))
}

/// A document of somebody without an account, as it is of whoever has one now.
fn given(document: crate::domain::document::Document, to: CustomerId) -> Result<Option<Write>, Error> {
    let customer = Some(to);
    Ok(match document.kind {
        DocumentKind::Access | DocumentKind::Notification => {
            let before = Box::new(document.placement);
            Some(Write::RemoveDocument { kind: document.kind, id: document.id, read: document.version, before })
        }
        DocumentKind::Attachment => {
            let held: Held<Attachment> = Held::of(document)?;
            Some(held.put(&Attachment { customer, ..held.value.clone() })?)
        }
        DocumentKind::Inquiry => {
            let held: Held<Inquiry> = Held::of(document)?;
            Some(held.put(&Inquiry { customer, ..held.value.clone() })?)
        }
        DocumentKind::Survey => {
            let held: Held<Survey> = Held::of(document)?;
            Some(held.put(&Survey { customer: to, ..held.value.clone() })?)
        }
        _ => None,
    })
}
