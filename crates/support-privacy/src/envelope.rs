//! What a sealed value looks like, and how it is sealed and opened.

use crate::keys::{Secret, derive, hmac};
use aes_gcm_siv::{
    Aes256GcmSiv, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::fmt;
use support_core::ports::StoreError;

/// How every sealed value begins; behind it stand the id of the key, a colon, and the nonce with the cipher text.
const MARK: &str = "sealed:1:";

const NONCE: usize = 12;
const TAG: usize = 16;

/// Where a value stands. It is sealed together with that, so that nobody can carry it to another row or column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) table: &'static str,
    pub(crate) id: String,
    pub(crate) column: &'static str,
}

impl Place {
    pub(crate) fn new(table: &'static str, id: impl fmt::Display, column: &'static str) -> Self {
        Self { table, id: id.to_string(), column }
    }

    pub(crate) fn corrupt(self, reason: impl Into<String>) -> StoreError {
        StoreError::Corrupt { table: self.table, column: self.column, id: self.id, reason: reason.into() }
    }

    pub(crate) fn unknown_key(self, id: &str) -> StoreError {
        self.corrupt(format!("it is sealed under the key `{id}`, which is not among the keys"))
    }

    pub(crate) fn tampered(self, id: &str) -> StoreError {
        self.corrupt(format!("it does not open under the key `{id}`: it was changed, or stood somewhere else"))
    }
}

/// Names of tables and columns have no colon, so no two places have one text.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.table, self.id, self.column)
    }
}

/// Whether a key can be called that: it stands in sealed values, between colons.
pub(crate) fn is_key_id(id: &str) -> bool {
    (1..=16).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// A value that was sealed, as it stands in a row.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Envelope<'a> {
    /// Under which key.
    pub(crate) key: &'a str,
    /// Nonce, cipher text and tag.
    pub(crate) sealed: Vec<u8>,
}

impl<'a> Envelope<'a> {
    /// The envelope that the text is, if it is one to the letter. A text that only begins like one was typed by
    /// somebody before values were sealed here.
    pub(crate) fn of(text: &'a str) -> Option<Self> {
        let (key, sealed) = text.strip_prefix(MARK)?.split_once(':')?;
        Self::checked(key, URL_SAFE_NO_PAD.decode(sealed).ok()?)
    }

    /// The same for bytes, in which the cipher text stands as it is.
    pub(crate) fn of_bytes(bytes: &'a [u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(MARK.as_bytes())?;
        let colon = rest.iter().position(|byte| *byte == b':')?;
        Self::checked(std::str::from_utf8(&rest[..colon]).ok()?, rest[colon + 1..].to_vec())
    }

    fn checked(key: &'a str, sealed: Vec<u8>) -> Option<Self> {
        let id = key.strip_prefix('.').unwrap_or(key);
        (is_key_id(id) && sealed.len() >= NONCE + TAG).then_some(Self { key, sealed })
    }
}

/// Seals and opens under one key.
pub(crate) struct Sealer {
    id: String,
    cipher: Aes256GcmSiv,
    nonces: Secret,
}

impl Sealer {
    pub(crate) fn new(id: impl Into<String>, secret: &Secret) -> Self {
        let cipher = Aes256GcmSiv::new((&*derive(secret, "encryption")).into());
        Self { id: id.into(), cipher, nonces: derive(secret, "nonces") }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn seal(&self, place: &Place, plain: &str) -> String {
        format!("{MARK}{}:{}", self.id, URL_SAFE_NO_PAD.encode(self.encrypt(place, plain.as_bytes())))
    }

    pub(crate) fn seal_bytes(&self, place: &Place, plain: &[u8]) -> Vec<u8> {
        let head = format!("{MARK}{}:", self.id);
        [head.as_bytes(), &self.encrypt(place, plain)].concat()
    }

    /// The nonce is drawn from place and value by a keyed hash of its own. So no randomness is needed; two values get
    /// one nonce only where the hash collides, and even that GCM-SIV bears (RFC 8452, section 9); and a row that is
    /// sealed again is the same row again, by which a rotation knows what it has left to do. What a reader of rows
    /// learns by it is whether one cell holds again what it held before.
    fn encrypt(&self, place: &Place, plain: &[u8]) -> Vec<u8> {
        let aad = place.to_string();
        // The length in front keeps place and value apart.
        let length = (aad.len() as u64).to_be_bytes();
        let hash = hmac(&self.nonces, &[&length, aad.as_bytes(), plain]);
        let nonce = Nonce::try_from(&hash[..NONCE]).expect("a hash is longer than a nonce");
        let payload = Payload { msg: plain, aad: aad.as_bytes() };
        let sealed = self.cipher.encrypt(&nonce, payload).expect("GCM-SIV takes up to 64 GiB, and rows are smaller");
        [nonce.as_slice(), &sealed].concat()
    }

    /// What was sealed, if it was sealed under this key, at this place, and nobody has touched it.
    pub(crate) fn open_bytes(&self, place: &Place, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
        let aad = place.to_string();
        let payload = Payload { msg: sealed, aad: aad.as_bytes() };
        self.cipher.decrypt(&Nonce::try_from(nonce).ok()?, payload).ok()
    }

    /// The same, as a text.
    pub(crate) fn open(&self, place: &Place, sealed: &[u8]) -> Option<String> {
        String::from_utf8(self.open_bytes(place, sealed)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{Envelope, Place, Sealer};
    use proptest::prelude::*;
    use zeroize::Zeroizing;

    fn sealer(secret: u8) -> Sealer {
        Sealer::new("k1", &Zeroizing::new([secret; 32]))
    }

    fn place(id: &str) -> Place {
        Place::new("tickets", id, "phone")
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens(text in ".*", bytes: Vec<u8>, id in "[0-9a-f]{8}") {
            let sealed = sealer(1).seal(&place(&id), &text);
            let envelope = Envelope::of(&sealed).unwrap();
            prop_assert_eq!(envelope.key, "k1");
            prop_assert_eq!(sealer(1).open(&place(&id), &envelope.sealed), Some(text.clone()));
            prop_assert_eq!(sealer(2).open(&place(&id), &envelope.sealed), None);
            prop_assert_eq!(sealer(1).open(&place("another"), &envelope.sealed), None);
            prop_assert_eq!(&sealer(1).seal(&place(&id), &text), &sealed);

            let sealed = sealer(1).seal_bytes(&place(&id), &bytes);
            let envelope = Envelope::of_bytes(&sealed).unwrap();
            prop_assert_eq!(sealer(1).open_bytes(&place(&id), &envelope.sealed), Some(bytes));
        }

        #[test]
        fn a_changed_byte_is_noticed(text in ".*", at: prop::sample::Index, bit in 0..8_u32) {
            let sealed = sealer(1).seal(&place("1"), &text);
            let mut sealed = Envelope::of(&sealed).unwrap().sealed;
            let at = at.index(sealed.len());
            sealed[at] ^= 1 << bit;
            prop_assert_eq!(sealer(1).open(&place("1"), &sealed), None);
        }
    }

    #[test]
    fn what_only_begins_like_an_envelope_is_none() {
        let real = sealer(1).seal(&place("1"), "Ada");
        assert!(Envelope::of(&real).is_some());
        let (head, tail) = real.split_at(real.len() - 1);
        for text in [
            "",
            "Ada",
            "sealed:1:",
            "sealed:1:k1:",
            "sealed:1:k1:AAAA",
            "sealed:1:k1:ada@example.org",
            &real.replacen("k1", "a key", 1),
            &real.replacen("k1", "..ref", 1),
            &real.replacen("sealed:1", "sealed:2", 1),
            &format!("{head} {tail}"),
            &format!("{real}="),
            &format!(" {real}"),
        ] {
            assert_eq!(Envelope::of(text), None, "{text}");
        }
        assert_eq!(Envelope::of_bytes(b"sealed:1:k1:too short"), None);
    }

    #[test]
    fn equal_values_look_equal_nowhere_but_in_one_cell() {
        let sealed = |id: &str, column: &'static str| sealer(1).seal(&Place::new("tickets", id, column), "Ada");
        assert_eq!(sealed("1", "phone"), sealed("1", "phone"));
        assert_ne!(sealed("1", "phone"), sealed("2", "phone"));
        assert_ne!(sealed("1", "phone"), sealed("1", "email"));
    }
}
