//! Answers with articles that are given again to guests.
//!
//! An article is read by thousands for each time that it is written, and everybody who is not signed in reads the same. So
//! their answers are kept, as bytes, for a few seconds of the desk's clock. Each change through this router turns the shelf
//! over: what was put there before, or was being read before, is not given again. What others change (another server, the
//! host's own code) is seen when the seconds are over. Nothing is kept of whoever is signed in.
//!
//! A text as HTML is kept apart from that, by the id of its revision: a revision never changes.

use crate::{
    etag::{self, Known},
    link,
    settings::ArticleCache,
};
use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, TimeDelta, Utc};
use moka::sync::Cache;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use support_core::domain::{article::Revision, id::RevisionId};

/// By what an answer is found: the name in the path, and the languages in which it was asked for.
pub(crate) type Key = (String, String);

pub(crate) struct Shelf {
    answers: Cache<Key, Arc<Kept>>,
    texts: Cache<RevisionId, Arc<str>>,
    lasts: TimeDelta,
    lasts_outside: HeaderValue,
    turn: AtomicU64,
}

struct Kept {
    answer: Page,
    until: DateTime<Utc>,
    turn: u64,
}

/// Which side of the shelf is up: what is put there for another one is not given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Turn(u64);

/// An answer to whoever asks for an article.
#[derive(Debug, Clone)]
pub(crate) enum Page {
    /// The article.
    Read {
        /// As JSON.
        body: Bytes,
        /// Which it is.
        tag: HeaderValue,
        /// In which language.
        language: HeaderValue,
    },
    /// It has another slug now.
    Moved {
        /// That one.
        slug: String,
    },
}

impl Shelf {
    pub(crate) fn new(settings: &ArticleCache) -> Self {
        let size = |bytes: usize| u32::try_from(bytes + 200).unwrap_or(u32::MAX);
        let outside = format!("public, max-age={}", settings.max_age.as_secs());
        Self {
            answers: Cache::builder()
                .weigher(move |(name, wanted): &Key, kept: &Arc<Kept>| {
                    size(name.len() + wanted.len() + kept.answer.len())
                })
                .max_capacity(settings.bytes / 2)
                .build(),
            texts: Cache::builder()
                .weigher(move |_, html: &Arc<str>| size(html.len()))
                .max_capacity(settings.bytes / 2)
                .build(),
            lasts: TimeDelta::from_std(settings.lasts).unwrap_or(TimeDelta::MAX),
            // A number and words of ours.
            lasts_outside: HeaderValue::try_from(outside).unwrap_or(HeaderValue::from_static("no-store")),
            turn: AtomicU64::new(0),
        }
    }

    /// To be asked for before anything is read that is to be kept.
    pub(crate) fn turn(&self) -> Turn {
        Turn(self.turn.load(Ordering::SeqCst))
    }

    /// Nothing that was read before now is given again.
    pub(crate) fn clear(&self) {
        self.turn.fetch_add(1, Ordering::SeqCst);
        self.answers.invalidate_all();
    }

    pub(crate) fn find(&self, key: &Key, now: DateTime<Utc>) -> Option<Page> {
        let kept = self.answers.get(key)?;
        let fresh = now < kept.until && kept.turn == self.turn().0;
        fresh.then(|| kept.answer.clone())
    }

    pub(crate) fn keep(&self, key: Key, answer: Page, Turn(turn): Turn, now: DateTime<Utc>) {
        if let Some(until) = now.checked_add_signed(self.lasts).filter(|until| *until > now) {
            self.answers.insert(key, Arc::new(Kept { answer, until, turn }));
        }
    }

    /// What a revision says, as HTML.
    pub(crate) fn html(&self, revision: &Revision) -> Arc<str> {
        self.texts.get_with(revision.id, || super::markdown::html(&revision.content).into())
    }

    /// Says that everybody may keep the answer for a while.
    pub(crate) fn public(&self, mut response: Response) -> Response {
        response.headers_mut().insert(header::CACHE_CONTROL, self.lasts_outside.clone());
        response
    }
}

impl Page {
    /// A body as JSON, in a language.
    pub(crate) fn read(body: Vec<u8>, language: &str) -> Self {
        let word = |text: String| HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""));
        let tag = word(etag::of_body(&body));
        Self::Read { body: Bytes::from(body), tag, language: word(language.to_owned()) }
    }

    fn len(&self) -> usize {
        match self {
            Self::Read { body, .. } => body.len(),
            Self::Moved { slug } => slug.len(),
        }
    }

    /// The answer to a request at `here`.
    pub(crate) fn answer(self, known: Known, here: &Uri) -> Response {
        let mut response = match self {
            Self::Read { body, tag, language } => {
                let headers = [(header::ETAG, tag), (header::CONTENT_LANGUAGE, language)];
                let mut response = (headers, Body::from(body)).into_response();
                let json = HeaderValue::from_static("application/json");
                response.headers_mut().insert(header::CONTENT_TYPE, json);
                known.or(response)
            }
            Self::Moved { slug } => {
                let beside = here.path().trim_end_matches('/').rsplit_once('/').map_or("", |(beside, _)| beside);
                let query = here.query().map(|query| format!("?{query}")).unwrap_or_default();
                let location = format!("{beside}/{}{query}", link::segment(&slug));
                (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, location)]).into_response()
            }
        };
        let vary = HeaderValue::from_static("Authorization, Accept-Language");
        response.headers_mut().insert(header::VARY, vary);
        response
    }
}
