//! What a ticket goes through, and what the host decides.

use super::*;

/// S1, workflow example 1, from first message to rating.
#[tokio::test]
async fn a_ticket_from_first_message_to_rating() {
    let Setup { desk, clock, heard } = setup(MemoryStore::new(), Profile::bookings());
    let opened =
        desk.tickets().open(&ada(), NewTicket::new("Cannot pay", "Card refused").category("payment")).await.unwrap();
    let id = opened.ticket.id;
    assert_eq!((opened.ticket.status.as_str(), opened.ticket.priority.as_str()), ("open", "high"));
    assert_eq!(opened.ticket.number, "TKT-1767603600-000001");
    clock.advance(TimeDelta::minutes(5));
    assert_eq!(desk.tickets().claim(&grace(), id).await.unwrap().status.as_str(), "assigned");
    clock.advance(TimeDelta::minutes(5));
    let reply = desk.messages().add(&grace(), id, NewMessage::public("Which card?")).await.unwrap();
    assert_eq!(reply.ticket.status.as_str(), "in_progress");
    assert_eq!(reply.ticket.first_response_at, Some(desk.now()));
    desk.tickets().set_status(&grace(), id, "waiting_customer", Some("Asked for the card")).await.unwrap();
    clock.advance(TimeDelta::hours(10));
    let answer = desk.messages().add(&ada(), id, NewMessage::public("The blue one")).await.unwrap();
    assert_eq!(answer.ticket.status.as_str(), "in_progress");
    clock.advance(TimeDelta::minutes(10));
    desk.tickets().resolve(&grace(), id, "The bank was down").await.unwrap();
    let closed = desk.tickets().close(&grace(), id, Closing::default()).await.unwrap();
    assert_eq!(closed.resolution.as_ref().map(|resolution| resolution.summary.as_str()), Some("The bank was down"));
    let rated = desk.tickets().rate(&ada(), id, 5, Some("Quick")).await.unwrap();
    assert_eq!(rated.satisfaction.and_then(|satisfaction| satisfaction.rating), Some(5));

    let report = desk.tickets().sla(&closed);
    assert!(!report.is_breached(), "ten hours of waiting do not count: {report:?}");
    let events = trail(&desk, id).await;
    let expected = [
        "ticket_opened",
        "assigned",
        "status_changed",
        "message_added",
        "status_changed",
        "sla_fulfilled",
        "status_changed",
        "message_added",
        "status_changed",
        "status_changed",
        "resolved",
        "sla_fulfilled",
        "status_changed",
        "closed",
        "rated",
    ];
    assert_eq!(names(&events), expected);
    assert_eq!(events, heard.take(), "what is told is what is kept");
    assert_eq!(events[2].cause, Cause::Hook(HookName::OnAssign));
    let Fact::StatusChanged { from, to, notes } = &events[6].fact else { panic!() };
    assert_eq!(
        (from.as_str(), to.as_str(), notes.as_deref()),
        ("in_progress", "waiting_customer", Some("Asked for the card"))
    );
    assert_eq!(events[6].actor, grace().signature());
}

/// S1, workflow examples 2 and 3.
#[tokio::test]
async fn escalation_and_reopening_keep_their_history() {
    let Setup { desk, .. } = setup(MemoryStore::new(), Profile::bookings());
    let id = desk.tickets().open(&ada(), NewTicket::new("Hard", "Very")).await.unwrap().ticket.id;
    desk.tickets().claim(&grace(), id).await.unwrap();
    let senior = Uuid::from_u128(0x5e).into();
    let up =
        desk.tickets().escalate(&grace(), id, Some(senior), Some("technical"), "Needs a specialist").await.unwrap();
    assert_eq!((up.escalation_level, up.status.as_str(), up.team.as_deref()), (1, "escalated", Some("technical")));
    assert_eq!(up.assignee.as_ref().map(|agent| agent.id), Some(senior));
    let hedy = Actor::agent(senior.uuid(), "Hedy");
    desk.tickets().close(&hedy, id, Closing { summary: Some("Fixed".into()), ..Closing::default() }).await.unwrap();
    let again = desk.tickets().reopen(&ada(), id, Some("Still there")).await.unwrap();
    assert_eq!(again.status.as_str(), "reopened");
    assert_eq!(again.assignee.map(|agent| agent.id), Some(senior), "back to who had it");
    assert_eq!((again.resolved_at, again.closed_at), (None, None));
    let events = trail(&desk, id).await;
    let history: Vec<_> = events
        .iter()
        .filter_map(|event| match &event.fact {
            Fact::Escalated { from_level, to_level, reason, .. } => Some((*from_level, *to_level, reason.as_str())),
            _ => None,
        })
        .collect();
    assert_eq!(history, [(0, 1, "Needs a specialist")]);
    assert!(names(&events).ends_with(&["status_changed", "reopened"]));
}

#[tokio::test]
async fn levels_end_at_the_highest() {
    let Setup { desk, .. } = setup(MemoryStore::new(), Profile::bookings());
    let id = desk.tickets().open(&ada(), NewTicket::new("Hard", "Very")).await.unwrap().ticket.id;
    for level in 1..=5 {
        let ticket = desk.tickets().escalate(&grace(), id, None, None, "Up").await.unwrap();
        assert_eq!(ticket.escalation_level, level);
    }
    let over = desk.tickets().escalate(&grace(), id, None, None, "Up").await;
    assert!(matches!(over, Err(Error::Refused(Refusal::State(_)))), "{over:?}");
}

/// S0: satisfaction as yes or no, given with the closing, once.
#[tokio::test]
async fn a_customer_closes_with_an_opinion_once() {
    let Setup { desk, .. } = setup(MemoryStore::new(), Profile::vehicle_retail());
    let id =
        desk.tickets().open(&ada(), NewTicket::new("Papers", "Where?").category("documents")).await.unwrap().ticket.id;
    let closing = CustomerClosing { satisfied: Some(true), feedback: Some("Kind".into()) };
    let closed = desk.tickets().close_as_customer(&ada(), id, closing.clone()).await.unwrap();
    assert_eq!(closed.satisfaction.unwrap().satisfied, Some(true));
    let rated = desk.tickets().rate(&ada(), id, 3, None).await;
    assert!(matches!(rated, Err(Error::Refused(Refusal::State(_)))), "once: {rated:?}");

    let reopened = desk.tickets().reopen(&ada(), id, None).await.unwrap();
    assert_eq!(reopened.satisfaction.unwrap().satisfied, Some(true), "it was said of the ticket");
    desk.tickets().resolve(&Actor::system("test"), id, "Found").await.unwrap();
    let rated = desk.tickets().rate(&ada(), id, 1, None).await;
    assert!(matches!(rated, Err(Error::Refused(Refusal::State(_)))), "once, whatever happens in between: {rated:?}");
    let again = desk.tickets().close_as_customer(&ada(), id, closing).await.unwrap();
    assert_eq!(again.status.as_str(), "closed", "a second opinion is no reason to stay open");
    let said = again.satisfaction.unwrap();
    assert_eq!((said.rating, said.satisfied), (None, Some(true)));
}

#[tokio::test]
async fn all_faults_come_at_once_and_nothing_is_kept() {
    let store = MemoryStore::new();
    let Setup { desk, heard, .. } = setup(store.clone(), Profile::bookings());
    let mut new = NewTicket::new(" ", "x".repeat(20_001)).category("nonsense").priority("asap").tag("");
    new.opening.metadata = serde_json::from_value(serde_json::json!({ "big": "x".repeat(20_000) })).unwrap();
    new.customer = Some(Uuid::from_u128(5).into());
    let Err(Error::Refused(Refusal::Invalid(faults))) = desk.tickets().open(&ada(), new).await else { panic!() };
    let fields: Vec<_> = faults.0.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(fields, ["customerId", "subject", "description", "category", "priority", "tags.0", "metadata"]);
    assert_eq!(faults.0[4].allowed, ["low", "medium", "high", "urgent"]);
    assert!(heard.take().is_empty());
    let all = desk.tickets().count(&Actor::system("test"), TicketFilter::default(), 9).await.unwrap();
    assert_eq!(all, 0);
}

#[tokio::test]
async fn the_hosts_directory_decides_what_exists() {
    let ada_id = Uuid::from_u128(0xada).into();
    let directory = MemoryDirectory::new()
        .with_customer(ada_id, "Ada Lovelace", Some("vip"))
        .with_agent(Uuid::from_u128(0x9ace).into(), "Grace Hopper")
        .with_related(ada_id, "order", "A-1", Some("Two tyres"));
    let desk = Desk::builder(MemoryStore::new()).profile(Profile::marketplace()).directory(directory).build().unwrap();
    let new = NewTicket::new("Tyres", "Flat").related("order", "A-1").related("chat", "c-7");
    let ticket = desk.tickets().open(&ada(), new).await.unwrap().ticket;
    assert_eq!((ticket.customer_name.as_str(), ticket.priority.as_str()), ("Ada Lovelace", "high"), "tier vip");
    assert_eq!(ticket.related[0].label.as_deref(), Some("Two tyres"));

    let foreign = desk.tickets().open(&ada(), NewTicket::new("Tyres", "Flat").related("order", "A-2")).await;
    let Err(Error::Refused(Refusal::Invalid(faults))) = foreign else { panic!("{foreign:?}") };
    assert_eq!(faults.0[0].field, "related.0.id");
    let admin = Actor::admin(Uuid::from_u128(21), "Joan");
    let nobody = desk.tickets().assign(&admin, ticket.id, Uuid::from_u128(404).into()).await;
    assert!(matches!(nobody, Err(Error::Refused(Refusal::Invalid(_)))), "{nobody:?}");
    let given = desk.tickets().assign(&admin, ticket.id, Uuid::from_u128(0x9ace).into()).await.unwrap();
    assert_eq!(given.assignee.unwrap().name, "Grace Hopper");
    let unknown = desk.tickets().open(&admin, NewTicket::new("a", "b").customer(Uuid::from_u128(404).into())).await;
    assert!(matches!(unknown, Err(Error::Refused(Refusal::Invalid(_)))), "{unknown:?}");
}

/// What a link is looked up as is what is kept.
#[tokio::test]
async fn a_link_cannot_hide_behind_a_space() {
    let other = Uuid::from_u128(9).into();
    let directory = MemoryDirectory::new().with_related(other, "order", "B-7", None);
    let desk = Desk::builder(MemoryStore::new()).profile(Profile::bookings()).directory(directory).build().unwrap();
    for (kind, number) in [("order", "B-7"), ("order ", "B-7"), (" order", " B-7")] {
        let refused = desk.tickets().open(&ada(), NewTicket::new("a", "b").related(kind, number)).await;
        assert!(matches!(refused, Err(Error::Refused(Refusal::Invalid(_)))), "{kind:?}: {refused:?}");
    }
}

#[test]
fn an_invalid_profile_does_not_start() {
    let mut profile = Profile::bookings();
    profile.priorities.default = "none".into();
    let error = Desk::builder(MemoryStore::new()).profile(profile).build().unwrap_err();
    assert!(error.to_string().contains("priorities.default"), "{error}");
}

/// Until it is opened again; staff may still write down what they know.
#[tokio::test]
async fn a_closed_ticket_takes_no_message() {
    let Setup { desk, .. } = setup(MemoryStore::new(), Profile::bookings());
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    desk.tickets().close(&grace(), id, Closing::default()).await.unwrap();
    for actor in [ada(), grace()] {
        let refused = desk.messages().add(&actor, id, NewMessage::public("Hello?")).await;
        assert!(matches!(refused, Err(Error::Refused(Refusal::State(_)))), "{refused:?}");
    }
    desk.messages().add(&grace(), id, NewMessage::note("For next time")).await.unwrap();
    desk.tickets().reopen(&ada(), id, None).await.unwrap();
    desk.messages().add(&ada(), id, NewMessage::public("Hello!")).await.unwrap();
}

/// Whatever else an address may be, in the reader's page it would run.
#[tokio::test]
async fn attachments_are_web_addresses() {
    let Setup { desk, .. } = setup(MemoryStore::new(), Profile::bookings());
    let with = |url: &str| {
        let mut new = NewTicket::new("a", "b");
        new.opening.message.attachments = vec![Attachment { url: url.to_owned(), name: String::new() }];
        new
    };
    for url in ["javascript:alert(1)", "data:text/html,x", "ftp://x/y", "//x/y", "https://", "http://a b", " ", "x"] {
        let refused = desk.tickets().open(&ada(), with(url)).await;
        let Err(Error::Refused(Refusal::Invalid(faults))) = refused else { panic!("{url}: {refused:?}") };
        assert_eq!(faults.0[0].field, "attachments.0.url", "{url}");
    }
    for url in ["https://example.org/a.png", "HTTP://example.org"] {
        desk.tickets().open(&ada(), with(url)).await.unwrap();
    }
}
