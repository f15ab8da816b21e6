//! Small lists that staff keep for everybody: categories, canned responses, saved views.

mod canned_response;
mod check;

pub use canned_response::Placeholder;

use crate::domain::{
    actor::AgentRef,
    id::{AgentId, EntryId},
    key::{CategoryKey, PriorityKey},
    sla::Targets,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One thing on such a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its id.
    pub id: EntryId,
    /// Rises with every change; 1 at first.
    pub version: u64,
    /// What it is.
    pub item: Item,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// What stands on a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Item {
    /// What tickets can be about.
    Category(Category),
    /// A text to answer with.
    CannedResponse(CannedResponse),
    /// A list that somebody looks at often.
    SavedView(SavedView),
}

/// Which list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ItemKind {
    /// See [`Item::Category`].
    Category,
    /// See [`Item::CannedResponse`].
    CannedResponse,
    /// See [`Item::SavedView`].
    SavedView,
}

impl ItemKind {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Category, Self::CannedResponse, Self::SavedView];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Category => "category",
            Self::CannedResponse => "canned_response",
            Self::SavedView => "saved_view",
        }
    }
}

impl Item {
    /// Which list it stands on.
    pub fn kind(&self) -> ItemKind {
        match self {
            Self::Category(_) => ItemKind::Category,
            Self::CannedResponse(_) => ItemKind::CannedResponse,
            Self::SavedView(_) => ItemKind::SavedView,
        }
    }

    /// What the key is called in bodies.
    pub fn key_field(&self) -> &'static str {
        match self {
            Self::Category(_) | Self::CannedResponse(_) => "slug",
            Self::SavedView(_) => "name",
        }
    }

    /// What no other item of its list has: a slug, or for a view its owner and name.
    pub fn key(&self) -> String {
        match self {
            Self::Category(category) => category.slug.to_string(),
            Self::CannedResponse(response) => response.slug.clone(),
            Self::SavedView(view) => format!("{}/{}", view.owner.id, view.name.to_lowercase()),
        }
    }
}

/// What tickets can be about (S3, `support_categories`). It stands beside the profile's own categories, and before one of
/// the same name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    /// How tickets name it.
    pub slug: CategoryKey,
    /// What people call it.
    pub name: String,
    /// What belongs to it.
    #[serde(default)]
    pub description: String,
    /// Whether new tickets may have it.
    pub is_active: bool,
    /// What its tickets get that come without a priority.
    #[serde(default)]
    pub priority: Option<PriorityKey>,
    /// What is promised for its tickets, instead of the profile's policies.
    #[serde(default)]
    pub sla: Option<Targets>,
}

/// A text to answer with; `{{ticket.number}}` and the like stand for what is known of the ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CannedResponse {
    /// A short name to type, such as `refund-sent`.
    pub slug: String,
    /// In one line.
    pub title: String,
    /// The text, with placeholders.
    pub body: String,
    /// For which team; for everybody where absent.
    #[serde(default)]
    pub team: Option<String>,
}

/// A list that somebody looks at often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    /// Its name, once for each owner.
    pub name: String,
    /// Whose it is.
    pub owner: AgentRef,
    /// Whether other staff see it too.
    pub shared: bool,
    /// The parameters of the list, by name, as the list takes them.
    pub query: BTreeMap<String, String>,
}

impl SavedView {
    /// Whether this member of staff may look through it.
    pub fn is_for(&self, agent: AgentId) -> bool {
        self.shared || self.owner.id == agent
    }
}
