use super::{ADA, Setup, ada, customer, joan, setup_with};
use chrono::TimeDelta;
use serde_json::{Value, json};
use support_core::{
    desk::{
        tickets::{NewTicket, Page},
        workers::Job,
    },
    domain::{
        actor::Actor,
        profile::Profile,
        ticket::{NewReach, Opening, Sort, TicketFilter, TicketSummary},
    },
    ports::intake::{Incoming, Intake, Taken},
};

fn setup() -> Setup {
    setup_with(Profile::after_sales(), |builder| builder)
}

fn message(id: &str, name: &str, body: &Value) -> Incoming {
    Incoming { id: id.into(), name: name.into(), body: body.to_string().into_bytes() }
}

async fn tickets(setup: &Setup, actor: &Actor) -> Vec<TicketSummary> {
    setup.desk.tickets().list(actor, TicketFilter::default(), Sort::default(), Page::first(50)).await.unwrap().tickets
}

fn issue() -> Value {
    json!({ "event": "order.issue", "timestamp": "2024-01-15T10:30:00Z", "data": {
        "user_id": customer(ADA), "order_id": "O-77", "description": "It never came", "priority": "high",
        "category": "delivery",
    }})
}

#[tokio::test]
async fn a_problem_with_an_order_becomes_one_ticket() {
    let setup = setup();
    let incoming = message("m-1", "order.issue", &issue());
    assert_eq!(setup.desk.take(&incoming).await, Ok(Taken::Done));
    assert_eq!(setup.desk.take(&incoming).await, Ok(Taken::Repeated));
    let own = tickets(&setup, &ada()).await;
    assert_eq!(own.len(), 1);
    assert_eq!((own[0].subject.as_str(), own[0].priority.as_str()), ("Problem with order O-77", "high"));
    let detail = setup.desk.tickets().get(&joan(), own[0].id).await.unwrap();
    assert_eq!(
        (detail.ticket.related[0].kind.as_str(), detail.messages.items[0].body.as_str()),
        ("order", "It never came")
    );
    assert_eq!(setup.desk.take(&message("m-2", "order.issue", &issue())).await, Ok(Taken::Done));
    assert_eq!(tickets(&setup, &ada()).await.len(), 2);
    setup.advance(TimeDelta::days(31));
    setup.tick(Job::Housekeeping).await;
    assert_eq!(setup.desk.take(&incoming).await, Ok(Taken::Done), "nobody sends a message again after a month");
}

#[tokio::test]
async fn of_many_at_once_one_is_acted_upon() {
    let setup = setup();
    let incoming = message("m-1", "order.issue", &issue());
    let all = (0..8).map(|_| {
        let (desk, incoming) = (setup.desk.clone(), incoming.clone());
        tokio::spawn(async move { desk.take(&incoming).await.unwrap() })
    });
    let mut done = 0;
    for one in all.collect::<Vec<_>>() {
        done += u32::from(one.await.unwrap() == Taken::Done);
    }
    assert_eq!((done, tickets(&setup, &ada()).await.len()), (1, 1));
}

#[tokio::test]
async fn a_priority_that_nobody_knows_keeps_nobody_from_being_helped() {
    let setup = setup();
    let body = json!({ "userId": customer(ADA), "productId": 12, "message": "Broken", "priority": "P0" });
    assert_eq!(setup.desk.take(&message("m", "product.issue_reported", &body)).await, Ok(Taken::Done));
    let own = tickets(&setup, &ada()).await;
    assert_eq!((own[0].subject.as_str(), own[0].priority.as_str()), ("Problem with product 12", "normal"));
}

#[tokio::test]
async fn poison_is_named() {
    let setup = setup();
    let poison = async |name: &str, body: &[u8]| {
        let incoming = Incoming { id: "x".into(), name: name.into(), body: body.to_vec() };
        match setup.desk.take(&incoming).await {
            Ok(Taken::Poison(why)) => why,
            other => panic!("{other:?}"),
        }
    };
    assert!(poison("order.issue", b"{").await.contains("JSON"));
    let why = poison("order.issue", b"{}").await;
    assert!(why.contains("user_id") && why.contains("order_id") && why.contains("description"), "{why}");
    assert!(poison("order.issue", br#"{"user_id": 12, "order_id": 1, "description": "x"}"#).await.contains("UUID"));
    assert!(poison("user.registered", b"{}").await.contains("email"));
    assert!(poison("order.issue", &vec![b' '; 300_000]).await.contains("longer"));
    let other = message("y", "order.paid", &json!({}));
    assert_eq!(setup.desk.take(&other).await, Ok(Taken::Ignored));
    assert!(tickets(&setup, &joan()).await.is_empty());
}

async fn open_without_an_account(setup: &Setup, email: &str, n: u32) -> (String, support_core::domain::id::TicketId) {
    let opening = Opening {
        subject: format!("Guest {n}"),
        message: "Help".into(),
        reach: NewReach { email: Some(email.into()), phone: None },
        ..Opening::default()
    };
    let opened = setup.desk.public().open("Ada", opening).await.unwrap();
    (opened.token.as_str().to_owned(), opened.posted.ticket.id)
}

fn registered(id: &str, verified: bool) -> Incoming {
    let body = json!({ "data": {
        "user_id": customer(ADA), "email": "ADA@example.org", "email_verified": verified, "name": "Ada L.",
    }});
    message(id, "user.registered", &body)
}

/// Tickets that were opened with an address go to whoever has shown that it is theirs, and to nobody else.
#[tokio::test]
async fn tickets_go_to_whoever_has_shown_that_an_address_is_theirs() {
    let setup = setup();
    let mut opened = Vec::new();
    for n in 0..45 {
        opened.push(open_without_an_account(&setup, "ada@example.org", n).await);
    }
    open_without_an_account(&setup, "eve@example.org", 99).await;
    // Somebody with an account who gave that address as their own.
    let opening = Opening {
        subject: "Not hers".into(),
        message: "x".into(),
        reach: NewReach { email: Some("ada@example.org".into()), phone: None },
        ..Opening::default()
    };
    let new = NewTicket { opening, customer: None, customer_name: None };
    setup.desk.tickets().open(&super::eve(), new).await.unwrap();

    assert_eq!(setup.desk.take(&registered("r-1", false)).await, Ok(Taken::Done));
    assert!(tickets(&setup, &ada()).await.is_empty(), "the address may be anybody's");
    let (token, id) = opened[0].clone();
    setup.desk.public().enter(id, &token).await.unwrap();

    assert_eq!(setup.desk.take(&registered("r-2", true)).await, Ok(Taken::Done));
    let own = tickets(&setup, &ada()).await;
    assert_eq!(own.len(), 45);
    assert!(own.iter().all(|row| row.subject.starts_with("Guest") && row.subject != "Guest 99"));
    assert!(setup.desk.public().enter(id, &token).await.is_err(), "what opened it opens nothing any more");
    assert_eq!(setup.desk.take(&registered("r-2", true)).await, Ok(Taken::Repeated));
    let trail = setup.desk.events().list(&joan(), id, None, 50).await.unwrap();
    assert_eq!(trail.items.last().unwrap().fact.name(), "adopted");
    setup.desk.people().erase(&joan(), customer(ADA)).await.unwrap();
    assert!(tickets(&setup, &ada()).await.is_empty());
}
