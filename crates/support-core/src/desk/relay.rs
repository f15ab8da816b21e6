//! Telling the outside what happened: sinks, webhooks and the desk's own notifications, each at its own pace.
//!
//! What is to be told is read off the trails in the order of places, and each listener's state says how far it was told. A
//! listener that takes nothing keeps nobody else waiting: what it misses stays in the trails, at no cost. What it does not take
//! alone becomes a [`Delivery`], which is tried again while what is about other things goes on.

mod ears;
mod pass;
mod place;
mod read;
mod run;
mod sign;
mod state;

pub(in crate::desk) use ears::Ears;
pub(in crate::desk) use read::Story;
pub(in crate::desk) use run::Relay;
pub(in crate::desk) use sign::new_secret;

use super::{Desk, Error};
use crate::domain::{
    announcement::{Announced, AnnouncementKind},
    delivery::Attempt,
    id::CustomerId,
};
use crate::ports::Write;
use chrono::TimeDelta;
use uuid::Uuid;

/// After the first try of a webhook, so long apart (12 tries in about 75 hours).
pub(in crate::desk) const WEBHOOK_PAUSES: [TimeDelta; 11] = [
    TimeDelta::seconds(5),
    TimeDelta::minutes(5),
    TimeDelta::minutes(30),
    TimeDelta::hours(2),
    TimeDelta::hours(5),
    TimeDelta::hours(10),
    TimeDelta::hours(10),
    TimeDelta::hours(12),
    TimeDelta::hours(12),
    TimeDelta::hours(12),
    TimeDelta::hours(12),
];

/// What a sink did not take alone is tried so often again: a broker that refuses something will hardly come round.
const SINK_PAUSES: [TimeDelta; 3] = [TimeDelta::seconds(5), TimeDelta::minutes(5), TimeDelta::minutes(30)];

/// What a listener did with something.
#[derive(Debug, Clone)]
pub(in crate::desk) enum Heard {
    /// It took it.
    Taken(Attempt),
    /// It did not take it; what is about other things may go on. Not before so long is it tried again.
    Refused(Attempt, TimeDelta),
    /// It will never take anything more.
    Gone(Attempt),
    /// It takes nothing now.
    NotNow(String),
}

impl Desk {
    /// That something happened beside tickets: to be committed with it, and told then.
    pub(in crate::desk) fn announce(
        &self,
        kind: AnnouncementKind,
        about: Uuid,
        customer: Option<CustomerId>,
        detail: Option<String>,
    ) -> Result<Write, Error> {
        let at = self.now();
        let id = self.0.ids.id(at).into();
        super::documents::add(&Announced { id, kind, about, customer, detail, at, place: None })
    }
}
