//! Telling the host what happened.

use crate::domain::{callback::Callback, event::Event, feedback::Survey, message::Message, ticket::Ticket};
use std::sync::{Mutex, PoisonError};

/// Hears of every change, after it is durable.
///
/// # Contract
/// Called once for each ticket that a commit changed, in the task of the request: it must hand the notice on (to a channel, to a queue) and
/// return at once. It cannot fail, because what it hears of has happened.
pub trait Notifier: Send + Sync {
    /// Something happened.
    fn notify(&self, notice: &Notice<'_>);

    /// Something has to be told to a person. Answers whether it will be: `false` where this host cannot.
    fn send(&self, errand: &Errand<'_>) -> bool {
        let _ = errand;
        false
    }
}

/// What a person has to be told. Printed by `Debug`, it does not say what opens anything.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Errand<'a> {
    /// How did it go? Told once for each ticket.
    Survey {
        /// The survey.
        survey: &'a Survey,
        /// The ticket that it is about.
        ticket: &'a Ticket,
    },
    /// A call was arranged, moved or cancelled.
    Callback {
        /// The call as it is now.
        callback: &'a Callback,
    },
    /// A way back to a ticket that was opened without an account. It goes to the recorded address alone, and the token
    /// only into the fragment of a link: what comes behind `#` is sent to no server and stands in no log.
    AccessLink {
        /// The ticket.
        ticket: &'a Ticket,
        /// Where to.
        email: &'a str,
        /// What opens it.
        token: &'a str,
    },
}

impl std::fmt::Debug for Errand<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Survey { survey, .. } => f.debug_tuple("Survey").field(&survey.id).finish(),
            Self::Callback { callback } => f.debug_tuple("Callback").field(&callback.id).finish(),
            Self::AccessLink { ticket, .. } => f.debug_tuple("AccessLink").field(&ticket.id).finish(),
        }
    }
}

/// What happened.
#[derive(Debug, Clone, Copy)]
pub struct Notice<'a> {
    /// In order. They are written for staff: a customer may hear of them what
    /// [`Fact::for_customer`](crate::domain::event::Fact::for_customer) leaves.
    pub events: &'a [Event],
    /// The ticket after it, with what only staff may see; [`Ticket::for_customer`] has the rest.
    pub ticket: &'a Ticket,
    /// The message that was written, if one was. Check its `internal` before it goes to a customer.
    pub message: Option<&'a Message>,
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Notifier for Silent {
    fn notify(&self, _notice: &Notice<'_>) {}
}

/// Keeps the events, for tests.
#[derive(Debug, Default)]
pub struct Recorder(Mutex<Vec<Event>>);

impl Recorder {
    /// Takes what was heard so far.
    pub fn take(&self) -> Vec<Event> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Notifier for Recorder {
    fn notify(&self, notice: &Notice<'_>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(notice.events);
    }
}

impl<N: Notifier + ?Sized> Notifier for std::sync::Arc<N> {
    fn notify(&self, notice: &Notice<'_>) {
        (**self).notify(notice);
    }

    fn send(&self, errand: &Errand<'_>) -> bool {
        (**self).send(errand)
    }
}
