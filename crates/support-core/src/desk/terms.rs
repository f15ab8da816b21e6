//! On which terms a request is done: only if the ticket is still as it was read, only once, only under a lease.

use super::{Desk, Error, error::Repeated};
use crate::{
    domain::{
        actor::Actor,
        fault::{Fault, Refusal},
        request::{REMEMBERED, Request, RequestKey},
        ticket::Ticket,
    },
    ports::{ChangeSet, Guard, Write, leases::Lease},
};
use chrono::{DateTime, Utc};
use std::{any::Any, collections::BTreeSet, fmt, sync::Arc};

/// How the caller knows a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// By its version: staff do.
    Version(u64),
    /// By the moment of its last change, as far as customers may know of it.
    Updated(DateTime<Utc>),
}

impl Expected {
    fn meets(self, ticket: &Ticket) -> bool {
        match self {
            Self::Version(version) => ticket.version == version,
            Self::Updated(at) => ticket.updated_at == at,
        }
    }
}

/// A request that is to be done once, however often it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// What the client calls it: 1 to 255 visible ASCII characters, of their own choice.
    pub key: String,
    /// A digest of everything that it asks for.
    pub digest: [u8; 32],
}

type Writer = dyn Fn(&dyn Any) -> Option<Vec<u8>> + Send + Sync;

/// The terms of one desk; none as without.
#[derive(Clone, Default)]
pub(super) struct Terms {
    expected: Vec<Expected>,
    once: Option<(Once, Arc<Writer>)>,
    lease: Option<Lease>,
}

impl fmt::Debug for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terms").field("expected", &self.expected).field("lease", &self.lease).finish_non_exhaustive()
    }
}

impl Desk {
    /// The same desk for one request that is done only where the ticket is still as one of these says; else it is
    /// [`Error::Stale`]. Without any, nothing is expected.
    pub fn expecting(&self, expected: Vec<Expected>) -> Self {
        Self(self.0.clone(), Terms { expected, ..self.1.clone() })
    }

    /// The same desk for one request that is done once (for [`REMEMBERED`] after the first time). What it answers is
    /// written down by `write` and kept in the same commit as the effect; whoever repeats the request gets that as
    /// [`Error::Repeated`]. The same key with another digest is [`Error::KeyReused`].
    ///
    /// `T` is what the use case answers, as its actor may see it.
    pub fn once<T: 'static>(&self, once: Once, write: impl Fn(&T) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let write: Arc<Writer> = Arc::new(move |outcome| outcome.downcast_ref::<T>().map(&write));
        Self(self.0.clone(), Terms { once: Some((once, write)), ..self.1.clone() })
    }

    /// The same desk for a job that writes only as long as it has its lease.
    pub(super) fn under(&self, lease: Lease) -> Self {
        Self(self.0.clone(), Terms { lease: Some(lease), ..self.1.clone() })
    }

    /// Whether the ticket is still as the caller knows it.
    pub(super) fn check_expected(&self, ticket: &Ticket) -> Result<(), Error> {
        let expected = &self.1.expected;
        if expected.is_empty() || expected.iter().any(|known| known.meets(ticket)) { Ok(()) } else { Err(Error::Stale) }
    }

    /// What must still be so of a ticket that is as the caller knows it, even where the change depends on nothing of it.
    pub(super) fn expected_guard(&self, ticket: &Ticket) -> Option<Guard> {
        let met = self.1.expected.iter().find(|known| known.meets(ticket))?;
        Some(match *met {
            Expected::Version(version) => Guard::TicketVersion { ticket: ticket.id, version },
            Expected::Updated(updated_at) => Guard::TicketUntouched { ticket: ticket.id, updated_at },
        })
    }

    /// Whether the request was answered before.
    pub(super) async fn check_once(&self, actor: &Actor) -> Result<(), Error> {
        let Some((once, _)) = &self.1.once else { return Ok(()) };
        if once.key.is_empty() || once.key.len() > 255 || !once.key.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return Err(Fault::new("Idempotency-Key", "must be 1 to 255 visible ASCII characters").into());
        }
        match self.0.store.request(&request_key(actor, once)).await? {
            Some(known) if known.at <= self.now() - REMEMBERED => Ok(()),
            Some(known) if known.digest != once.digest => Err(Error::KeyReused),
            Some(known) => Err(Error::Repeated(Repeated(known.answer))),
            None => Ok(()),
        }
    }

    /// Writes the terms into a change set, as far as they are the store's to keep.
    ///
    /// # Errors
    /// An answer that cannot be written down: then nothing may be done, or it would be done again with the next repetition.
    pub(super) fn add_terms<T: Any>(
        &self,
        actor: &Actor,
        outcome: &T,
        tickets: &[Ticket],
        changes: &mut ChangeSet,
    ) -> Result<(), Error> {
        if let Some(lease) = &self.1.lease
            && !changes.is_empty()
        {
            changes.guards.push(lease.guard());
        }
        if let Some((once, write)) = &self.1.once {
            let Some(answer) = write(outcome) else {
                return Err(Refusal::State("this use case answers something else than `Desk::once` was told").into());
            };
            let at = self.now();
            let about = tickets.iter().map(|ticket| ticket.customer).chain(actor.customer_id());
            let about = about.collect::<BTreeSet<_>>().into_iter().collect();
            let request = Request { key: request_key(actor, once), digest: once.digest, answer, about, at };
            changes.writes.push(Write::RememberRequest { request: Box::new(request), expired: at - REMEMBERED });
        }
        Ok(())
    }
}

/// Whoever the host says it is has keys of their own; nobody can read another's answers by guessing a key.
fn request_key(actor: &Actor, once: &Once) -> RequestKey {
    let signature = actor.signature();
    let who = signature.id.map_or(signature.name, |id| id.to_string());
    RequestKey { principal: format!("{:?} {who}", signature.role).to_lowercase(), key: once.key.clone() }
}
