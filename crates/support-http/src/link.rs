//! Where the neighbours of a stretch of a list are (RFC 8288).

use crate::App;
use axum::{
    extract::{FromRequestParts, OriginalUri, Query},
    http::{HeaderMap, HeaderValue, header, request::Parts},
};
use std::{convert::Infallible, fmt::Write as _};
use support_core::ports::Slice;
use uuid::Uuid;

/// The list as its client has asked for it: the path that they see, and the parameters that do not say which stretch.
pub(crate) struct Listed {
    path: String,
    others: Vec<(String, String)>,
}

/// What says which stretch.
const PLACES: [&str; 3] = ["page", "cursor", "after"];

/// A stretch, as a parameter and its value.
pub(crate) type Place = (&'static str, String);

impl FromRequestParts<App> for Listed {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let pairs = Query::<Vec<(String, String)>>::from_request_parts(parts, app).await;
        let mut others = pairs.map(|Query(pairs)| pairs).unwrap_or_default();
        others.retain(|(name, _)| !PLACES.contains(&name.as_str()));
        let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |OriginalUri(uri)| uri);
        Ok(Self { path: uri.path().to_owned(), others })
    }
}

impl Listed {
    /// The header that leads to the first stretch, the one before and the next.
    pub(crate) fn links(&self, prev: Option<Place>, next: Option<Place>) -> HeaderMap {
        let neighbours = [("prev", prev), ("next", next)];
        let neighbours = neighbours.into_iter().filter_map(|(relation, place)| Some((relation, Some(place?))));
        let links: Vec<String> = std::iter::once(("first", None))
            .chain(neighbours)
            .map(|(relation, place)| format!("<{}>; rel=\"{relation}\"", self.target(place)))
            .collect();
        // The path is the client's own. One that cannot stand in a header leads nowhere.
        let value = HeaderValue::try_from(links.join(", ")).ok();
        value.map(|value| (header::LINK, value)).into_iter().collect()
    }

    fn target(&self, place: Option<Place>) -> String {
        let place = place.map(|(name, value)| (name.to_owned(), value));
        let mut target = self.path.clone();
        for (index, (name, value)) in self.others.iter().chain(&place).enumerate() {
            target.push(if index == 0 { '?' } else { '&' });
            encode(&mut target, name);
            target.push('=');
            encode(&mut target, value);
        }
        target
    }
}

/// The stretch behind this one, where more follows.
pub(crate) fn behind<T>(slice: &Slice<T>, id: impl Fn(&T) -> Uuid) -> Option<Place> {
    slice.items.last().filter(|_| slice.more).map(|last| ("after", id(last).to_string()))
}

/// A text as a part of a path.
pub(crate) fn segment(text: &str) -> String {
    let mut segment = String::with_capacity(text.len());
    encode(&mut segment, text);
    segment
}

/// Everything but what RFC 3986 calls unreserved.
fn encode(target: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => target.push(char::from(byte)),
            // Writing to a string cannot fail.
            _ => drop(write!(target, "%{byte:02X}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_what_could_end_a_link_or_a_parameter() {
        let listed = Listed { path: "/t/ä".to_owned(), others: vec![("a b".to_owned(), "é>&=+\"~".to_owned())] };
        assert_eq!(listed.target(Some(("page", "2".to_owned()))), "/t/ä?a%20b=%C3%A9%3E%26%3D%2B%22~&page=2");
        // A path that cannot stand in a header is left out, and the answer is there all the same.
        let broken = Listed { path: "/\n".to_owned(), others: Vec::new() };
        assert!(broken.links(None, None).is_empty());
    }
}
