use crate::domain::{span::Span, text::TextRule};
use serde::{Deserialize, Serialize};

/// How much of anything is taken in one go. Everything that comes in has a limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Characters of a subject.
    pub subject_chars: usize,
    /// Characters of a message, note, reason or resolution.
    pub message_chars: usize,
    /// Tags on a ticket.
    pub tags: usize,
    /// Characters of a tag.
    pub tag_chars: usize,
    /// Bytes of a ticket's metadata as JSON.
    pub metadata_bytes: usize,
    /// Links from a ticket to things of the host.
    pub related: usize,
    /// Attachment links on a message.
    pub attachments: usize,
    /// Rows of a page of any list.
    pub page: u32,
    /// Staff who watch one ticket.
    pub watchers: usize,
    /// How long authors may correct or withdraw a message; not at all where it is `0s`.
    pub edit_window: Span,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            subject_chars: 200,
            message_chars: 20_000,
            tags: 20,
            tag_chars: 50,
            metadata_bytes: 16_384,
            related: 20,
            attachments: 10,
            page: 100,
            watchers: 50,
            edit_window: Span::minutes(15),
        }
    }
}

impl Limits {
    /// The rule for a subject.
    pub fn subject(&self) -> TextRule {
        TextRule::line(self.subject_chars)
    }

    /// The rule for everything longer that a person writes.
    pub fn message(&self) -> TextRule {
        TextRule::block(self.message_chars)
    }
}
