//! Things that are kept as a whole: articles, reviews, callbacks and the like.
//!
//! A ticket has a row of its own shape, because a thousand rules ask for its columns. These things are read and written
//! whole; what is asked of them is only by what name they are found, on which lists they stand, and how many stand there.
//! So they say that themselves, and a store keeps all of them in one way.

use crate::domain::{fault::Fault, id::CustomerId};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};
use uuid::Uuid;

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// What a token opens without a sign-in: a ticket.
    Access,
    /// Something that happened beside tickets, to be told to the outside.
    Announcement,
    /// A help article.
    Article,
    /// A file on a ticket or review.
    Attachment,
    /// A phone call that a customer asked for.
    Callback,
    /// An announcement on its way to somebody outside.
    Delivery,
    /// The answers to a survey.
    Feedback,
    /// A question that was asked and logged.
    Inquiry,
    /// That a message from outside was taken.
    Intake,
    /// Something that a person is told.
    Notification,
    /// How a person wants to be told things.
    Preferences,
    /// A review of something bought.
    Review,
    /// What an article said at some time, in one language.
    Revision,
    /// How far somebody outside was told.
    Sink,
    /// A survey that was sent.
    Survey,
    /// That somebody found something helpful, or not.
    Vote,
    /// An address that is told what happens.
    Webhook,
}

impl DocumentKind {
    /// All of them, in the order of their words.
    pub const ALL: &'static [Self] = &[
        Self::Access,
        Self::Announcement,
        Self::Article,
        Self::Attachment,
        Self::Callback,
        Self::Delivery,
        Self::Feedback,
        Self::Inquiry,
        Self::Intake,
        Self::Notification,
        Self::Preferences,
        Self::Review,
        Self::Revision,
        Self::Sink,
        Self::Survey,
        Self::Vote,
        Self::Webhook,
    ];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Announcement => "announcement",
            Self::Article => "article",
            Self::Attachment => "attachment",
            Self::Callback => "callback",
            Self::Delivery => "delivery",
            Self::Feedback => "feedback",
            Self::Inquiry => "inquiry",
            Self::Intake => "intake",
            Self::Notification => "notification",
            Self::Preferences => "preferences",
            Self::Review => "review",
            Self::Revision => "revision",
            Self::Sink => "sink",
            Self::Survey => "survey",
            Self::Vote => "vote",
            Self::Webhook => "webhook",
        }
    }

    /// The kind of that word.
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }

    /// The fields of the body by which a person could be reached or named. A sealed store encrypts them.
    pub fn personal(self) -> &'static [&'static str] {
        match self {
            Self::Attachment => &["file_name"],
            Self::Callback => &["name", "phone", "topic", "notes", "outcome"],
            Self::Feedback => &["comments"],
            Self::Inquiry => &["name", "email", "subject", "message"],
            Self::Webhook => &["url", "secrets"],
            Self::Preferences => &["reach"],
            Self::Access
            | Self::Announcement
            | Self::Article
            | Self::Delivery
            | Self::Intake
            | Self::Notification
            | Self::Review
            | Self::Revision
            | Self::Sink
            | Self::Survey
            | Self::Vote => &[],
        }
    }
}

impl fmt::Display for DocumentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// By what a document is found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Placement {
    /// Names that no other document of its kind has.
    pub keys: BTreeSet<String>,
    /// On which lists it stands, each with its place there: lists are read by rising or falling place, then id.
    pub lists: BTreeMap<String, i64>,
}

impl Placement {
    /// The most bytes of a key or of the name of a list.
    pub const MOST_BYTES: usize = 250;
}

/// A thing as a store keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// What it is.
    pub kind: DocumentKind,
    /// Its id, once among all of its kind.
    pub id: Uuid,
    /// Rises with every change; 1 at first.
    pub version: u64,
    /// Whose data it is, for export and erasure.
    pub owner: Option<CustomerId>,
    /// By what it is found.
    pub placement: Placement,
    /// What it says: an object.
    pub body: Value,
}

/// A type whose values are kept as documents.
pub trait Kept: Serialize + DeserializeOwned {
    /// What they are.
    const KIND: DocumentKind;

    /// The id of this one.
    fn id(&self) -> Uuid;

    /// Whose data it is.
    fn owner(&self) -> Option<CustomerId> {
        None
    }

    /// By what it is found. It depends on nothing but the value.
    fn placement(&self) -> Placement;
}

/// A body that cannot be what its kind says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} {id} cannot be read: {reason}")]
pub struct Unreadable {
    /// What it should be.
    pub kind: DocumentKind,
    /// Which.
    pub id: Uuid,
    /// What is wrong with it.
    pub reason: String,
}

impl Document {
    /// The value as a store keeps it, in this version.
    ///
    /// # Errors
    /// A value that is no JSON object.
    pub fn of<T: Kept>(value: &T, version: u64) -> Result<Self, Unreadable> {
        let id = value.id();
        let body =
            serde_json::to_value(value).map_err(|error| Unreadable { kind: T::KIND, id, reason: error.to_string() })?;
        Ok(Self { kind: T::KIND, id, version, owner: value.owner(), placement: value.placement(), body })
    }

    /// The value that is kept.
    ///
    /// # Errors
    /// A document of another kind, or one that was written by something else.
    pub fn read<T: Kept>(&self) -> Result<T, Unreadable> {
        let unreadable = |reason| Unreadable { kind: self.kind, id: self.id, reason };
        if self.kind != T::KIND {
            return Err(unreadable(format!("it is no {}", T::KIND)));
        }
        T::deserialize(&self.body).map_err(|error| unreadable(error.to_string()))
    }
}

/// The name of a list, of parts that are no names of lists themselves: `part` never holds a `/`.
pub fn list<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    parts.into_iter().map(|part| part.replace('/', "\u{2215}")).collect::<Vec<_>>().join("/")
}

/// A text of a person that becomes part of a key or list, made regular: lower case, words joined by `-`,
/// at most so many bytes.
///
/// # Errors
/// A fault of `field` where nothing is left, or too much.
pub fn slug(field: &str, text: &str, most: usize) -> Result<String, Fault> {
    let mut slug = String::new();
    for c in text.trim().chars().flat_map(char::to_lowercase) {
        match plain(c) {
            Some(part) => slug.push_str(part),
            None if c.is_alphanumeric() => slug.push(c),
            None if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
            None => {}
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() {
        return Err(Fault::new(field, "must hold letters or digits"));
    }
    if slug.len() > most {
        return Err(Fault::new(field, format!("must not be longer than {most} bytes")));
    }
    Ok(slug.to_owned())
}

/// Letters of western Europe without their marks, as addresses are typed.
fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'à' | 'á' | 'â' | 'ã' | 'å' => "a",
        'ä' | 'æ' => "ae",
        'ç' => "c",
        'è' | 'é' | 'ê' | 'ë' => "e",
        'ì' | 'í' | 'î' | 'ï' => "i",
        'ñ' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ø' => "o",
        'ö' | 'œ' => "oe",
        'ù' | 'ú' | 'û' => "u",
        'ü' => "ue",
        'ý' | 'ÿ' => "y",
        'ß' => "ss",
        '\'' | '’' => "",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_what_people_type() {
        for (text, expected) in [
            ("Where is my parcel?", "where-is-my-parcel"),
            ("  Rückgabe & Größe  ", "rueckgabe-groesse"),
            ("L'été, déjà", "lete-deja"),
            ("配送", "配送"),
            ("a/../b", "a-b"),
        ] {
            assert_eq!(slug("slug", text, 50).unwrap(), expected);
        }
        assert!(slug("slug", " --- ", 50).is_err());
        assert!(slug("slug", "abc", 2).is_err());
    }

    #[test]
    fn kinds_are_in_the_order_of_their_words() {
        let words: Vec<&str> = DocumentKind::ALL.iter().map(|kind| kind.as_str()).collect();
        assert!(words.is_sorted());
        for kind in DocumentKind::ALL {
            assert_eq!(DocumentKind::find(kind.as_str()), Some(*kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), Value::from(kind.as_str()));
        }
        assert_eq!(DocumentKind::find("x"), None);
    }

    #[test]
    fn parts_of_a_list_do_not_run_together() {
        assert_ne!(list(["tag", "a/b"]), list(["tag", "a", "b"]));
    }
}
