use crate::link::{Listed, Place};
use axum::http::HeaderMap;
use serde::Serialize;
use support_core::desk::documents::Paging;
use utoipa::ToSchema;

/// Where a numbered page stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NumberedPage {
    /// Which page, from 1.
    page: u32,
    /// The most rows of a page.
    limit: u32,
    /// How many rows there are on all pages.
    total: u64,
    /// How many pages they make.
    total_pages: u64,
    /// Whether more rows follow.
    has_more: bool,
}

impl NumberedPage {
    pub(crate) fn new(paging: Paging, total: u64) -> Self {
        let total_pages = total.div_ceil(u64::from(paging.limit.max(1)));
        let has_more = u64::from(paging.number) < total_pages;
        Self { page: paging.number, limit: paging.limit, total, total_pages, has_more }
    }

    /// The header that leads to the pages around this one.
    pub(crate) fn links(&self, listed: &Listed) -> HeaderMap {
        let place = |page: u32| -> Place { ("page", page.to_string()) };
        listed.links((self.page > 1).then(|| place(self.page - 1)), self.has_more.then(|| place(self.page + 1)))
    }
}
