//! In which language somebody wants to read.

use crate::fields::Fields;
use axum::http::{HeaderMap, HeaderValue, header};
use support_core::domain::{agent, article::Article};

/// What a caller reads, the best first; empty for whoever does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wanted(Vec<String>);

/// More than these nobody reads.
const MOST: usize = 8;

impl Wanted {
    /// The parameter where it is there, else the header `Accept-Language`: what cannot be read in that is passed over, as
    /// browsers send it without their people.
    pub(crate) fn of(parameter: Option<String>, headers: &HeaderMap) -> Self {
        match parameter {
            Some(language) => Self(vec![language]),
            None => Self::accepted(headers),
        }
    }

    fn accepted(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(header::ACCEPT_LANGUAGE).iter().map(HeaderValue::as_bytes);
        let text = lines.map(String::from_utf8_lossy).collect::<Vec<_>>().join(",");
        let mut ranges: Vec<(u32, String)> = text.split(',').take(4 * MOST).filter_map(range).collect();
        ranges.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        let mut wanted = Vec::new();
        for (_, tag) in ranges {
            if !wanted.contains(&tag) && wanted.len() < MOST {
                wanted.push(tag);
            }
        }
        Self(wanted)
    }

    /// The first choice.
    pub(crate) fn first(&self) -> Option<&str> {
        self.0.first().map(String::as_str)
    }

    /// Of the languages of an article the one that suits best; none where none of them was asked for.
    pub(crate) fn among(&self, article: &Article) -> Option<&str> {
        let plain = |tag: &'_ str| tag.split('-').next().unwrap_or_default().to_owned();
        let fits = |tag: &&String| article.texts.contains_key(*tag) || article.texts.contains_key(&plain(tag));
        self.0.iter().find(fits).map(String::as_str)
    }

    /// All of it in a word.
    pub(crate) fn key(&self) -> String {
        self.0.join(",")
    }
}

/// A language that somebody accepts, as `de-CH;q=0.8`, with its weight in thousandths.
fn range(text: &str) -> Option<(u32, String)> {
    let mut parts = text.split(';').map(str::trim);
    let tag = agent::language("language", parts.next()?).ok()?;
    let weight = match parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="))) {
        Some(weight) => weight_of(weight)?,
        None => 1_000,
    };
    (weight > 0).then_some((weight, tag))
}

fn weight_of(text: &str) -> Option<u32> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !matches!(whole, "0" | "1") || part.len() > 3 || !digits(part) {
        return None;
    }
    let thousandths: u32 = format!("{part:0<3}").parse().ok()?;
    Some((whole.parse::<u32>().ok()? * 1_000 + thousandths).min(1_000))
}

/// The language that a query asks for.
pub(crate) fn parameter(fields: &mut Fields) -> Option<String> {
    fields.field(&["language", "lang"]).checked(agent::language)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(text: &str) -> Vec<String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_str(text).unwrap());
        Wanted::of(None, &headers).0
    }

    #[test]
    fn the_heaviest_comes_first() {
        assert_eq!(accepted("fr;q=0.5, de-CH, de;q=0.9, *;q=0.1"), ["de-ch", "de", "fr"]);
        assert_eq!(accepted("en;q=0, de;q=0.001,fr ; q=1.000"), ["fr", "de"]);
        assert_eq!(accepted("de;q=2, en;q=x, ;;, fr;q=0.1234, es"), ["es"]);
        assert_eq!(accepted(&"de,".repeat(10_000)), ["de"]);
        assert_eq!(accepted(""), [""; 0]);
        assert_eq!(Wanted::of(Some("fr".to_owned()), &HeaderMap::new()).first(), Some("fr"));
    }
}
