//! How tickets are numbered for people.
//!
//! A number is a label, never a secret: knowing it opens nothing.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A pattern for ticket numbers.
///
/// Placeholders: `{seq}` or `{seq:06}` (a counter, padded), `{date}` (`20240115`, UTC; the counter starts again each day),
/// `{year}` (likewise), `{unix}` (seconds), `{random:8}` (letters and digits). A counter tells the volume of business to
/// whoever opens two tickets; `{random:8}` or longer may stand in its place.
///
/// ```
/// use support_core::domain::number::NumberFormat;
/// let format = NumberFormat::from("TICKET-{date}-{seq:03}");
/// let at = chrono::DateTime::from_timestamp(1_705_314_600, 0).unwrap();
/// assert_eq!(format.write(7, at, 0), "TICKET-20240115-007");
/// assert_eq!(format.series(at), "TICKET-20240115-");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NumberFormat(String);

impl Default for NumberFormat {
    fn default() -> Self {
        Self("SD-{seq:06}".to_owned())
    }
}

impl From<&str> for NumberFormat {
    fn from(pattern: &str) -> Self {
        Self(pattern.to_owned())
    }
}

enum Part<'a> {
    Text(&'a str),
    Seq(usize),
    Date,
    Year,
    Unix,
    Random(usize),
}

/// Without 0, O, 1, I, L and vowels: read out over the phone, and never a word.
const ALPHABET: &[u8; 27] = b"23456789BCDFGHJKMNPQRSTVWXZ";

impl NumberFormat {
    fn parts(&self) -> Result<Vec<Part<'_>>, String> {
        let mut parts = Vec::new();
        let mut rest = self.0.as_str();
        while let Some((text, tail)) = rest.split_once('{') {
            let (name, tail) = tail.split_once('}').ok_or("a `{` is not closed")?;
            let (name, width) = name.split_once(':').unwrap_or((name, ""));
            let width = if width.is_empty() { Ok(1) } else { width.parse::<usize>() };
            let width = width.ok().filter(|width| *width <= 12).ok_or("a width is no number up to 12")?;
            parts.push(Part::Text(text));
            parts.push(match name {
                "seq" => Part::Seq(width),
                "date" => Part::Date,
                "year" => Part::Year,
                "unix" => Part::Unix,
                "random" => Part::Random(width),
                other => return Err(format!("`{{{other}}}` is none of seq, date, year, unix, random")),
            });
            rest = tail;
        }
        parts.push(Part::Text(rest));
        Ok(parts)
    }

    /// What is wrong with the pattern, if anything.
    pub(crate) fn check(&self) -> Result<(), String> {
        let parts = self.parts()?;
        let counters = parts.iter().filter(|part| matches!(part, Part::Seq(_))).count();
        let drawn = parts.iter().any(|part| matches!(part, Part::Random(width) if *width >= 8));
        if counters > 1 || (counters == 0 && !drawn) {
            return Err("must hold `{seq}` once, or `{random:8}` or longer instead".to_owned());
        }
        let text: usize = parts.iter().map(|part| if let Part::Text(text) = part { text.len() } else { 0 }).sum();
        if text > 24 || self.0.chars().any(|c| !c.is_ascii_graphic()) {
            return Err("must be short and of visible ASCII characters".to_owned());
        }
        // Such a number would be taken for an id when somebody asks for the ticket. As it is written these days: seconds
        // have ten digits.
        let at = DateTime::UNIX_EPOCH + chrono::TimeDelta::days(20_800);
        if uuid::Uuid::parse_str(&self.write(1, at, 0)).is_ok() {
            return Err("must not look like a UUID".to_owned());
        }
        Ok(())
    }

    /// Whether the pattern counts. One that does not is all chance; where chance repeats itself, the store refuses.
    pub fn counts(&self) -> bool {
        self.0.contains("{seq")
    }

    /// The counter that this pattern draws from at `now`: one per day or year where those stand in the number.
    pub fn series(&self, now: DateTime<Utc>) -> String {
        self.render(|part| match part {
            Part::Date => Some(now.format("%Y%m%d").to_string()),
            Part::Year => Some(now.format("%Y").to_string()),
            _ => None,
        })
    }

    /// The number. `random` is drawn by the caller.
    pub fn write(&self, seq: u64, now: DateTime<Utc>, random: u64) -> String {
        let mut random = random;
        self.render(|part| match part {
            Part::Text(_) => None,
            Part::Seq(width) => Some(format!("{seq:0width$}")),
            Part::Date => Some(now.format("%Y%m%d").to_string()),
            Part::Year => Some(now.format("%Y").to_string()),
            Part::Unix => Some(now.timestamp().to_string()),
            Part::Random(width) => {
                let draw = |_| {
                    let size = ALPHABET.len() as u64;
                    // The remainder is below 27, so it fits every integer.
                    let letter = ALPHABET[usize::try_from(random % size).unwrap_or(0)];
                    random /= size;
                    char::from(letter)
                };
                Some((0..*width).map(draw).collect())
            }
        })
    }

    fn render(&self, mut value: impl FnMut(&Part<'_>) -> Option<String>) -> String {
        // A profile with a faulty pattern never gets as far as a ticket: `Desk::builder` refuses it.
        let parts = self.parts().unwrap_or_default();
        let mut text = String::new();
        for part in &parts {
            match part {
                Part::Text(literal) => text.push_str(literal),
                other => text.push_str(&value(other).unwrap_or_default()),
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> DateTime<Utc> {
        DateTime::from_timestamp(1_728_563_421, 0).unwrap()
    }

    #[test]
    fn writes_the_documents_examples() {
        assert_eq!(NumberFormat::from("TKT-{unix}-{seq:06}").write(1, at(), 0), "TKT-1728563421-000001");
        assert_eq!(NumberFormat::from("TICKET-{date}-{seq:03}").write(1_234, at(), 0), "TICKET-20241010-1234");
    }

    #[test]
    fn a_series_starts_anew_with_its_day() {
        let format = NumberFormat::from("T{date}-{seq}-{random:3}");
        assert_eq!(format.series(at()), "T20241010--");
        assert_eq!(NumberFormat::from("TKT-{unix}-{seq}").series(at()), "TKT--");
    }

    #[test]
    fn random_letters_come_from_the_draw() {
        let format = NumberFormat::from("{seq}-{random:4}");
        assert_ne!(format.write(1, at(), 12_345), format.write(1, at(), 54_321));
        assert_eq!(format.write(1, at(), 0), "1-2222");
    }

    #[test]
    fn refuses_patterns_that_repeat_or_do_not_parse() {
        for pattern in [
            "TKT-{unix}",
            "{random:7}",
            "aaaaaaaaaa{unix}{seq:12}",
            "{seq}-{seq}",
            "{seq",
            "{sequence}",
            "{seq:99}",
            "Nr {seq}",
            &"x".repeat(40),
        ] {
            assert!(NumberFormat::from(pattern).check().is_err(), "{pattern}");
        }
    }
}
