//! The words between nodes.

use crate::{
    domain::{
        id::{EventId, TicketId},
        presence::Present,
    },
    ports::bus::LONGEST,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A word, and which node said it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Word {
    pub(super) node: Uuid,
    pub(super) said: Said,
}

/// What a node says to the others: ids and who is there, nothing of what is written.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Said {
    /// So many entries of a trail were committed, this one first.
    Happened { ticket: TicketId, after: EventId, count: u32 },
    /// Words of this node were lost: whoever looks on reads anew.
    Lost,
    /// Somebody is at a ticket.
    Present { ticket: TicketId, present: Present },
}

pub(super) fn happened(node: Uuid, ticket: TicketId, first: EventId, count: usize) -> String {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    text(&Word { node, said: Said::Happened { ticket, after: first, count } })
}

pub(super) fn present(node: Uuid, ticket: TicketId, present: &Present) -> String {
    text(&Word { node, said: Said::Present { ticket, present: present.clone() } })
}

pub(super) fn lost(node: Uuid) -> String {
    text(&Word { node, said: Said::Lost })
}

fn text(word: &Word) -> String {
    // A value of strings and numbers always has a JSON text; one with an endless name in it is no word.
    let text = serde_json::to_string(word).unwrap_or_default();
    if text.len() > LONGEST { String::new() } else { text }
}

pub(super) fn read(text: &str) -> Option<Word> {
    serde_json::from_str(text).ok()
}
