//! Keys that open one websocket: a browser can set no header there, and nothing that opens more than this one stream for
//! a moment belongs into an address.

use super::Proof;
use crate::{Answer, App, auth::Caller, openapi::ChangeProblems, problem::Problem, secret};
use axum::{
    Json,
    extract::State,
    http::{StatusCode, request::Parts},
    response::IntoResponse as _,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use support_core::domain::actor::Actor;
use tokio::time::Instant;
use utoipa::ToSchema;

/// So long a key is good.
const GOOD: Duration = Duration::from_secs(30);
/// Keys of one person that are good at once.
const OF_ONE: usize = 20;
/// Keys of all.
const OF_ALL: usize = 10_000;

/// The keys that were drawn at this server and have not been used. Only their digests are kept.
#[derive(Default)]
pub(super) struct Keys(Mutex<HashMap<[u8; 32], Drawn>>);

struct Drawn {
    actor: Actor,
    /// What they have shown when it was drawn. The stream looks at it again: it ends with the sign-in.
    proof: Parts,
    until: Instant,
}

impl Keys {
    fn drawn(&self) -> MutexGuard<'_, HashMap<[u8; 32], Drawn>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn draw(&self, actor: &Actor, proof: Parts) -> Result<String, Problem> {
        let now = Instant::now();
        let mut drawn = self.drawn();
        drawn.retain(|_, drawn| now < drawn.until);
        let own = drawn.values().filter(|drawn| same(&drawn.actor, actor)).count();
        if own >= OF_ONE || drawn.len() >= OF_ALL {
            return Err(Problem::too_many(GOOD.as_secs()));
        }
        let key = URL_SAFE_NO_PAD.encode(secret::random());
        drawn.insert(digest(&key), Drawn { actor: actor.clone(), proof, until: now + GOOD });
        Ok(key)
    }

    /// Whose key it is. It opens nothing any more.
    pub(super) fn redeem(&self, key: &str) -> Option<(Actor, Parts)> {
        // Found by digest: how long that takes says nothing of how much of a key is right.
        let found = self.drawn().remove(&digest(key))?;
        (Instant::now() < found.until).then_some((found.actor, found.proof))
    }
}

fn digest(key: &str) -> [u8; 32] {
    Sha256::digest(key).into()
}

/// Whether it is the same person in the same role, whatever they are called.
pub(super) fn same(one: &Actor, other: &Actor) -> bool {
    let (one, other) = (one.signature(), other.signature());
    one.role == other.role && one.id == other.id && (one.id.is_some() || one.name == other.name)
}

/// What opens a websocket.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LiveKey {
    /// To be sent as a subprotocol, `key.` before it, beside `support-desk`; or in the first frame. It opens one websocket.
    key: String,
    /// For how many seconds it does.
    expires_in: u64,
}

/// Draws a key that opens one websocket
///
/// `Sec-WebSocket-Protocol: support-desk, key.<KEY>`, or `{"key": "<KEY>"}` as the first frame.
#[utoipa::path(post, path = "/live/ticket", tag = "Live",
    responses((status = 201, description = "The key", body = LiveKey), ChangeProblems))]
pub(crate) async fn draw_key(State(app): State<App>, Caller(actor): Caller, Proof(proof): Proof) -> Answer {
    app.streams.is_open()?;
    let key = app.streams.keys.draw(&actor, proof)?;
    // Nothing but what asks nobody to be kept is kept: see `Limits`.
    Ok((StatusCode::CREATED, Json(LiveKey { key, expires_in: GOOD.as_secs() })).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn proof() -> Parts {
        axum::http::Request::new(()).into_parts().0
    }

    #[tokio::test(start_paused = true)]
    async fn a_key_opens_once_and_soon() {
        let (keys, ada) = (Keys::default(), Actor::customer(Uuid::from_u128(1), "Ada"));
        let key = keys.draw(&ada, proof()).unwrap();
        assert!(keys.redeem("").is_none() && keys.redeem(&key[1..]).is_none());
        assert!(keys.redeem(&key).is_some_and(|(actor, _)| actor == ada));
        assert!(keys.redeem(&key).is_none());
        let late = keys.draw(&ada, proof()).unwrap();
        tokio::time::advance(GOOD).await;
        assert!(keys.redeem(&late).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_hoards_keys() {
        let (keys, ada) = (Keys::default(), Actor::customer(Uuid::from_u128(1), "Ada"));
        for _ in 0..OF_ONE {
            keys.draw(&ada, proof()).unwrap();
        }
        assert!(keys.draw(&ada, proof()).is_err());
        let eve = Actor::customer(Uuid::from_u128(2), "Ada");
        assert!(keys.draw(&eve, proof()).is_ok());
        tokio::time::advance(GOOD).await;
        assert!(keys.draw(&ada, proof()).is_ok());
        assert_eq!(keys.drawn().len(), 1);
    }
}
