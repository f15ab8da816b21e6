//! Signatures of webhooks, as Standard Webhooks has them (version 1, "Signature scheme").

use crate::{
    domain::{fault::Fault, webhook::Webhook},
    ports::ids::IdSource,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;

const PREFIX: &str = "whsec_";

/// A secret that nobody can guess: 32 bytes, of which 248 bits are random.
pub(in crate::desk) fn new_secret(ids: &dyn IdSource) -> String {
    let mut bytes = Vec::with_capacity(32);
    for _ in 0..4 {
        bytes.extend_from_slice(&ids.random().to_be_bytes());
    }
    format!("{PREFIX}{}", STANDARD.encode(bytes))
}

/// The headers of a signed request: its id, the moment, and one signature for each secret that is live.
pub(in crate::desk) fn signed(
    webhook: &Webhook,
    id: Uuid,
    now: DateTime<Utc>,
    body: &[u8],
) -> Result<Vec<(&'static str, String)>, Fault> {
    let (id, seconds) = (id.to_string(), now.timestamp().to_string());
    let signatures: Result<Vec<String>, Fault> =
        webhook.signing(now).map(|secret| signature(&secret.value, &id, &seconds, body)).collect();
    Ok(vec![
        ("content-type", "application/cloudevents+json".to_owned()),
        ("webhook-id", id),
        ("webhook-timestamp", seconds),
        ("webhook-signature", signatures?.join(" ")),
    ])
}

fn signature(secret: &str, id: &str, seconds: &str, body: &[u8]) -> Result<String, Fault> {
    let unusable = || Fault::new("secrets", "must be `whsec_` and bytes in base64");
    let key = STANDARD.decode(secret.strip_prefix(PREFIX).ok_or_else(unusable)?).map_err(|_| unusable())?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|_| unusable())?;
    for part in [id.as_bytes(), b".", seconds.as_bytes(), b".", body] {
        mac.update(part);
    }
    Ok(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::ids::RandomIds;

    /// The example of the specification.
    #[test]
    fn signs_as_the_specification_does() {
        let secret = "whsec_plJ3nmyCDGBKInavdOK15jsl";
        let body = br#"{"event_type":"ping","data":{"success":true}}"#;
        let signed = signature(secret, "msg_loFOjxBNrRLzqYUf", "1731705121", body).unwrap();
        assert_eq!(signed, "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=");
        assert!(signature("plJ3nmyCDGBKInavdOK15jsl", "a", "1", body).is_err());
        assert!(signature("whsec_%%", "a", "1", body).is_err());
    }

    #[test]
    fn secrets_differ_and_have_the_length_that_is_asked_for() {
        let (one, other) = (new_secret(&RandomIds), new_secret(&RandomIds));
        assert_ne!(one, other);
        assert_eq!(STANDARD.decode(one.strip_prefix("whsec_").unwrap()).unwrap().len(), 32);
    }
}
