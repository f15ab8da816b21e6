//! Who outside is told what happened.

use crate::domain::announcement::{Announcement, AnnouncementKind, Audience};
use async_trait::async_trait;
use std::sync::Arc;

/// Somebody outside who is told what happened: a broker, another part of the host.
///
/// # Contract
///
/// * **At least once.** What [`take`](Sink::take) answered `Ok` for is not told again by a relay that comes to mark it. One
///   that dies in between tells it again, with the same [id](Announcement::id): whoever listens knows it by that.
/// * **In the order of each ticket.** No two announcements of one ticket are in a batch, and the next comes when the one before
///   was taken or given up.
/// * A sink answers when it has really taken something over: a broker when it confirmed.
#[async_trait]
pub trait Sink: Send + Sync {
    /// What it is called. How far it was told is kept under this name, so it never changes.
    fn name(&self) -> &str;

    /// Who listens behind it. [`Audience::Outside`] hears nothing of what only staff may know.
    fn audience(&self) -> Audience {
        Audience::Outside
    }

    /// Whether it wants to be told such a thing.
    fn wants(&self, kind: AnnouncementKind) -> bool {
        let _ = kind;
        true
    }

    /// Takes a batch: one answer for each, in the order of the batch.
    async fn take(&self, batch: &[Announcement]) -> Vec<Result<(), SinkError>>;
}

/// Why a sink did not take something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SinkError {
    /// It cannot be reached, or takes nothing now. All of it waits, in order, and is told later.
    #[error("it takes nothing now: {0}")]
    Unavailable(String),
    /// It does not take this one. It is tried a few times more, while what is about other tickets goes on; then an admin
    /// finds it among the dead letters.
    #[error("it does not take this: {0}")]
    Refused(String),
}

#[async_trait]
impl<S: Sink + ?Sized> Sink for Arc<S> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn audience(&self) -> Audience {
        (**self).audience()
    }

    fn wants(&self, kind: AnnouncementKind) -> bool {
        (**self).wants(kind)
    }

    async fn take(&self, batch: &[Announcement]) -> Vec<Result<(), SinkError>> {
        (**self).take(batch).await
    }
}
