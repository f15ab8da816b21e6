use super::Reach;
use crate::domain::{
    fault::{Fault, Faults},
    text::{TextRule, is_invisible},
};

/// Where somebody can be reached, not yet checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewReach {
    /// A mail address.
    pub email: Option<String>,
    /// A phone number.
    pub phone: Option<String>,
}

impl NewReach {
    /// Checks both, as tickets name them.
    pub(super) fn check(self, faults: &mut Faults) -> Reach {
        self.check_as("contactEmail", faults)
    }

    /// Checks both; `field` is what the input calls the mail address.
    pub(in crate::domain) fn check_as(self, field: &str, faults: &mut Faults) -> Reach {
        let email = self.email.and_then(|email| faults.keep(address(field, &email)).flatten());
        let phone = self.phone.and_then(|phone| faults.keep(number("contactPhone", &phone)).flatten());
        Reach { email_key: email.as_deref().map(Reach::key), email, phone }
    }
}

impl Reach {
    /// What a mail address is found by: providers tell no addresses apart by the case of their letters.
    pub fn key(email: &str) -> String {
        email.trim().to_lowercase()
    }
}

/// Something at something: what is really an address, only a mail that arrives can tell.
fn address(field: &str, text: &str) -> Result<Option<String>, Fault> {
    let Some(text) = TextRule::line(254).optional(field, text)? else { return Ok(None) };
    let whole = text.rsplit_once('@').is_some_and(|(name, domain)| !name.is_empty() && domain.contains(|c| c != '.'));
    let strange = |c: char| c.is_whitespace() || is_invisible(c) || matches!(c, '<' | '>' | ',' | ';' | '"');
    let is_label = |label: &str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
    let labels = text.rsplit_once('@').is_some_and(|(_, domain)| domain.split('.').all(is_label));
    if whole && labels && !text.contains(strange) {
        Ok(Some(text))
    } else {
        Err(Fault::new(field, "must be a mail address, such as ada@example.org"))
    }
}

fn number(field: &str, text: &str) -> Result<Option<String>, Fault> {
    let Some(text) = TextRule::line(40).optional(field, text)? else { return Ok(None) };
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let plain = text.chars().all(|c| c.is_ascii_digit() || "+-/(). x".contains(c));
    if plain && (3..=20).contains(&digits) {
        Ok(Some(text))
    } else {
        Err(Fault::new(field, "must be a phone number, such as +44 20 7946 0018"))
    }
}
