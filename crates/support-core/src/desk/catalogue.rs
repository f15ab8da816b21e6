//! Small lists that staff keep.

use super::{Desk, Error};
use crate::domain::catalogue::{Category, Item, ItemKind};

impl Desk {
    /// The categories that stand beside the profile's own.
    pub(super) async fn categories(&self) -> Result<Vec<Category>, Error> {
        let entries = self.0.store.entries(ItemKind::Category).await?;
        let category = |item| match item {
            Item::Category(category) => Some(category),
            _ => None,
        };
        Ok(entries.into_iter().filter_map(|entry| category(entry.item)).collect())
    }
}
