//! What people were told inside the application, and how they want to be told, over HTTP.

mod prefer;

use crate::{
    Answer, App,
    auth::Caller,
    extract::{Named, NoParams, Params, paging},
    link::Listed,
    openapi::{ChangeProblems, ListProblems, ReadProblems},
    problem::Problem,
    wire::{Moment, page::NumberedPage},
};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse as _};
use serde::Serialize;
use serde_json::{Map, Value};
use support_core::{
    desk::{Desk, notifications::InboxItem},
    domain::{
        fault::Fault,
        id::{NotificationId, TicketId},
        notification::NotificationState,
    },
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

/// The routes of notifications.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_notifications))
        .routes(routes!(count_unread_notifications))
        .routes(routes!(read_notification))
        .routes(routes!(read_all_notifications))
        .routes(routes!(prefer::read_preferences, prefer::prefer))
}

/// Something that somebody was told.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Notification)]
pub(crate) struct NotificationBody<'a> {
    /// Its id.
    id: Uuid,
    /// What it is about, such as `reply_sent`.
    topic: &'static str,
    /// When it happened.
    at: Moment,
    /// Whether they have read it.
    is_read: bool,
    /// When.
    read_at: Option<Moment>,
    /// On which ticket; none where it is not theirs to see any more.
    ticket_id: Option<Uuid>,
    /// What people call that.
    ticket_number: Option<&'a str>,
    /// What it is about, in one line.
    subject: Option<&'a str>,
    /// Who wrote or did it, where that may be known.
    actor: Option<&'a str>,
    /// What was written.
    text: Option<&'a str>,
    /// What else there is to say, by topic.
    #[schema(value_type = Object)]
    data: Map<String, Value>,
}

impl<'a> From<&'a InboxItem> for NotificationBody<'a> {
    fn from(InboxItem { notification, story }: &'a InboxItem) -> Self {
        let read = match &notification.state {
            NotificationState::Told { read, .. } => *read,
            NotificationState::Due { .. } | NotificationState::Failed { .. } => None,
        };
        let mut data = story.data.clone();
        // What opens a ticket goes to the address that was given with it, and nowhere else.
        data.remove("token");
        Self {
            id: notification.id.uuid(),
            topic: notification.topic.as_str(),
            at: Moment(story.at),
            is_read: read.is_some(),
            read_at: read.map(Moment),
            ticket_id: story.ticket.map(TicketId::uuid),
            ticket_number: story.number.as_deref(),
            subject: story.subject.as_deref(),
            actor: story.actor.as_deref(),
            text: story.text.as_deref(),
            data,
        }
    }
}

/// A page of an inbox.
#[derive(Serialize, ToSchema)]
pub(crate) struct NotificationList<'a> {
    /// The latest first.
    notifications: Vec<NotificationBody<'a>>,
    /// Where the page stands.
    pagination: NumberedPage,
}

fn flag(field: &str, word: &str) -> Result<bool, Fault> {
    word.parse().map_err(|_| Fault::unknown(field, word, ["true", "false"]))
}

/// Lists what one was told
#[utoipa::path(get, path = "/notifications", tag = "Notifications", params(
    ("unread" = Option<bool>, Query, description = "Only what was not read"),
    ("page" = Option<u32>, Query, description = "From 1"),
    ("limit" = Option<u32>, Query, description = "Rows of a page; 20 as without"),
), responses((status = 200, description = "The inbox", body = NotificationList), ListProblems))]
pub(crate) async fn list_notifications(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    listed: Listed,
    Params(mut fields): Params,
) -> Answer {
    let unread = fields.field(&["unread", "unreadOnly"]).checked(flag).unwrap_or(false);
    let paging = paging(&mut fields, &desk);
    fields.end_of_query().map_err(Problem::parameters)?;
    let page = desk.notifications().inbox(&actor, unread, paging).await.map_err(Problem::of_query)?;
    let pagination = NumberedPage::new(paging, page.total);
    let links = pagination.links(&listed);
    let notifications = page.items.iter().map(NotificationBody::from).collect();
    Ok((links, Json(NotificationList { notifications, pagination })).into_response())
}

/// How much of an inbox is unread.
#[derive(Serialize, ToSchema)]
pub(crate) struct UnreadNotifications {
    /// So many.
    count: u64,
}

/// Counts what one was told and has not read
#[utoipa::path(get, path = "/notifications/unread-count", tag = "Notifications",
    responses((status = 200, description = "The count", body = UnreadNotifications), ReadProblems))]
pub(crate) async fn count_unread_notifications(State(desk): State<Desk>, Caller(actor): Caller, _: NoParams) -> Answer {
    let count = desk.notifications().unread(&actor).await?;
    Ok(Json(UnreadNotifications { count }).into_response())
}

/// Marks something that one was told as read
#[utoipa::path(post, path = "/notifications/{notification}/read", tag = "Notifications",
    params(("notification" = Uuid, Path, description = "Its id")),
    responses((status = 204, description = "It is"), ChangeProblems))]
pub(crate) async fn read_notification(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Named(notification): Named<NotificationId>,
) -> Answer {
    desk.notifications().read(&actor, notification).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What was marked as read.
#[derive(Serialize, ToSchema)]
pub(crate) struct AllRead {
    /// How many were.
    read: u64,
    /// How many are left.
    count: u64,
}

/// The most rounds of one request; whoever has more unread asks again.
const ROUNDS: u32 = 25;

/// Marks everything that one was told as read
///
/// Some thousands at most; `count` says what is left.
#[utoipa::path(post, path = "/notifications/read-all", tag = "Notifications",
    responses((status = 200, description = "What is left", body = AllRead), ChangeProblems))]
pub(crate) async fn read_all_notifications(State(desk): State<Desk>, Caller(actor): Caller) -> Answer {
    let mut read = 0;
    for _ in 0..ROUNDS {
        match desk.notifications().read_all(&actor).await? {
            0 => break,
            some => read += u64::from(some),
        }
    }
    let count = desk.notifications().unread(&actor).await?;
    Ok(Json(AllRead { read, count }).into_response())
}
