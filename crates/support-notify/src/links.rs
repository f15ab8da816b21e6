//! Where people find in the host's application what they are told of.

use crate::clean;
use std::fmt::Write as _;

/// Addresses inside the host's application.
///
/// Each has a default below the base, and takes placeholders: `{base}`, `{ticket}` (the number, or the id where there is no
/// number), `{id}` (the ticket's id), `{survey}`, `{callback}`, `{webhook}`. Where one of them is not known, there is no link.
///
/// ```
/// use support_notify::Links;
/// let links = Links::at("https://shop.example").tickets("{base}/help/{ticket}").staff_tickets("{base}/desk/{id}");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Links {
    base: String,
    tickets: String,
    staff_tickets: Option<String>,
    surveys: String,
    callbacks: String,
    reviews: String,
    webhooks: String,
    preferences: Option<String>,
}

/// Which of the links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Ticket,
    StaffTicket,
    Survey,
    Callback,
    Review,
    Webhook,
    Preferences,
}

/// What stands in for placeholders; empty where it is not known.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Filling<'a> {
    pub(crate) number: &'a str,
    pub(crate) id: &'a str,
    pub(crate) survey: &'a str,
    pub(crate) callback: &'a str,
    pub(crate) webhook: &'a str,
    pub(crate) token: &'a str,
}

impl Links {
    /// Everything below one address, such as `https://shop.example`.
    pub fn at(base: impl Into<String>) -> Self {
        Self {
            base: base.into().trim_end_matches('/').to_owned(),
            tickets: "{base}/tickets/{ticket}".to_owned(),
            staff_tickets: None,
            surveys: "{base}/surveys/{survey}".to_owned(),
            callbacks: "{base}/callbacks".to_owned(),
            reviews: "{base}/reviews/new".to_owned(),
            webhooks: "{base}/webhooks".to_owned(),
            preferences: None,
        }
    }

    /// Where a ticket is: `{base}/tickets/{ticket}`.
    pub fn tickets(mut self, pattern: impl Into<String>) -> Self {
        self.tickets = pattern.into();
        self
    }

    /// Where staff find a ticket; where customers do, unless said otherwise.
    pub fn staff_tickets(mut self, pattern: impl Into<String>) -> Self {
        self.staff_tickets = Some(pattern.into());
        self
    }

    /// Where a survey is answered: `{base}/surveys/{survey}`.
    pub fn surveys(mut self, pattern: impl Into<String>) -> Self {
        self.surveys = pattern.into();
        self
    }

    /// Where calls are moved and cancelled: `{base}/callbacks`.
    pub fn callbacks(mut self, pattern: impl Into<String>) -> Self {
        self.callbacks = pattern.into();
        self
    }

    /// Where a review is written: `{base}/reviews/new`.
    pub fn reviews(mut self, pattern: impl Into<String>) -> Self {
        self.reviews = pattern.into();
        self
    }

    /// Where webhooks are looked after: `{base}/webhooks`.
    pub fn webhooks(mut self, pattern: impl Into<String>) -> Self {
        self.webhooks = pattern.into();
        self
    }

    /// Where people say what they want to be told. Stands at the foot of mails and in `List-Unsubscribe`; without it, neither
    /// is there.
    pub fn preferences(mut self, pattern: impl Into<String>) -> Self {
        self.preferences = Some(pattern.into());
        self
    }

    fn pattern(&self, place: Place) -> Option<&str> {
        Some(match place {
            Place::Ticket => &self.tickets,
            Place::StaffTicket => self.staff_tickets.as_ref().unwrap_or(&self.tickets),
            Place::Survey => &self.surveys,
            Place::Callback => &self.callbacks,
            Place::Review => &self.reviews,
            Place::Webhook => &self.webhooks,
            Place::Preferences => self.preferences.as_ref()?,
        })
    }

    /// The link, or nothing where what it asks for is not known.
    pub(crate) fn to(&self, place: Place, filling: Filling<'_>) -> Option<String> {
        let mut rest = self.pattern(place)?;
        let mut link = String::new();
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}')?;
            link.push_str(before);
            if name == "base" {
                link.push_str(&self.base);
            } else {
                let value = filling.get(name).filter(|value| !value.is_empty())?;
                link.push_str(&encoded(value));
            }
            rest = after;
        }
        link.push_str(rest);
        // Browsers keep a fragment to themselves: the token stands in no log of a server and in no `Referer`.
        if !filling.token.is_empty() {
            link.push_str("#token=");
            link.push_str(&encoded(filling.token));
        }
        Some(link)
    }

    /// What is wrong with them, in sentences.
    pub(crate) fn faults(&self) -> Vec<String> {
        let places = [
            ("tickets", Place::Ticket),
            ("staff_tickets", Place::StaffTicket),
            ("surveys", Place::Survey),
            ("callbacks", Place::Callback),
            ("reviews", Place::Review),
            ("webhooks", Place::Webhook),
            ("preferences", Place::Preferences),
        ];
        // A preferences link is the same for everybody, so only the base is known there.
        let known = Filling { number: "1", id: "1", survey: "1", callback: "1", webhook: "1", token: "" };
        let mut faults = Vec::new();
        for (name, place) in places {
            let filling = if place == Place::Preferences { Filling::default() } else { known };
            if self.pattern(place).is_none() {
                continue;
            }
            match self.to(place, filling) {
                None => faults.push(format!("links.{name}: has a placeholder that is not known there")),
                Some(link) if is_link(&link) => {}
                Some(_) => faults.push(format!(
                    "links.{name}: must become an address with http:// or https://, without `#`, spaces and quotes"
                )),
            }
        }
        faults
    }
}

impl<'a> Filling<'a> {
    fn get(&self, name: &str) -> Option<&'a str> {
        Some(match name {
            "ticket" if self.number.is_empty() => self.id,
            "ticket" => self.number,
            "id" => self.id,
            "survey" => self.survey,
            "callback" => self.callback,
            "webhook" => self.webhook,
            _ => return None,
        })
    }
}

fn is_link(link: &str) -> bool {
    let host = link.strip_prefix("https://").or_else(|| link.strip_prefix("http://"));
    let clean =
        link == clean::line(link, usize::MAX) && !link.contains([' ', '#', '"', '\'', '<', '>', '\\', '{', '}']);
    clean && host.is_some_and(|host| !host.is_empty() && !host.starts_with('/'))
}

/// As it may stand in any part of an address.
fn encoded(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICKET: Filling<'static> =
        Filling { number: "TKT-1", id: "0192", survey: "", callback: "", webhook: "", token: "" };

    #[test]
    fn links_are_filled_in() {
        let links = Links::at("https://shop.example/");
        let to = |place, filling| links.to(place, filling);
        assert_eq!(to(Place::Ticket, TICKET).as_deref(), Some("https://shop.example/tickets/TKT-1"));
        let nameless = Filling { number: "", ..TICKET };
        assert_eq!(to(Place::Ticket, nameless).as_deref(), Some("https://shop.example/tickets/0192"));
        assert_eq!(to(Place::Ticket, Filling::default()), None);
        assert_eq!(to(Place::Survey, TICKET), None);
        assert_eq!(to(Place::Preferences, TICKET), None);
        let odd = Filling { number: "A/1?#\r\n&ä", token: "t/k+n", ..TICKET };
        assert_eq!(
            to(Place::StaffTicket, odd).as_deref(),
            Some("https://shop.example/tickets/A%2F1%3F%23%0D%0A%26%C3%A4#token=t%2Fk%2Bn")
        );
    }

    #[test]
    fn what_cannot_be_a_link_is_refused() {
        assert!(Links::at("https://shop.example").preferences("{base}/me").faults().is_empty());
        for links in [
            Links::at("shop.example"),
            Links::at("https://"),
            Links::at("javascript:alert(1)//"),
            Links::at("https://shop.example/\r\nx"),
            Links::at("https://shop.example").tickets("{base}/#/tickets/{ticket}"),
            Links::at("https://shop.example").tickets("{base}/tickets/{tikcet}"),
            Links::at("https://shop.example").tickets("{base}/tickets/{ticket"),
            Links::at("https://shop.example").preferences("{base}/{ticket}"),
            Links::at("https://shop.example").reviews("{base}/\" onclick=\""),
        ] {
            assert!(!links.faults().is_empty(), "{links:?}");
        }
    }
}
