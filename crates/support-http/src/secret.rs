use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use support_core::ports::ids::{IdSource, RandomIds};

/// What only the servers of a desk know: 32 random bytes, from the host's own secrets.
///
/// It tells visitors apart without their addresses being kept, and signs addresses under which files are fetched. Several
/// servers need the same one; with another one, visitors are strangers again and addresses that were given out lead nowhere.
///
/// ```
/// let secret = support_http::Secret::new([7; 32]);
/// assert_eq!(format!("{secret:?}"), "Secret(..)");
/// ```
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl Secret {
    /// The bytes as they are. They must not be guessed, so they have to be drawn.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// One that nobody else has, and that is gone with the process.
    pub(crate) fn drawn() -> Self {
        Self(random())
    }

    /// Whether `tag` is that of the message. It takes as long for every wrong one.
    pub(crate) fn verifies(&self, purpose: &'static str, message: &[u8], tag: &[u8]) -> bool {
        self.mac(purpose, message).verify_slice(tag).is_ok()
    }

    /// What nobody can compute for `message` who does not know the secret; for each purpose another.
    pub(crate) fn tag(&self, purpose: &'static str, message: &[u8]) -> [u8; 32] {
        self.mac(purpose, message).finalize().into_bytes().into()
    }

    fn mac(&self, purpose: &'static str, message: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        // The purposes are ours and hold no zero: none runs into a message.
        for part in [purpose.as_bytes(), &[0], message] {
            mac.update(part);
        }
        mac
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Bytes that nobody can guess.
pub(crate) fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    for part in bytes.chunks_exact_mut(8) {
        part.copy_from_slice(&RandomIds.random().to_be_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_depends_on_secret_purpose_and_message() {
        let (one, other) = (Secret::new([1; 32]), Secret::new([2; 32]));
        let tag = one.tag("a", b"m");
        assert_eq!(tag, one.tag("a", b"m"));
        for different in [other.tag("a", b"m"), one.tag("b", b"m"), one.tag("a", b"n"), one.tag("a", b"")] {
            assert_ne!(tag, different);
            assert!(!one.verifies("a", b"m", &different));
        }
        assert!(one.verifies("a", b"m", &tag) && !one.verifies("a", b"m", &tag[..16]) && !one.verifies("a", b"m", b""));
        assert_ne!(Secret::drawn().0, Secret::drawn().0);
    }
}
