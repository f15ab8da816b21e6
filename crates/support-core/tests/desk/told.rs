//! What is told of a change, and to whom.

use super::*;

#[tokio::test]
async fn an_edit_is_one_change_with_an_entry_for_each_difference() {
    let Setup { desk, heard, .. } = setup(MemoryStore::new(), Profile::bookings());
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    heard.take();
    let edit = Edit {
        subject: Some("New".into()),
        tags: Some(vec!["One".into(), "one".into()]),
        priority: Some("urgent".into()),
        status: Some("in_progress".into()),
        ..Edit::default()
    };
    let ticket = desk.tickets().edit(&grace(), id, edit.clone()).await.unwrap();
    assert_eq!((ticket.version, ticket.tags.len(), ticket.status.as_str()), (2, 1, "in_progress"));
    assert_eq!(ticket.sla.policy().map(|policy| policy.name.as_str()), Some("urgent"));
    assert_eq!(names(&heard.take()), ["subject_changed", "tags_changed", "priority_changed", "status_changed"]);
    let wrong = Edit { status: Some("open".into()), subject: Some("Lost".into()), ..Edit::default() };
    let refused = desk.tickets().edit(&grace(), id, wrong).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::Transition { .. }))), "{refused:?}");
    assert_eq!(desk.tickets().get(&grace(), id).await.unwrap().ticket, ticket);
}

/// By whatever name the step goes, it is told as what it is.
#[tokio::test]
async fn endings_and_beginnings_are_told_whoever_makes_them() {
    let Setup { desk, heard, .. } = setup(MemoryStore::new(), Profile::bookings());
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    heard.take();
    for (status, fact, clocks) in [("resolved", "resolved", 2), ("closed", "closed", 0), ("reopened", "reopened", 0)] {
        let ticket = desk.tickets().set_status(&grace(), id, status, None).await.unwrap();
        let told = heard.take();
        assert_eq!(names(&told)[..2], ["status_changed", fact]);
        assert_eq!(names(&told)[2..], vec!["sla_fulfilled"; clocks], "both clocks stop with the first ending");
        assert_eq!(ticket.resolution, None);
    }
}

/// What is said at closing adds to what was said at resolving.
#[tokio::test]
async fn closing_keeps_what_resolving_said() {
    let Setup { desk, .. } = setup(MemoryStore::new(), Profile::bookings());
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    desk.tickets().resolve(&grace(), id, "Refunded").await.unwrap();
    let closing = Closing { notes: Some("Goodwill".into()), ..Closing::default() };
    let closed = desk.tickets().close(&grace(), id, closing).await.unwrap().resolution.unwrap();
    assert_eq!((closed.summary.as_str(), closed.notes.as_deref()), ("Refunded", Some("Goodwill")));
    let seen = desk.tickets().get(&ada(), id).await.unwrap().ticket.resolution.unwrap();
    assert_eq!((seen.summary.as_str(), seen.notes), ("Refunded", None), "notes are staff's");
    let again = desk.tickets().reopen(&ada(), id, None).await.unwrap();
    assert_eq!(again.resolution, None);
}

/// Of what is told, a customer may hear a part.
#[tokio::test]
async fn no_fact_tells_a_customer_what_staff_wrote() {
    let Setup { desk, .. } = setup(MemoryStore::new(), Profile::bookings());
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    let (agent, secret) = (grace(), "hush");
    desk.messages().add(&agent, id, NewMessage::note(secret)).await.unwrap();
    desk.tickets().set_status(&agent, id, "in_progress", Some(secret)).await.unwrap();
    desk.tickets().escalate(&agent, id, None, Some(secret), secret).await.unwrap();
    let metadata = serde_json::json!({ "k": secret }).as_object().cloned();
    desk.tickets().edit(&agent, id, Edit { metadata, ..Edit::default() }).await.unwrap();
    let closing = Closing { notes: Some(secret.into()), summary: Some("Done".into()), ..Closing::default() };
    desk.tickets().close(&agent, id, closing).await.unwrap();
    let events = trail(&desk, id).await;
    assert!(
        serde_json::to_string(&events.iter().map(|event| &event.fact).collect::<Vec<_>>()).unwrap().contains(secret)
    );
    let heard: Vec<Fact> = events.iter().filter_map(|event| event.fact.for_customer()).collect();
    assert!(heard.len() >= 4 && !serde_json::to_string(&heard).unwrap().contains(secret), "{heard:?}");
}

/// An edit that repeats what is so changes only the rest.
#[tokio::test]
async fn an_edit_may_name_what_is_so_already() {
    let Setup { desk, .. } = setup(MemoryStore::new(), Profile::marketplace());
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    let me =
        Some(Some(support_core::domain::actor::AgentRef { id: Uuid::from_u128(0x9ace).into(), name: String::new() }));
    let edit = Edit { status: Some("open".into()), assignee: me.clone(), ..Edit::default() };
    let held = desk.tickets().edit(&grace(), id, edit).await.unwrap();
    assert_eq!((held.status.as_str(), held.assignee.is_some()), ("open", true), "whoever names a status means it");
    desk.tickets().close(&grace(), id, Closing::default()).await.unwrap();
    let same = Edit { assignee: me, subject: Some("New".into()), ..Edit::default() };
    assert_eq!(desk.tickets().edit(&grace(), id, same).await.unwrap().subject, "New");
    let back = Edit { assignee: Some(None), ..Edit::default() };
    assert!(desk.tickets().edit(&grace(), id, back.clone()).await.is_err(), "a closed ticket is nobody's work");
    let reopened = Edit { status: Some("in_progress".into()), ..back };
    assert_eq!(desk.tickets().edit(&grace(), id, reopened).await.unwrap().assignee, None);
}

/// A customer reads `updated_at`, and sorts by it.
#[tokio::test]
async fn what_only_staff_may_know_does_not_move_the_public_time() {
    let Setup { desk, clock, .. } = setup(MemoryStore::new(), Profile::bookings());
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    desk.tickets().set_status(&grace(), id, "escalated", None).await.unwrap();
    let before = desk.tickets().get(&ada(), id).await.unwrap().ticket;
    clock.advance(TimeDelta::minutes(5));
    desk.messages().add(&grace(), id, NewMessage::note("Secret")).await.unwrap();
    desk.tickets().escalate(&grace(), id, None, None, "Secret").await.unwrap();
    let metadata = serde_json::json!({ "secret": true }).as_object().cloned();
    desk.tickets().edit(&grace(), id, Edit { metadata, ..Edit::default() }).await.unwrap();
    let after = desk.tickets().get(&ada(), id).await.unwrap().ticket;
    assert_eq!((after.updated_at, after.escalation_level), (before.updated_at, 0), "nor show itself");
    let staff = desk.tickets().get(&grace(), id).await.unwrap().ticket;
    assert_eq!((staff.escalation_level, staff.metadata.len()), (1, 1));
    let told = trail(&desk, id).await;
    assert_eq!(told.last().unwrap().at, desk.now(), "the trail knows when");
}

/// S2, "System Update": seen by both, an answer to nobody.
#[tokio::test]
async fn a_system_update_stops_no_clock() {
    use support_core::desk::messages::MessageKind;
    let Setup { desk, .. } = setup(MemoryStore::new(), Profile::import_desk());
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    let update = NewMessage { kind: MessageKind::Update, ..NewMessage::public("Ship has left Yokohama") };
    let posted = desk.messages().add(&grace(), id, update.clone()).await.unwrap();
    assert_eq!((posted.ticket.first_response_at, posted.ticket.status.as_str()), (None, "Open"));
    assert_eq!(desk.messages().list(&ada(), id, None, 9).await.unwrap().items.len(), 2);
    assert!(matches!(desk.messages().add(&ada(), id, update).await, Err(Error::Forbidden(_))));
}
