//! What happened on a desk, in numbers: counters by quarter of an hour, and how tickets stand now.
//!
//! Counters are added up as things happen and never counted again; a recount over all tickets gives the same.

mod series;

pub use series::{MOST_POINTS, Point, Step, edges};

use crate::domain::{
    id::AgentId,
    key::{CategoryKey, PriorityKey, StatusKey},
};
use chrono::{DateTime, TimeDelta, Utc};

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// What happened in some stretch of time.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        pub struct Tally {
            $($(#[$doc])* pub $name: i64,)*
        }

        impl std::ops::AddAssign for Tally {
            fn add_assign(&mut self, other: Self) {
                $(self.$name = self.$name.saturating_add(other.$name);)*
            }
        }

        impl Tally {
            /// The names of the counters, in the order of [`Tally::values`].
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name),)*];

            /// The counters.
            pub fn values(&self) -> Vec<i64> {
                vec![$(self.$name,)*]
            }

            /// From counters in the order of [`Tally::NAMES`]; missing ones are zero.
            pub fn from_values(values: impl IntoIterator<Item = i64>) -> Self {
                let mut values = values.into_iter();
                Self { $($name: values.next().unwrap_or_default(),)* }
            }
        }
    };
}

counters! {
    /// Tickets that were opened.
    opened,
    /// Times that a ticket was given to somebody.
    assigned,
    /// First public answers of staff.
    answered,
    /// Seconds from opening to the first answer, of those.
    answer_seconds,
    /// Tickets that came to an end, by resolution or by closing.
    resolved,
    /// Seconds from opening to that end, of those.
    resolve_seconds,
    /// Tickets that were closed.
    closed,
    /// Tickets that were opened again.
    reopened,
    /// Times that a ticket went to a higher level or another team.
    escalated,
    /// Ratings from one to five.
    rated,
    /// Stars of those.
    stars,
    /// Customers who said that the help was good.
    satisfied,
    /// Customers who said that it was not.
    dissatisfied,
    /// First responses in time.
    first_kept,
    /// First responses that missed their target.
    first_missed,
    /// Later responses in time.
    next_kept,
    /// Later responses that missed their target.
    next_missed,
    /// Resolutions in time.
    resolution_kept,
    /// Resolutions that missed their target.
    resolution_missed,
}

impl std::iter::Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(tallies: I) -> Self {
        let mut sum = Self::default();
        tallies.for_each(|tally| sum += tally);
        sum
    }
}

impl Tally {
    /// Whether nothing happened.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Minutes to the first answer, on average; none where nobody answered.
    pub fn minutes_to_answer(&self) -> Option<f64> {
        average(self.answer_seconds, self.answered).map(|seconds| seconds / 60.0)
    }

    /// Minutes to the end, on average; none where nothing ended.
    pub fn minutes_to_resolve(&self) -> Option<f64> {
        average(self.resolve_seconds, self.resolved).map(|seconds| seconds / 60.0)
    }

    /// The average rating, from one to five; none where nobody rated.
    pub fn rating(&self) -> Option<f64> {
        average(self.stars, self.rated)
    }

    /// Targets that were met and targets that were missed, of all clocks.
    pub fn targets(&self) -> (i64, i64) {
        (
            self.first_kept + self.next_kept + self.resolution_kept,
            self.first_missed + self.next_missed + self.resolution_missed,
        )
    }
}

/// `sum / count`, or nothing of nothing.
pub fn average(sum: i64, count: i64) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "an average for people, of numbers far below 2^53")]
    (count != 0).then(|| sum as f64 / count as f64)
}

/// The share of targets that were met, in percent from 0 to 100; none where none was measured.
pub fn compliance(kept: i64, missed: i64) -> Option<f64> {
    average(kept.saturating_mul(100), kept.saturating_add(missed))
}

/// Whose counters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TallyScope {
    /// Of the whole desk.
    Desk,
    /// Of what one agent did or answers for.
    Agent(AgentId),
    /// Of tickets that had this priority then.
    Priority(PriorityKey),
}

/// Which family of counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TallyKind {
    /// See [`TallyScope::Desk`].
    Desk,
    /// See [`TallyScope::Agent`].
    Agent,
    /// See [`TallyScope::Priority`].
    Priority,
}

impl TallyKind {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Desk, Self::Agent, Self::Priority];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Desk => "desk",
            Self::Agent => "agent",
            Self::Priority => "priority",
        }
    }
}

impl TallyScope {
    /// Its family.
    pub fn kind(&self) -> TallyKind {
        match self {
            Self::Desk => TallyKind::Desk,
            Self::Agent(_) => TallyKind::Agent,
            Self::Priority(_) => TallyKind::Priority,
        }
    }

    /// Which one of its family, as text; empty for the whole desk.
    pub fn key(&self) -> String {
        match self {
            Self::Desk => String::new(),
            Self::Agent(id) => id.to_string(),
            Self::Priority(key) => key.to_string(),
        }
    }

    /// From what [`TallyScope::kind`] and [`TallyScope::key`] say; none where the key is none of the kind.
    pub fn from_key(kind: TallyKind, key: &str) -> Option<Self> {
        Some(match kind {
            TallyKind::Desk => Self::Desk,
            TallyKind::Agent => Self::Agent(key.parse().ok()?),
            TallyKind::Priority => Self::Priority(key.into()),
        })
    }
}

/// Counters to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TallyEntry {
    /// To whose.
    pub scope: TallyScope,
    /// In the quarter of an hour that begins here.
    pub quarter: DateTime<Utc>,
    /// How much.
    pub by: Tally,
}

/// The quarter of an hour in which `at` lies: the grain of the counters. Every time zone of today is a whole number of
/// quarters away from UTC, so hours, days and weeks of any of them are made of whole quarters.
pub fn quarter(at: DateTime<Utc>) -> DateTime<Utc> {
    let into = at.timestamp().rem_euclid(900);
    DateTime::from_timestamp(at.timestamp() - into, 0).unwrap_or(at)
}

/// A stretch of time, from its first moment up to and without its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The first moment; from the beginning where absent.
    pub from: Option<DateTime<Utc>>,
    /// The first moment after it; without an end where absent.
    pub to: Option<DateTime<Utc>>,
}

impl Range {
    /// All of time.
    pub const ALWAYS: Self = Self { from: None, to: None };

    /// The smallest stretch of whole quarters of an hour that holds this one: what counters can answer.
    pub fn in_quarters(self) -> Self {
        let next = |at: DateTime<Utc>| quarter(at).checked_add_signed(TimeDelta::minutes(15)).unwrap_or(at);
        let up = |at: DateTime<Utc>| if quarter(at) == at { at } else { next(at) };
        Self { from: self.from.map(quarter), to: self.to.map(up) }
    }

    /// Whether `at` lies in it.
    pub fn holds(self, at: DateTime<Utc>) -> bool {
        self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at < to)
    }
}

/// Tickets that stand alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// Their status.
    pub status: StatusKey,
    /// Their priority.
    pub priority: PriorityKey,
    /// Their category.
    pub category: Option<CategoryKey>,
}

/// Whose tickets a breakdown counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Holder {
    /// Everybody's.
    Anybody,
    /// Those that this agent works on.
    Agent(AgentId),
    /// Those that nobody works on.
    Nobody,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn counters_keep_their_places() {
        let tally = Tally { opened: 1, stars: 9, resolution_missed: 3, ..Tally::default() };
        assert_eq!(Tally::from_values(tally.values()), tally);
        assert_eq!(Tally::NAMES.len(), tally.values().len());
        assert_eq!([tally, tally].into_iter().sum::<Tally>().stars, 18);
    }

    #[test]
    fn quarters_begin_where_they_hold() {
        assert_eq!((quarter(at(899)), quarter(at(900)), quarter(at(-1))), (at(0), at(900), at(-900)));
        let range = Range { from: Some(at(901)), to: Some(at(1_801)) }.in_quarters();
        assert_eq!(range, Range { from: Some(at(900)), to: Some(at(2_700)) });
        assert_eq!(range.in_quarters(), range);
    }

    #[test]
    fn nothing_of_nothing_is_no_average() {
        assert_eq!((Tally::default().rating(), compliance(0, 0)), (None, None));
        assert_eq!(compliance(37, 3), Some(92.5));
    }

    #[test]
    fn scopes_are_found_by_their_key() {
        for scope in
            [TallyScope::Desk, TallyScope::Agent(uuid::Uuid::from_u128(7).into()), TallyScope::Priority("high".into())]
        {
            assert_eq!(TallyScope::from_key(scope.kind(), &scope.key()), Some(scope));
        }
        assert_eq!(TallyScope::from_key(TallyKind::Agent, "grace"), None);
    }
}
