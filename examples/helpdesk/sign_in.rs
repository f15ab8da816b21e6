//! Bearer tokens: JSON Web Tokens with HS256 (RFC 7519, RFC 7518 section 3.2).
//!
//! The algorithm is fixed here and never read from the token: a token cannot choose how it is checked.

use crate::people::{ADMIN, AGENTS, CUSTOMERS, People};
use async_trait::async_trait;
use axum::http::{header::AUTHORIZATION, request::Parts};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::sync::Arc;
use support_desk::{
    Actor,
    http::{AuthError, Authenticate},
    ports::{
        clock::{Clock, SystemClock},
        ids::{IdSource, RandomIds},
    },
};
use uuid::Uuid;

/// Checks tokens with one key.
pub(crate) struct SignIn {
    key: Hmac<Sha256>,
    people: Arc<People>,
    made_up: bool,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: Uuid,
    role: Role,
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    email_verified: bool,
    /// Seconds since 1970.
    exp: i64,
    /// Likewise; valid at once where absent.
    #[serde(default)]
    nbf: i64,
}

#[derive(Serialize, Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Role {
    Customer,
    Agent,
    Admin,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
}

const DAY: i64 = 24 * 60 * 60;

impl SignIn {
    /// With the secret of the environment, or one made up for this run.
    pub(crate) fn new(people: Arc<People>, secret: Option<String>) -> Result<Self, String> {
        let made_up = secret.is_none();
        let secret = match secret {
            Some(secret) if secret.len() < 16 => {
                return Err("HELPDESK_JWT_SECRET must have at least 16 characters".to_owned());
            }
            Some(secret) => secret.into_bytes(),
            None => (0..4).flat_map(|_| RandomIds.random().to_be_bytes()).collect(),
        };
        let key = Hmac::new_from_slice(&secret).map_err(|error| error.to_string())?;
        Ok(Self { key, people, made_up })
    }

    /// Tokens of a customer, an agent and the admin of the sample shop, where the key was made up for this run.
    pub(crate) fn sample_tokens(&self) -> Option<[String; 3]> {
        let [(customer, ada, _), ..] = CUSTOMERS;
        let [(agent, grace), ..] = AGENTS;
        let rows = [(customer, ada, Role::Customer), (agent, grace, Role::Agent), (ADMIN.0, ADMIN.1, Role::Admin)];
        self.made_up.then(|| rows.map(|(id, name, role)| self.token(Uuid::from_u128(id), name, role)))
    }

    fn token(&self, sub: Uuid, name: &str, role: Role) -> String {
        let exp = SystemClock.now().timestamp() + DAY;
        let email = format!("{}@example.org", name.split(' ').next().unwrap_or(name).to_lowercase());
        let claims = Claims { sub, role, name: name.to_owned(), email, email_verified: true, exp, nbf: 0 };
        let claims = serde_json::to_vec(&claims).expect("plain strings and numbers are always JSON");
        let signed = format!("{}.{}", encode(br#"{"alg":"HS256","typ":"JWT"}"#), encode(&claims));
        let signature = self.key.clone().chain_update(&signed).finalize().into_bytes();
        format!("{signed}.{}", encode(&signature))
    }

    fn actor_of(&self, token: &str) -> Result<Actor, &'static str> {
        let (signed, signature) = token.rsplit_once('.').ok_or("the token has no signature")?;
        let (header, claims) = signed.split_once('.').ok_or("the token has no claims")?;
        let header: Header = decode(header)?;
        if header.alg != "HS256" {
            return Err("the token is not signed with HS256");
        }
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| "the signature is not base64url")?;
        // Compares in constant time.
        let matches = self.key.clone().chain_update(signed).verify_slice(&signature);
        matches.map_err(|_| "the signature does not match")?;
        let claims: Claims = decode(claims)?;
        let now = SystemClock.now().timestamp();
        if claims.exp <= now {
            return Err("the token has expired");
        }
        if claims.nbf > now {
            return Err("the token is not valid yet");
        }
        Ok(match claims.role {
            Role::Customer => Actor::customer(claims.sub, claims.name),
            Role::Agent => Actor::agent(claims.sub, claims.name),
            Role::Admin => Actor::admin(claims.sub, claims.name),
        })
    }
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decode<T: for<'de> Deserialize<'de>>(part: &str) -> Result<T, &'static str> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| "the token is not base64url")?;
    serde_json::from_slice(&bytes)
        .map_err(|_| "a claim is missing or wrong: sub (a UUID), role, name and exp are needed")
}

#[async_trait]
impl Authenticate for SignIn {
    async fn actor(&self, parts: &Parts) -> Result<Actor, AuthError> {
        let Some(header) = parts.headers.get(AUTHORIZATION) else { return Ok(Actor::Guest) };
        let bearer = header.to_str().ok().and_then(|text| text.split_once(' '));
        let token = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token);
        let token = token.ok_or_else(|| AuthError::Invalid("the header must be `Bearer` and a token".into()))?;
        let actor = self.actor_of(token.trim()).map_err(|reason| AuthError::Invalid(reason.into()))?;
        self.people.remember(&actor);
        Ok(actor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign_in(secret: &str) -> SignIn {
        SignIn::new(Arc::default(), Some(secret.to_owned())).unwrap()
    }

    fn signed(key: &SignIn, header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", encode(header.as_bytes()), encode(claims.as_bytes()));
        let signature = key.key.clone().chain_update(&signed).finalize().into_bytes();
        format!("{signed}.{}", encode(&signature))
    }

    /// RFC 7515, appendix A.1: a signature that others have computed.
    #[test]
    fn signs_as_the_rfc_does() {
        let secret = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let key: Hmac<Sha256> = Hmac::new_from_slice(&URL_SAFE_NO_PAD.decode(secret).unwrap()).unwrap();
        let signed = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
                      eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let signature = encode(&key.chain_update(signed).finalize().into_bytes());
        assert_eq!(signature, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    }

    #[test]
    fn takes_its_own_tokens_and_nobody_elses() {
        let ours = sign_in("a secret of the test");
        let token = ours.token(Uuid::from_u128(7), "Ada", Role::Agent);
        assert_eq!(ours.actor_of(&token), Ok(Actor::agent(Uuid::from_u128(7), "Ada")));
        assert!(sign_in("another secret of it").actor_of(&token).is_err());
        let longer = format!("{token}A");
        for broken in ["", "a.b", "a.b.c", &token[1..], &longer, token.rsplit_once('.').unwrap().0] {
            assert!(ours.actor_of(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn the_token_does_not_choose_how_it_is_checked() {
        let ours = sign_in("a secret of the test");
        let claims = r#"{"sub":"00000000-0000-0000-0000-000000000007","role":"admin","name":"Eve","exp":99999999999}"#;
        assert!(ours.actor_of(&signed(&ours, r#"{"alg":"HS256"}"#, claims)).is_ok());
        for header in [r#"{"alg":"none"}"#, r#"{"alg":"HS512"}"#, "{}"] {
            assert!(ours.actor_of(&signed(&ours, header, claims)).is_err(), "{header}");
        }
        let unsigned = format!("{}.{}.", encode(br#"{"alg":"none"}"#), encode(claims.as_bytes()));
        assert!(ours.actor_of(&unsigned).is_err());
    }

    #[test]
    fn expired_or_incomplete_tokens_are_refused() {
        let ours = sign_in("a secret of the test");
        let header = r#"{"alg":"HS256"}"#;
        let sub = "00000000-0000-0000-0000-000000000007";
        for claims in [
            format!(r#"{{"sub":"{sub}","role":"customer","name":"Ada","exp":1000}}"#),
            format!(r#"{{"sub":"{sub}","role":"customer","name":"Ada"}}"#),
            format!(r#"{{"sub":"{sub}","role":"customer","name":"Ada","exp":99999999999,"nbf":99999999998}}"#),
            format!(r#"{{"sub":"{sub}","role":"root","name":"Ada","exp":99999999999}}"#),
            r#"{"sub":"7","role":"customer","name":"Ada","exp":99999999999}"#.to_owned(),
        ] {
            assert!(ours.actor_of(&signed(&ours, header, &claims)).is_err(), "{claims}");
        }
    }
}
