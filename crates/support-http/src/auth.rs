//! Who asks. Only the host knows.

use crate::{App, problem::Problem};
use async_trait::async_trait;
use axum::{extract::FromRequestParts, http::request::Parts};
use support_core::{
    desk,
    domain::{access::Action, actor::Actor},
};

/// The host's sign-in: turns a request into an actor.
///
/// Roles come from here and nowhere else; nothing in a body or query can change them.
#[async_trait]
pub trait Authenticate: Send + Sync + 'static {
    /// Who sent the request; [`Actor::Guest`] if nobody signed in.
    ///
    /// # Errors
    /// A sign-in that is not valid, or one that cannot be checked now.
    async fn actor(&self, parts: &Parts) -> Result<Actor, AuthError>;
}

/// Why nobody can say who asks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// The credentials are wrong or have expired: 401. The client reads the reason.
    #[error("{0}")]
    Invalid(String),
    /// They cannot be checked at the moment: 503.
    #[error("the sign-in cannot be checked at the moment")]
    Unavailable,
}

/// Marks routes that are for staff alone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StaffOnly;

/// What the sign-in said of this request. It is asked once.
#[derive(Debug, Clone)]
pub(crate) struct SignedIn(pub(crate) Result<Actor, AuthError>);

impl SignedIn {
    /// What it said at the gate; a route without one asks now.
    pub(crate) async fn find(parts: &Parts, app: &App) -> Self {
        match parts.extensions.get::<Self>() {
            Some(said) => said.clone(),
            None => Self(app.auth.actor(parts).await),
        }
    }
}

/// Whoever asks, signed in or not. What guests may do is the desk's to say; a sign-in that is not valid is refused, or
/// somebody would do as a guest what they meant to do as themselves.
pub(crate) struct Anyone(pub(crate) Actor);

impl FromRequestParts<App> for Anyone {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        Ok(Self(SignedIn::find(parts, app).await.0?))
    }
}

/// The person who asks. Guests are turned away before anything of theirs is read.
pub(crate) struct Caller(pub(crate) Actor);

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let staff_only = parts.extensions.get::<StaffOnly>().is_some();
        match SignedIn::find(parts, app).await.0? {
            Actor::Guest => Err(desk::Error::Unauthenticated.into()),
            actor if staff_only && !actor.is_staff() => Err(desk::Error::Forbidden(Action::ReadTrail).into()),
            actor => Ok(Self(actor)),
        }
    }
}
