//! Mail address, phone number, and what an address is found by.

use crate::{cells::cell, envelope::Envelope, keys::Keys};
use support_core::{
    domain::{id::TicketId, ticket::Reach},
    ports::StoreError,
};

impl Keys {
    /// A keyed hash stands where the look-up key stood; the look-up key itself is sealed together with the address.
    pub(crate) fn seal_reach(&self, ticket: TicketId, reach: Reach) -> Reach {
        let Reach { email, phone, email_key } = reach;
        let hash = email_key.as_deref().map(|key| self.lookup_hash(key));
        let address = Address { email, key: email_key }.written();
        Reach {
            email: address.map(|text| self.current().seal(&cell(ticket, "email"), &text)),
            phone: phone.map(|phone| self.seal_text(&cell(ticket, "phone"), phone)),
            email_key: hash,
        }
    }

    pub(crate) fn open_reach(&self, ticket: TicketId, reach: Reach) -> Result<Reach, StoreError> {
        let Reach { email, phone, email_key } = reach;
        let phone = phone.map(|phone| self.open_text(cell(ticket, "phone"), phone)).transpose()?;
        match email {
            Some(email) if Envelope::of(&email).is_some() => {
                let written = self.open_text(cell(ticket, "email"), email)?;
                let address = Address::read(&written);
                let Address { email, key } =
                    address.ok_or_else(|| cell(ticket, "email").corrupt("what was sealed is no address"))?;
                Ok(Reach { email, phone, email_key: key })
            }
            // Written before values were sealed here, its look-up key too.
            email => Ok(Reach { email, phone, email_key }),
        }
    }
}

/// An address and its look-up key, as one text to be sealed: the hash in the row leads back to neither.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Address {
    email: Option<String>,
    key: Option<String>,
}

impl Address {
    /// Nearly always the key follows from the address and costs one letter. A store keeps whatever it is given, though.
    fn written(self) -> Option<String> {
        match (self.email, self.key) {
            (None, None) => None,
            (Some(email), None) => Some(format!("-{email}")),
            (Some(email), Some(key)) if key == Reach::key(&email) => Some(format!("={email}")),
            (Some(email), Some(key)) => Some(format!("+{}:{key}{email}", key.len())),
            (None, Some(key)) => Some(format!("?{key}")),
        }
    }

    fn read(text: &str) -> Option<Self> {
        let rest = text.get(1..)?;
        let (email, key) = match text.as_bytes().first()? {
            b'-' => (Some(rest), None),
            b'=' => (Some(rest), Some(Reach::key(rest))),
            b'?' => (None, Some(rest.to_owned())),
            b'+' => {
                let (length, both) = rest.split_once(':')?;
                let (key, email) = both.split_at_checked(length.parse().ok()?)?;
                (Some(email), Some(key.to_owned()))
            }
            _ => return None,
        };
        Some(Self { email: email.map(str::to_owned), key })
    }
}

#[cfg(test)]
mod tests {
    use super::Address;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_address_is_read_as_it_was_written(email: Option<String>, key: Option<String>, follows: bool) {
            let key = if follows { email.as_deref().map(super::Reach::key) } else { key };
            let address = Address { email, key };
            let read = address.clone().written().map(|text| Address::read(&text));
            let nothing = address.email.is_none() && address.key.is_none();
            prop_assert_eq!(read, (!nothing).then_some(Some(address)));
        }
    }

    #[test]
    fn a_text_that_nobody_wrote_is_no_address() {
        for text in ["", "é", "ada", "+", "+9:ada", "+1:é", "+x:ada"] {
            assert_eq!(Address::read(text), None, "{text}");
        }
    }
}
