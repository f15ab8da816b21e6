//! What is told of each thing, first in one spelling for all.

use super::{Announced, AnnouncementKind, Audience, Naming};
use crate::domain::{
    callback::Callback,
    document::{Document, Kept},
    event::{Event, Fact},
    feedback::{Aspect, Feedback},
    inquiry::Inquiry,
    message::Message,
    review::Review,
    ticket::{Resolution, Ticket},
};
use serde_json::{Map, Value, json};

pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// What happened, and by what the ticket is known. Where it stands is told by what moves it alone: what is told late would
/// else mix what was with what is.
pub(super) fn of_event(
    event: &Event,
    ticket: &Ticket,
    message: Option<&Message>,
    audience: Audience,
) -> Map<String, Value> {
    let mut data = object(json!({
        "ticketId": ticket.id,
        "ticketNumber": ticket.number,
        "customerId": ticket.customer,
        "subject": ticket.subject,
        "priority": ticket.priority,
        "category": ticket.category,
    }));
    data.extend(object(of_fact(event, ticket, message)));
    if audience == Audience::Staff {
        data.extend(object(for_staff(event, ticket)));
    }
    data
}

fn summary(resolution: Option<&Resolution>) -> Option<&str> {
    resolution.map(|resolution| resolution.summary.as_str()).filter(|text| !text.is_empty())
}

fn of_fact(event: &Event, ticket: &Ticket, message: Option<&Message>) -> Value {
    let staff = event.actor.role.is_staff().then_some(event.actor.id).flatten();
    match &event.fact {
        Fact::TicketOpened { status, priority, category, source, .. } => json!({
            "status": status, "priority": priority, "category": category, "source": source, "createdAt": event.at,
        }),
        Fact::MessageAdded { message: id } | Fact::NoteAdded { message: id } => json!({
            "messageId": id,
            "message": message.filter(|message| message.deleted_at.is_none()).map(|message| &message.body),
            "authorId": event.actor.id,
            "authorRole": event.actor.role,
            "sentAt": event.at,
        }),
        Fact::StatusChanged { from, to, .. } => json!({ "from": from, "status": to, "changedAt": event.at }),
        Fact::PriorityChanged { from, to } => json!({ "from": from, "priority": to, "changedAt": event.at }),
        Fact::Assigned { from, to, .. } => json!({
            "from": from.as_ref().map(|agent| agent.id),
            "assignedTo": to.as_ref().map(|agent| agent.id),
            "assignedAt": event.at,
        }),
        Fact::Escalated { from_level, to_level, to, team, reason, .. } => json!({
            "escalatedAt": event.at, "reason": reason, "fromLevel": from_level, "level": to_level, "team": team,
            "assignedTo": to.as_ref().or(ticket.assignee.as_ref()).map(|agent| agent.id),
        }),
        Fact::Resolved { resolution } => {
            json!({ "resolvedAt": event.at, "resolution": summary(resolution.as_ref()), "advisorId": staff })
        }
        Fact::Closed { resolution } => {
            json!({ "closedAt": event.at, "resolution": summary(resolution.as_ref()), "advisorId": staff })
        }
        Fact::Reopened { reason } => json!({ "reopenedAt": event.at, "reason": reason }),
        Fact::Rated { satisfaction } => json!({
            "ratingId": event.id, "score": satisfaction.rating, "satisfied": satisfaction.satisfied,
            "feedback": satisfaction.feedback, "aspect": "support", "ratedAt": event.at,
        }),
        Fact::MessageEdited { message: id, .. } => json!({
            "messageId": id,
            "message": message.filter(|message| message.deleted_at.is_none()).map(|message| &message.body),
            "editedAt": event.at,
        }),
        Fact::MessageDeleted { message: id, .. } => json!({ "messageId": id, "deletedAt": event.at }),
        Fact::FileAdded { file, .. } | Fact::FileRemoved { file, .. } => {
            json!({ "fileId": file, "changedAt": event.at })
        }
        Fact::MergedInto { ticket: other, .. } => json!({ "mergedInto": other, "changedAt": event.at }),
        Fact::Merged { ticket: other, .. } => json!({ "mergedFrom": other, "changedAt": event.at }),
        Fact::SplitInto { ticket: other, .. } => json!({ "splitInto": other, "changedAt": event.at }),
        Fact::SplitFrom { ticket: other, .. } => json!({ "splitFrom": other, "changedAt": event.at }),
        Fact::SlaAtRisk { clock, cycle, percent, due } => {
            json!({ "clock": clock, "cycle": cycle, "percent": percent, "dueAt": due, "at": event.at })
        }
        Fact::SlaBreached { clock, cycle, due } => {
            json!({ "clock": clock, "cycle": cycle, "dueAt": due, "at": event.at })
        }
        Fact::SlaFulfilled { clock, cycle, counted, target, breached } => json!({
            "clock": clock, "cycle": cycle, "countedSeconds": counted, "targetSeconds": target, "breached": breached,
            "at": event.at,
        }),
        Fact::TagsChanged { to, .. } => json!({ "changed": "tags", "tags": to, "changedAt": event.at }),
        Fact::Adopted {} => json!({ "changed": "customer", "customerId": ticket.customer, "changedAt": event.at }),
        Fact::Deleted {} => json!({ "deletedAt": event.at }),
        Fact::Restored {} => json!({ "restoredAt": event.at }),
        // Nothing of them is left to be told.
        Fact::Erased {} => json!({ "subject": null, "category": null, "erasedAt": event.at }),
        other => json!({ "changed": other.name().trim_end_matches("_changed"), "changedAt": event.at }),
    }
}

/// What only staff may hear beside it.
fn for_staff(event: &Event, ticket: &Ticket) -> Value {
    let mut told = json!({ "actorId": event.actor.id, "actorRole": event.actor.role, "metadata": ticket.metadata });
    match &event.fact {
        Fact::StatusChanged { notes, .. } => told["notes"] = json!(notes),
        Fact::Assigned { why, .. } => told["why"] = json!(why),
        Fact::Resolved { resolution } | Fact::Closed { resolution } => {
            told["notes"] = json!(resolution.as_ref().and_then(|resolution| resolution.notes.as_ref()));
        }
        Fact::TimeSpent { minutes, billable, .. } => {
            (told["minutes"], told["billable"]) = (json!(minutes), json!(billable));
        }
        _ => {}
    }
    told
}

pub(super) fn of_thing(announced: &Announced, thing: Option<&Document>) -> Map<String, Value> {
    let mut data = Map::new();
    data.insert(own_id(announced.kind).to_owned(), json!(announced.about));
    data.insert("customerId".to_owned(), json!(announced.customer));
    let said = match announced.kind {
        AnnouncementKind::InquiryReceived => read(thing, of_inquiry),
        AnnouncementKind::CallbackScheduled
        | AnnouncementKind::CallbackRescheduled
        | AnnouncementKind::CallbackCompleted
        | AnnouncementKind::CallbackMissed
        | AnnouncementKind::CallbackCancelled => read(thing, of_callback),
        AnnouncementKind::ReviewSubmitted | AnnouncementKind::ReviewPublished | AnnouncementKind::ReviewRejected => {
            read(thing, of_review)
        }
        AnnouncementKind::FeedbackReceived => read(thing, of_feedback),
        AnnouncementKind::SurveyCompleted => read(thing, of_survey),
        AnnouncementKind::RatingProvided => {
            let aspect = announced.detail.as_deref();
            let rated = |feedback: &Feedback| {
                let given = Aspect::ALL.into_iter().find(|known| Some(known.as_str()) == aspect);
                json!({ "score": given.and_then(|aspect| feedback.ratings.get(&aspect)), "feedbackId": feedback.id })
            };
            let mut said = read(thing, rated);
            said["category"] = json!(aspect);
            said["ratingId"] = json!(announced.id);
            said
        }
        AnnouncementKind::ReviewRequested => json!({ "vehicleId": announced.detail, "purchaseId": announced.detail }),
        _ => json!({}),
    };
    data.extend(object(said));
    data
}

/// What the document's own id is called.
fn own_id(kind: AnnouncementKind) -> &'static str {
    match kind {
        AnnouncementKind::InquiryReceived => "inquiryId",
        AnnouncementKind::ReviewRequested => "requestId",
        AnnouncementKind::ReviewSubmitted | AnnouncementKind::ReviewPublished | AnnouncementKind::ReviewRejected => {
            "reviewId"
        }
        AnnouncementKind::RatingProvided => "ratingId",
        AnnouncementKind::FeedbackReceived => "feedbackId",
        AnnouncementKind::SurveyCompleted => "surveyId",
        _ => "callbackId",
    }
}

fn read<T: Kept>(thing: Option<&Document>, told: impl Fn(&T) -> Value) -> Value {
    thing.and_then(|document| document.read::<T>().ok()).map_or_else(|| json!({}), |value| told(&value))
}

fn of_inquiry(inquiry: &Inquiry) -> Value {
    json!({
        "channel": inquiry.channel, "subject": inquiry.subject, "message": inquiry.message,
        "createdAt": inquiry.created_at,
    })
}

fn of_callback(callback: &Callback) -> Value {
    json!({
        "scheduledTime": callback.slot.start, "endTime": callback.slot.end, "timeZone": callback.time_zone,
        "status": callback.status, "ticketId": callback.ticket,
        "advisorId": callback.agent.as_ref().map(|agent| agent.id),
    })
}

fn of_review(review: &Review) -> Value {
    json!({
        "rating": review.rating, "title": review.title, "comments": review.text, "purchaseId": review.purchase,
        "status": review.state, "createdAt": review.created_at,
    })
}

fn of_feedback(feedback: &Feedback) -> Value {
    let about = if feedback.ticket.is_some() { "ticket" } else { "purchase" };
    json!({
        "type": about, "message": feedback.comments, "ticketId": feedback.ticket, "purchaseId": feedback.purchase,
        "nps": feedback.nps, "submittedAt": feedback.submitted_at,
    })
}

fn of_survey(feedback: &Feedback) -> Value {
    let rating = |(aspect, stars): (&Aspect, &u8)| json!({ "question": aspect.as_str(), "answer": stars });
    let mut responses: Vec<Value> = feedback.ratings.iter().map(rating).collect();
    responses.push(json!({ "question": "nps", "answer": feedback.nps }));
    responses.extend(feedback.comments.as_ref().map(|text| json!({ "question": "comments", "answer": text })));
    json!({ "responses": responses, "ticketId": feedback.ticket, "submittedAt": feedback.submitted_at })
}

/// The payload as the naming spells it, with the names that its document has for some things.
pub(super) fn spelled(kind: AnnouncementKind, mut data: Map<String, Value>, naming: Naming) -> Map<String, Value> {
    let also = |data: &mut Map<String, Value>, from: &str, to: &str| {
        if let Some(value) = data.get(from).cloned() {
            data.insert(to.to_owned(), value);
        }
    };
    match naming {
        Naming::Pascal => {
            match kind {
                AnnouncementKind::TicketCreated => also(&mut data, "subject", "issue"),
                AnnouncementKind::ReplySent => {
                    also(&mut data, "messageId", "responseId");
                    also(&mut data, "authorId", "advisorId");
                }
                // S0 has one word for both: what a rating is about, and what a ticket is.
                AnnouncementKind::SatisfactionReceived => also(&mut data, "aspect", "category"),
                _ => {}
            }
            data
        }
        Naming::Dotted => {
            also(&mut data, "customerId", "userId");
            data.into_iter().map(|(field, value)| (snake(&field), value)).collect()
        }
    }
}

fn snake(field: &str) -> String {
    let mut spelled = String::with_capacity(field.len() + 4);
    for c in field.chars() {
        if c.is_ascii_uppercase() {
            spelled.push('_');
        }
        spelled.push(c.to_ascii_lowercase());
    }
    spelled
}
