//! The secrets of a host, and what is derived from them.

use crate::envelope::{Sealer, is_key_id};
use base64::{
    Engine,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::{fmt, str::FromStr};
use zeroize::{Zeroize, Zeroizing};

/// 32 bytes that are wiped when they are dropped.
pub(crate) type Secret = Zeroizing<[u8; 32]>;

/// A key that values are sealed under, and the name by which they remember it.
///
/// As text it is `<id>:<secret>`, with the secret as 64 hex digits or as base64 of 32 bytes:
///
/// ```
/// use support_privacy::Key;
/// let key: Key = "2026a:b3BlbiBzZXNhbWUsIHNhaWQgQWxpIEJhYmEgdHdpY2U=".parse()?;
/// assert_eq!(format!("{key:?}"), "Key(\"2026a\")", "a secret is never printed");
/// # Ok::<(), support_privacy::KeyError>(())
/// ```
pub struct Key {
    id: String,
    secret: Secret,
}

impl Key {
    /// A key of that id: 1 to 16 letters, digits, `-` or `_` of ASCII. The secret is 32 bytes from a source of
    /// randomness.
    ///
    /// # Errors
    /// [`KeyError::Id`] where the id is anything else.
    pub fn new(id: impl Into<String>, secret: [u8; 32]) -> Result<Self, KeyError> {
        Self::kept(id.into(), keep(secret))
    }

    fn kept(id: String, secret: Secret) -> Result<Self, KeyError> {
        if is_key_id(&id) { Ok(Self { id, secret }) } else { Err(KeyError::Id) }
    }
}

impl FromStr for Key {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (id, secret) = text.trim().split_once(':').ok_or(KeyError::NoId)?;
        Self::kept(id.to_owned(), read_secret(secret)?)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Key").field(&self.id).finish()
    }
}

/// The secret that never rotates: addresses are found by it, and the few values that cannot be written again stand
/// under it. As text it is 64 hex digits, or base64 of 32 bytes.
pub struct LookupKey(Secret);

impl LookupKey {
    /// A look-up key. The secret is 32 bytes from a source of randomness, and not that of any [`Key`].
    pub fn new(secret: [u8; 32]) -> Self {
        Self(keep(secret))
    }
}

impl FromStr for LookupKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        read_secret(text).map(Self)
    }
}

impl fmt::Debug for LookupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LookupKey(..)")
    }
}

/// Why a text is no key. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The id is not one.
    #[error("the id of a key must be 1 to 16 ASCII letters, digits, `-` or `_`")]
    Id,
    /// There is no id.
    #[error("a key must be written as `<id>:<secret>`")]
    NoId,
    /// The secret is neither hex nor base64.
    #[error("the secret must be written as 64 hex digits or as base64 of 32 bytes")]
    Encoding,
    /// The secret has another length.
    #[error("the secret must have 32 bytes, and has {0}")]
    Length(usize),
    /// Two keys have one id, so that no value could tell under which it is sealed.
    #[error("two keys have the same id")]
    Repeated,
}

/// Everything that a [`SealedStore`](crate::SealedStore) seals and opens with.
pub struct Keys {
    current: Sealer,
    old: Vec<Sealer>,
    standing: Standing,
    lookup: Secret,
}

/// What seals values in rows that no later write can reach, so that no rotation could take them along. Each has a
/// purpose and a key of its own: a value of one never opens as one of another.
pub(crate) struct Standing {
    /// A name that is not the one on a ticket.
    pub(crate) name: Sealer,
    /// Which ticket has the name.
    pub(crate) reference: Sealer,
    /// The name in place of that of somebody who was forgotten.
    pub(crate) erased: Sealer,
}

impl Keys {
    /// Seals under `current`, finds addresses by `lookup`.
    pub fn new(current: Key, lookup: LookupKey) -> Self {
        let LookupKey(secret) = lookup;
        // Ids of keys have no dot, so these three are nobody else's.
        let standing = |id: &str| Sealer::new(id, &derive(&secret, &format!("standing {id}")));
        Self {
            current: current.sealer(),
            old: Vec::new(),
            standing: Standing { name: standing(".name"), reference: standing(".ref"), erased: standing(".erased") },
            lookup: derive(&secret, "look-up of addresses"),
        }
    }

    /// Opens what is sealed under `old` too, and seals nothing under it.
    ///
    /// # Errors
    /// [`KeyError::Repeated`] where there is a key of its id already.
    pub fn also(mut self, old: Key) -> Result<Self, KeyError> {
        if self.find(&old.id).is_some() {
            return Err(KeyError::Repeated);
        }
        self.old.push(old.sealer());
        Ok(self)
    }

    pub(crate) fn current(&self) -> &Sealer {
        &self.current
    }

    pub(crate) fn standing(&self) -> &Standing {
        &self.standing
    }

    /// The key of that id, of those that rotate.
    pub(crate) fn find(&self, id: &str) -> Option<&Sealer> {
        std::iter::once(&self.current).chain(&self.old).find(|sealer| sealer.id() == id)
    }

    /// What an address is found by: who has the rows, but not the key, cannot try addresses against it.
    pub(crate) fn lookup_hash(&self, email_key: &str) -> String {
        hex(&hmac(&self.lookup, &[email_key.as_bytes()]))
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let old: Vec<&str> = self.old.iter().map(Sealer::id).collect();
        f.debug_struct("Keys").field("current", &self.current.id()).field("old", &old).finish_non_exhaustive()
    }
}

impl Key {
    fn sealer(self) -> Sealer {
        Sealer::new(self.id, &self.secret)
    }
}

/// HMAC-SHA256 of the parts, one behind the other.
pub(crate) fn hmac(key: &Secret, parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(&key[..]).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// A key for one purpose, as the expansion of HKDF makes it: who learns one learns no other.
pub(crate) fn derive(secret: &Secret, purpose: &str) -> Secret {
    keep(hmac(secret, &[b"support-privacy/1 ", purpose.as_bytes()]))
}

/// Bytes are copied where they are moved, so the ones that came are wiped.
fn keep(mut bytes: [u8; 32]) -> Secret {
    let kept = Zeroizing::new(bytes);
    bytes.zeroize();
    kept
}

fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn read_secret(text: &str) -> Result<Secret, KeyError> {
    let text = text.trim();
    // Base64 of 32 bytes has 43 or 44 characters, of which the last of 44 is no hex digit.
    let bytes = if text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let pair = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| KeyError::Encoding);
        (0..text.len()).step_by(2).map(pair).collect::<Result<_, _>>()?
    } else {
        let alphabet = if text.contains(['-', '_']) { &URL_SAFE } else { &STANDARD };
        let any = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        GeneralPurpose::new(alphabet, any).decode(text).map_err(|_| KeyError::Encoding)?
    };
    let bytes: Zeroizing<Vec<u8>> = Zeroizing::new(bytes);
    bytes.as_slice().try_into().map(keep).map_err(|_| KeyError::Length(bytes.len()))
}

#[cfg(test)]
mod tests {
    use super::{Key, KeyError, Keys, LookupKey, read_secret};

    #[test]
    fn a_secret_is_read_in_every_usual_spelling() {
        let bytes: [u8; 32] = std::array::from_fn(|n| u8::try_from(255 - n).unwrap());
        let hex = super::hex(&bytes);
        let base64 = "//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=";
        let url_safe = base64.replace('/', "_").replace('+', "-");
        for text in [&hex, &hex.to_uppercase(), base64, &url_safe, url_safe.trim_end_matches('='), &format!(" {hex}\n")]
        {
            assert_eq!(read_secret(text).map(|secret| *secret), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused_in_a_sentence() {
        let why = |text: &str| text.parse::<Key>().unwrap_err();
        assert_eq!(why("AAAA"), KeyError::NoId);
        assert_eq!(why("a:AAAA"), KeyError::Length(2), "hex");
        assert_eq!(why("a:QUJD"), KeyError::Length(3), "base64");
        assert_eq!(why("a:?"), KeyError::Encoding);
        assert_eq!(why("a:é"), KeyError::Encoding);
        assert_eq!(why("a:"), KeyError::Length(0));
        let secret = "00".repeat(32);
        for id in ["", ".ref", "a b", "seventeen-letters", "ä"] {
            assert_eq!(why(&format!("{id}:{secret}")), KeyError::Id, "{id}");
        }
        assert_eq!("00".repeat(31).parse::<LookupKey>().unwrap_err(), KeyError::Length(31));
    }

    #[test]
    fn two_keys_of_one_id_are_refused() {
        let key = |id| Key::new(id, [1; 32]).unwrap();
        let keys = Keys::new(key("a"), LookupKey::new([2; 32])).also(key("b")).unwrap();
        assert_eq!(keys.also(key("a")).unwrap_err(), KeyError::Repeated);
    }

    #[test]
    fn secrets_are_not_printed() {
        let (key, lookup) = (Key::new("a", [77; 32]).unwrap(), LookupKey::new([77; 32]));
        let printed =
            format!("{key:?} {lookup:?} {:?}", Keys::new(Key::new("a", [77; 32]).unwrap(), LookupKey::new([77; 32])));
        assert!(!printed.contains("77") && !printed.contains("4d"), "{printed}");
        assert!(printed.contains("current: \"a\""), "{printed}");
    }
}
