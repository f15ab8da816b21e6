//! What feedback comes to. The counts are those of lists by day, which the store keeps.

use super::Aspect;
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// Feedback of a period, added up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FeedbackFigures {
    /// How often each score from 0 to 10 was given.
    pub nps: [u64; 11],
    /// How often each aspect got one star, two, and so on up to five.
    pub ratings: BTreeMap<Aspect, [u64; 5]>,
}

/// What came in during a stretch of days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedbackPeriod {
    /// The first day, in UTC.
    pub from: NaiveDate,
    /// What came in on it and until the next period.
    pub figures: FeedbackFigures,
}

/// How long each period is, in days of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedbackStep {
    /// Each day for itself.
    Day,
    /// From Monday to Sunday.
    Week,
    /// As the calendar has them.
    Month,
}

impl FeedbackStep {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Day, Self::Week, Self::Month];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }
}

/// The net promoter score (Reichheld, Harvard Business Review 2003): who gives 9 or 10 promotes, who gives 6 or less
/// detracts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetPromoter {
    /// How many promote.
    pub promoters: u64,
    /// How many do neither.
    pub passives: u64,
    /// How many detract.
    pub detractors: u64,
}

impl NetPromoter {
    /// The share of promoters less that of detractors, in percent, from -100 to 100; none where nobody answered.
    #[expect(clippy::cast_precision_loss, reason = "nobody counts 2^52 answers")]
    pub fn score(&self) -> Option<f64> {
        let all = self.promoters + self.passives + self.detractors;
        (all > 0).then(|| 100.0 * (self.promoters as f64 - self.detractors as f64) / all as f64)
    }
}

impl FeedbackFigures {
    /// How many answered.
    pub fn count(&self) -> u64 {
        self.nps.iter().sum()
    }

    /// The net promoter score.
    pub fn net_promoter(&self) -> NetPromoter {
        let sum = |scores: &[u64]| scores.iter().sum();
        NetPromoter { promoters: sum(&self.nps[9..]), passives: sum(&self.nps[7..9]), detractors: sum(&self.nps[..7]) }
    }

    /// Customer satisfaction: the share of four and five stars all in all, in percent; none where nobody answered.
    #[expect(clippy::cast_precision_loss, reason = "nobody counts 2^52 answers")]
    pub fn csat(&self) -> Option<f64> {
        let stars = self.ratings.get(&Aspect::Overall)?;
        let all: u64 = stars.iter().sum();
        (all > 0).then(|| 100.0 * (stars[3] + stars[4]) as f64 / all as f64)
    }

    /// The average of an aspect, from 1 to 5; none where nobody rated it.
    #[expect(clippy::cast_precision_loss, reason = "nobody counts 2^52 answers")]
    pub fn average(&self, aspect: Aspect) -> Option<f64> {
        let stars = self.ratings.get(&aspect)?;
        let (all, sum) = (1..).zip(stars).fold((0, 0), |(all, sum), (stars, n)| (all + n, sum + stars * n));
        (all > 0).then(|| sum as f64 / all as f64)
    }

    /// Adds the count of a list, if it is one of those that are counted here.
    pub(crate) fn add(&mut self, list: &str, n: u64) {
        let mut parts = list.split('/').skip(2);
        match (parts.next(), parts.next().and_then(|score| score.parse::<usize>().ok())) {
            (Some("nps"), Some(score @ 0..=10)) => self.nps[score] += n,
            (Some(aspect), Some(stars @ 1..=5)) => {
                if let Some(aspect) = Aspect::ALL.into_iter().find(|known| known.as_str() == aspect) {
                    self.ratings.entry(aspect).or_default()[stars - 1] += n;
                }
            }
            _ => {}
        }
    }
}

/// The list of a day on which so many points were given.
pub(super) fn nps_list(day: NaiveDate, nps: u8) -> String {
    format!("{}nps/{nps}", day_prefix(day))
}

/// The list of a day on which an aspect got so many stars.
pub(super) fn rating_list(day: NaiveDate, aspect: Aspect, stars: u8) -> String {
    format!("{}{}/{stars}", day_prefix(day), aspect.as_str())
}

/// How the names of a day's lists begin.
fn day_prefix(day: NaiveDate) -> String {
    format!("day/{day}/")
}

/// How the names of the lists of a month begin.
pub(crate) fn month_prefix(day: NaiveDate) -> String {
    day.format("day/%Y-%m-").to_string()
}

/// The day of a list.
pub(crate) fn day_of(list: &str) -> Option<NaiveDate> {
    list.split('/').nth(1)?.parse().ok()
}
