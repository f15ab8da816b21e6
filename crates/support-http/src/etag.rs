//! Which state of a ticket an answer shows, as a word that the client can send back.
//!
//! The word is `"<state>.<digest of the body>"`. For staff the state is the version; customers must not learn that staff
//! have changed what only staff see, so theirs is the moment of the last change that they may know of. A condition on a
//! change (`If-Match`) compares the states alone: a clock that went on is no reason to refuse. A condition on a read
//! (`If-None-Match`) compares the whole word.

use crate::{App, problem::Problem, terms::Reply};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::DateTime;
use sha2::{Digest as _, Sha256};
use std::fmt::Display;
use support_core::{desk::Expected, domain::actor::Actor};

/// The condition on a change.
pub(crate) const IF_MATCH: HeaderName = header::IF_MATCH;

/// The reply with its tag; `state` says which state of the ticket it shows.
pub(crate) fn tagged(reply: Reply, state: impl Display) -> Reply {
    let digest = URL_SAFE_NO_PAD.encode(&Sha256::digest(reply.body())[..16]);
    reply.with(&header::ETAG, format!("\"{state}.{digest}\"")).with(&header::VARY, "Authorization")
}

/// A tag that says of a body only which it is.
pub(crate) fn of_body(body: &[u8]) -> String {
    format!("\"{}\"", URL_SAFE_NO_PAD.encode(&Sha256::digest(body)[..16]))
}

/// The tags of a condition.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Tags {
    /// Whatever there is.
    Any,
    /// These.
    These(Vec<Tag>),
}

/// One tag of a condition.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    weak: bool,
    word: String,
}

impl Tags {
    /// The condition in a header, if it stands there.
    pub(crate) fn read(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Self>, Problem> {
        let lines: Vec<&[u8]> = headers.get_all(name).iter().map(HeaderValue::as_bytes).collect();
        if lines.is_empty() {
            return Ok(None);
        }
        let parsed = Self::parse(&lines.join(&b", "[..]));
        let wrong = || Problem::header(&title(name), "must be `*`, or tags in quotes, separated by commas");
        parsed.map(Some).ok_or_else(wrong)
    }

    fn parse(text: &[u8]) -> Option<Self> {
        if text.trim_ascii() == b"*" {
            return Some(Self::Any);
        }
        let (mut tags, mut rest) = (Vec::new(), text);
        loop {
            // A list may have empty places (RFC 9110, section 5.6.1.2).
            rest = rest.trim_ascii_start();
            if let Some(behind) = rest.strip_prefix(b",") {
                rest = behind;
                continue;
            }
            if rest.is_empty() {
                return (!tags.is_empty()).then_some(Self::These(tags));
            }
            let weak = rest.starts_with(b"W/");
            let quoted = rest.strip_prefix(b"W/").unwrap_or(rest).strip_prefix(b"\"")?;
            let end = quoted.iter().position(|byte| *byte == b'"')?;
            let word = quoted.get(..end)?;
            if word.iter().any(|byte| *byte <= b' ' || *byte == 0x7f) {
                return None;
            }
            tags.push(Tag { weak, word: String::from_utf8_lossy(word).into_owned() });
            rest = quoted.get(end + 1..)?.trim_ascii_start();
            if !rest.is_empty() && !rest.starts_with(b",") {
                return None;
            }
        }
    }

    /// What a change expects of the ticket; nothing where every ticket will do.
    pub(crate) fn expected(&self, actor: &Actor) -> Vec<Expected> {
        match self {
            Self::Any => Vec::new(),
            Self::These(tags) => tags.iter().flat_map(|tag| tag.expected(actor)).collect(),
        }
    }

    fn hold(&self, tag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::These(tags) => tags.iter().any(|known| tag.strip_prefix('"') == Some(&format!("{}\"", known.word))),
        }
    }
}

/// A version that no ticket has: versions begin with 1.
const NEVER: Expected = Expected::Version(0);

impl Tag {
    /// The states that it may stand for. A customer who names a version has guessed it, and must not learn whether it is
    /// right.
    fn expected(&self, actor: &Actor) -> Vec<Expected> {
        let state = self.word.split_once('.').map(|(state, _)| state).filter(|_| !self.weak);
        let number =
            |state: &str| state.bytes().all(|byte| byte.is_ascii_digit()).then(|| state.parse().ok()).flatten();
        let Some(number) = state.and_then(number) else { return vec![NEVER] };
        let version = if actor.is_staff() { Expected::Version(number) } else { NEVER };
        let at = i64::try_from(number).ok().and_then(DateTime::from_timestamp_millis);
        std::iter::once(version).chain(at.map(Expected::Updated)).collect()
    }
}

/// The condition on a read: which answers the client has already.
pub(crate) struct Known(Option<Tags>);

impl FromRequestParts<App> for Known {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        Tags::read(&parts.headers, &header::IF_NONE_MATCH).map(Self)
    }
}

impl Known {
    /// The reply, or that the client has it.
    pub(crate) fn or(self, reply: impl IntoResponse) -> Response {
        let mut response = reply.into_response();
        let tag = response.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok());
        if let (Some(tags), Some(tag)) = (self.0, tag)
            && tags.hold(tag)
        {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response.headers_mut().remove(header::CONTENT_TYPE);
            *response.body_mut() = axum::body::Body::empty();
        }
        response
    }
}

/// A header as people write it.
fn title(name: &HeaderName) -> String {
    let word = |word: &str| word.get(..1).unwrap_or_default().to_uppercase() + word.get(1..).unwrap_or_default();
    name.as_str().split('-').map(word).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(text: &str) -> Option<Vec<(bool, String)>> {
        match Tags::parse(text.as_bytes())? {
            Tags::Any => Some(Vec::new()),
            Tags::These(tags) => Some(tags.into_iter().map(|tag| (tag.weak, tag.word)).collect()),
        }
    }

    #[test]
    fn reads_lists_of_tags() {
        let tag = |weak, word: &str| (weak, word.to_owned());
        assert_eq!(tags("*"), Some(vec![]));
        assert_eq!(tags("\"a\""), Some(vec![tag(false, "a")]));
        assert_eq!(tags(" W/\"a,b\" ,, \"\",\"c\" , "), Some(vec![tag(true, "a,b"), tag(false, ""), tag(false, "c")]));
        for wrong in
            ["", ",", "a", "\"a", "\"a\" \"b\"", "*, \"a\"", "\"a\", *", "w/\"a\"", "W/ \"a\"", "\"a b\"", "W/"]
        {
            assert_eq!(tags(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_condition_names_states() {
        let expected = |actor: &Actor, text: &str| Tags::parse(text.as_bytes()).unwrap().expected(actor);
        let (staff, customer) = (Actor::system("test"), Actor::customer(uuid::Uuid::nil(), ""));
        let updated = |millis| Expected::Updated(DateTime::from_timestamp_millis(millis).unwrap());
        assert_eq!(expected(&staff, "\"7.x\""), [Expected::Version(7), updated(7)]);
        assert_eq!(expected(&customer, "\"7.x\""), [NEVER, updated(7)]);
        assert_eq!(expected(&staff, "*"), []);
        // What cannot be a state expects what cannot be, and not nothing.
        for never in ["W/\"7.x\"", "\"7\"", "\"x.7\"", "\"+7.x\"", "\"-7.x\"", "\".x\"", "\"99999999999999999999.x\""] {
            assert_eq!(expected(&staff, never), [NEVER], "{never}");
        }
    }

    #[test]
    fn headers_are_named_as_people_write_them() {
        assert_eq!(title(&header::IF_NONE_MATCH), "If-None-Match");
    }
}
