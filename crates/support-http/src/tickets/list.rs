mod cursor;
mod query;

use crate::{
    Answer,
    auth::Caller,
    extract::Params,
    fields::Fields,
    link::{self, Listed},
    openapi::ListProblems,
    problem::Problem,
    wire::row::RowBody,
};
use axum::{Json, extract::State, response::IntoResponse};
use query::{FARTHEST, Place, TicketListQuery};
use serde::Serialize;
use support_core::{
    desk::{
        Desk, Error,
        tickets::{Page, TicketPage},
    },
    domain::{actor::Actor, fault::Faults, ticket::SortKey},
};
use utoipa::ToSchema;

/// Rows are counted no further than this: the figure is for people, and they stop reading before.
const COUNTED: u32 = 1_000;

/// A stretch of a list of tickets.
#[derive(Serialize, ToSchema)]
pub(crate) struct TicketList<'a> {
    /// The rows.
    tickets: Vec<RowBody<'a>>,
    /// Where they stand.
    pagination: Pagination,
}

/// Where a stretch of a list stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Pagination {
    /// Which page; absent where a cursor was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<u32>,
    /// The most rows of a stretch.
    limit: u32,
    /// How many rows there are, counted up to 1,000; absent where a cursor was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u32>,
    /// Whether there are more than `total`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    total_is_capped: bool,
    /// How many pages `total` rows make.
    #[serde(skip_serializing_if = "Option::is_none")]
    total_pages: Option<u32>,
    /// Whether more rows follow.
    has_more: bool,
    /// The `cursor` of the next stretch.
    next_cursor: Option<String>,
}

impl Pagination {
    /// Numbered pages are counted; behind a cursor nobody asks how many rows lie before it.
    async fn new(desk: &Desk, actor: &Actor, query: TicketListQuery, rows: &TicketPage) -> Result<Self, Error> {
        let (page, counted) = match query.place {
            Place::Page(page) => {
                let counted = desk.tickets().count(actor, query.filter, COUNTED + 1).await?;
                (Some(page), Some(counted))
            }
            Place::After(_) => (None, None),
        };
        let total = counted.map(|counted| counted.min(COUNTED));
        Ok(Self {
            page,
            limit: query.limit,
            total,
            total_is_capped: counted > total,
            total_pages: total.map(|total| total.div_ceil(query.limit)),
            has_more: rows.next.is_some(),
            next_cursor: rows.next.map(cursor::write),
        })
    }

    /// The stretches before and behind. A page that would lie too far behind is reached by the cursor; nothing but a page
    /// knows what lies before it.
    fn neighbours(&self) -> (Option<link::Place>, Option<link::Place>) {
        let prev = self.page.filter(|page| *page > 1).map(|page| ("page", (page - 1).to_string()));
        let page = self.page.map(|page| page + 1).filter(|page| page.saturating_mul(self.limit) <= FARTHEST);
        let next = self.next_cursor.clone().map(|cursor| match page {
            Some(page) => ("page", page.to_string()),
            None => ("cursor", cursor),
        });
        (prev, next)
    }
}

/// A stretch of the list that the parameters describe.
pub(crate) async fn answer(desk: &Desk, actor: &Actor, listed: &Listed, fields: Fields) -> Answer {
    let query = TicketListQuery::read(fields, desk, actor).await?.map_err(Problem::parameters)?;
    let rows = desk.tickets().list(actor, query.filter.clone(), query.sort, query.page()).await?;
    let pagination = Pagination::new(desk, actor, query, &rows).await?;
    let staff_at = actor.is_staff().then(|| desk.now());
    let tickets = rows.tickets.iter().map(|row| RowBody::new(row, staff_at)).collect();
    let (prev, next) = pagination.neighbours();
    Ok((listed.links(prev, next), Json(TicketList { tickets, pagination })).into_response())
}

/// What is wrong with parameters of the list that are kept for later.
///
/// # Errors
/// A store that does not answer.
pub(crate) async fn faults_of_list(fields: Fields, desk: &Desk, actor: &Actor) -> Result<Faults, Error> {
    Ok(TicketListQuery::read(fields, desk, actor).await?.err().unwrap_or_default())
}

/// Lists the tickets that the caller may see
///
/// With `cursor` the list goes on behind the stretch that gave it, in the same order, and costs the same everywhere.
#[utoipa::path(get, path = "/tickets", tag = "Tickets", params(
    ("status" = Option<String>, Query, description = "Statuses of the profile, separated by commas, or `all`"),
    ("phase" = Option<String>, Query, description = "`new`, `open`, `waiting_on_customer`, `waiting_internally`, `resolved`, `closed`; separated by commas"),
    ("priority" = Option<String>, Query, description = "Priorities of the profile, separated by commas"),
    ("category" = Option<String>, Query, description = "Categories of the profile or of the list, separated by commas; also `topic`"),
    ("assignedTo" = Option<String>, Query, description = "`me`, `unassigned` or the id of an agent; also `assignee`"),
    ("customerId" = Option<uuid::Uuid>, Query, description = "Of this customer"),
    ("tag" = Option<String>, Query, description = "With this tag"),
    ("related" = Option<String>, Query, description = "About this thing of the host, as `kind:id`"),
    ("from" = Option<String>, Query, description = "Opened at or after this moment or on or after this date; also `startDate`"),
    ("to" = Option<String>, Query, description = "Opened before this moment or on or before this date; also `endDate`"),
    ("contactEmail" = Option<String>, Query, description = "For staff: of a person with this mail address, in whatever case; also `email`"),
    ("deleted" = Option<bool>, Query, description = "For admins: deleted tickets instead of those that are not"),
    ("sla" = Option<String>, Query, description = "For staff: `breached`, `at_risk` or `on_track`"),
    ("q" = Option<String>, Query, description = "Words of number, subject, tags or first message; also `search`"),
    ("sort" = Option<String>, Query, description = "`createdAt`, `-createdAt` (as without), `updatedAt` or `-updatedAt`"),
    ("page" = Option<u32>, Query, description = "From 1; at most 10,000 rows lie before the end of a page"),
    ("limit" = Option<u32>, Query, description = "Rows of a page; 20 as without"),
    ("cursor" = Option<String>, Query, description = "The `nextCursor` of an earlier answer; not together with `page`"),
), responses((status = 200, description = "The tickets", body = TicketList), ListProblems))]
pub(crate) async fn list_tickets(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    listed: Listed,
    Params(fields): Params,
) -> Answer {
    answer(&desk, &actor, &listed, fields).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_numbered_pages_end_the_cursor_goes_on() {
        let neighbours = |page, next_cursor: Option<&str>| {
            let next_cursor = next_cursor.map(str::to_owned);
            let (total, total_pages) = (None, None);
            Pagination { page, limit: 100, total, total_is_capped: false, total_pages, has_more: true, next_cursor }
                .neighbours()
        };
        let place = |name, value: &str| Some((name, value.to_owned()));
        assert_eq!(neighbours(Some(1), Some("x")), (None, place("page", "2")));
        assert_eq!(neighbours(Some(99), Some("x")), (place("page", "98"), place("page", "100")));
        assert_eq!(neighbours(Some(100), Some("x")), (place("page", "99"), place("cursor", "x")));
        assert_eq!(neighbours(Some(2), None), (place("page", "1"), None));
        assert_eq!(neighbours(None, Some("x")), (None, place("cursor", "x")));
    }
}
