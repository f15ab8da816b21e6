use crate::{
    Answer,
    auth::Caller,
    deliveries::{AttemptBody, DeliveryList, DeliveryQuery},
    extract::{Named, NoParams, Params},
    link::Listed,
    openapi::{ChangeProblems, ListProblems},
};
use axum::{Json, extract::State, response::IntoResponse as _};
use serde::Serialize;
use std::collections::BTreeMap;
use support_core::{
    desk::Desk,
    domain::{announcement::AnnouncementKind, id::WebhookId, webhook::Webhook},
};
use utoipa::ToSchema;

/// What an address can hear.
#[derive(Serialize, ToSchema)]
pub(crate) struct WebhookEventList {
    /// In the order of their names.
    events: Vec<WebhookEvent>,
}

/// Something that an address can hear of.
#[derive(Serialize, ToSchema)]
pub(crate) struct WebhookEvent {
    /// By this name.
    name: &'static str,
    /// What happened.
    description: String,
    /// Whether only an address for staff hears of it.
    #[serde(rename = "staffOnly")]
    staff_only: bool,
}

/// Lists what an address can be told, for admins
#[utoipa::path(get, path = "/webhooks/events", tag = "Webhooks",
    responses((status = 200, description = "The names", body = WebhookEventList), ListProblems))]
pub(crate) async fn list_webhook_events(State(desk): State<Desk>, Caller(actor): Caller, _: NoParams) -> Answer {
    // Whoever may see the addresses may see what they can hear.
    desk.deliveries().sinks(&actor).await?;
    let naming = desk.profile().events.naming;
    let mut events: BTreeMap<&'static str, WebhookEvent> = BTreeMap::new();
    for kind in AnnouncementKind::ALL.iter().copied().filter(|kind| *kind != AnnouncementKind::Test) {
        let (name, says) = (kind.name(naming), sentence(kind));
        let staff_only = matches!(kind, AnnouncementKind::NoteAdded | AnnouncementKind::TicketAnnotated);
        let event = WebhookEvent { name, description: says.to_owned(), staff_only };
        // Two kinds of one name are heard together.
        events
            .entry(name)
            .and_modify(|known| known.description = format!("{} {says}", known.description))
            .or_insert(event);
    }
    Ok(Json(WebhookEventList { events: events.into_values().collect() }).into_response())
}

fn sentence(kind: AnnouncementKind) -> &'static str {
    use AnnouncementKind as K;
    match kind {
        K::TicketCreated => "A ticket was opened.",
        K::TicketAssigned => "Somebody got a ticket.",
        K::TicketUnassigned => "A ticket went back into the queue.",
        K::TicketStatusChanged => "The status of a ticket moved.",
        K::TicketPriorityChanged => "The priority of a ticket changed.",
        K::ReplySent => "Staff answered.",
        K::MessageReceived => "The customer wrote.",
        K::NoteAdded => "An internal note was written.",
        K::MessageEdited => "A message was corrected.",
        K::MessageDeleted => "A message was withdrawn.",
        K::TicketResolved => "A ticket was resolved.",
        K::TicketClosed => "A ticket was closed.",
        K::TicketReopened => "A ticket was opened again.",
        K::TicketEscalated => "A ticket was escalated.",
        K::SatisfactionReceived => "The customer rated the help.",
        K::TicketUpdated => "Subject, category, tags, links, language or contact of a ticket changed.",
        K::TicketAnnotated => "What only staff know of a ticket changed.",
        K::FileAdded => "A file was added to a ticket.",
        K::FileRemoved => "A file was taken away from a ticket.",
        K::TicketMerged => "Two tickets became one.",
        K::TicketSplit => "A ticket was made of messages of another.",
        K::TicketDeleted => "A ticket was deleted.",
        K::TicketRestored => "A deleted ticket was brought back.",
        K::TicketErased => "A ticket's customer was forgotten: forget what you were told.",
        K::SlaAtRisk => "Much of the time that a ticket may take is used up.",
        K::SlaBreached => "A ticket took longer than it may.",
        K::SlaFulfilled => "A promise of time was kept or ended.",
        K::InquiryReceived => "A question was logged.",
        K::CallbackScheduled => "A call was arranged.",
        K::CallbackRescheduled => "A call was moved.",
        K::CallbackCompleted => "A call was made.",
        K::CallbackMissed => "A call was missed.",
        K::CallbackCancelled => "A call was cancelled.",
        K::ReviewRequested => "A customer was asked for a review.",
        K::ReviewSubmitted => "A review was written.",
        K::ReviewPublished => "A review was published.",
        K::ReviewRejected => "A review was rejected.",
        K::RatingProvided => "One of the ratings of a feedback was given.",
        K::FeedbackReceived => "Feedback was given.",
        K::SurveyCompleted => "A survey was answered.",
        // Kinds can come with a later core; a test holds this list against it.
        _ => "",
    }
}

/// What came of a try.
#[derive(Serialize, ToSchema)]
pub(crate) struct WebhookTested<'a> {
    /// Whether it was taken.
    delivered: bool,
    /// What was tried.
    attempt: AttemptBody<'a>,
}

/// Tells an address that somebody tries it, for admins
///
/// Now, and once: nothing is tried again.
#[utoipa::path(post, path = "/webhooks/{webhook}/test", tag = "Webhooks",
    params(("webhook" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "What came of it", body = WebhookTested), ChangeProblems))]
pub(crate) async fn test_webhook(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Named(webhook): Named<WebhookId>,
) -> Answer {
    let attempt = desk.webhooks().test(&actor, webhook).await?;
    Ok(Json(WebhookTested { delivered: attempt.error.is_none(), attempt: (&attempt).into() }).into_response())
}

/// Lists what an address was told, for admins
#[utoipa::path(get, path = "/webhooks/{webhook}/deliveries", tag = "Webhooks", params(
    ("webhook" = Uuid, Path, description = "Its id"),
    ("status" = Option<String>, Query, description = "`waiting`, `behind`, `delivered`, `dead` or `dropped`; any as without"),
    ("page" = Option<u32>, Query, description = "From 1"),
    ("limit" = Option<u32>, Query, description = "Rows of a page; 20 as without"),
), responses((status = 200, description = "The deliveries, the latest first", body = DeliveryList), ListProblems))]
pub(crate) async fn list_webhook_deliveries(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Named(webhook): Named<WebhookId>,
    listed: Listed,
    Params(fields): Params,
) -> Answer {
    let query = DeliveryQuery::read(fields, &desk, Some(Webhook::sink_of(webhook)))?;
    desk.webhooks().get(&actor, webhook).await?;
    query.answer(&desk, &actor, &listed).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_sentence() {
        for kind in AnnouncementKind::ALL.iter().filter(|kind| **kind != AnnouncementKind::Test) {
            assert!(!sentence(*kind).is_empty(), "{kind:?}");
        }
    }
}
