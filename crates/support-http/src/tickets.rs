//! Tickets over HTTP.

mod assign;
mod close;
mod delete;
mod edit;
mod escalate;
mod links;
mod list;
mod open;
mod read;
mod status;
mod watch;

pub(crate) use list::{TicketList, answer, faults_of_list};

use crate::App;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of tickets, for everybody whom the desk lets.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(open::open_ticket, list::list_tickets))
        .routes(routes!(read::read_ticket, edit::edit_ticket, delete::delete_ticket))
        .routes(routes!(delete::restore_ticket))
        .routes(routes!(watch::watch_ticket))
        .routes(routes!(watch::unwatch_ticket))
        .routes(routes!(read::read_sla))
        .routes(routes!(assign::assign_ticket))
        .routes(routes!(assign::claim_ticket))
        .routes(routes!(assign::unassign_ticket))
        .routes(routes!(status::set_status))
        .routes(routes!(status::set_priority))
        .routes(routes!(close::resolve_ticket))
        .routes(routes!(close::close_ticket))
        .routes(routes!(close::reopen_ticket))
        .routes(routes!(close::rate_ticket))
        .routes(routes!(escalate::escalate_ticket))
}

/// Those of them that S3 lists under `/agent`.
pub(crate) fn staff_routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list_tickets))
        .routes(routes!(edit::edit_ticket))
        .routes(routes!(escalate::escalate_ticket))
}
