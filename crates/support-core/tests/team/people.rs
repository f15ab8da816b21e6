use super::*;
use support_core::{
    desk::Error,
    domain::{
        actor::AgentRef,
        catalogue::{Item, ItemKind, SavedView},
        stats::Range,
        ticket::{NewReach, TicketFilter},
    },
    ports::{
        messages::{MessageQuery, MessageStore as _},
        tickets::TicketStore as _,
    },
};

async fn a_life(team: &Team) -> TicketId {
    let mut ticket = parcel().tag("MARK-tag").related("order", "MARK-order");
    ticket.opening.reach = NewReach { email: Some("MARK@example.org".into()), phone: Some("+44 20 7946 0018".into()) };
    ticket.opening.metadata.insert("browser".into(), "MARK-metadata".into());
    let id = team.open(ticket).await.id;
    team.desk.tickets().claim(&agent(1), id).await.unwrap();
    team.desk.messages().add(&agent(1), id, NewMessage::public("Dear MARK-reply")).await.unwrap();
    team.desk.messages().add(&agent(1), id, NewMessage::note("MARK-note")).await.unwrap();
    team.desk.tickets().escalate(&agent(1), id, None, None, "MARK-reason").await.unwrap();
    team.desk.tickets().resolve(&admin(), id, "MARK-resolution").await.unwrap();
    team.desk.tickets().rate(&ada(), id, 5, Some("MARK-feedback")).await.unwrap();
    id
}

#[tokio::test]
async fn an_export_holds_all_that_its_customer_may_read_and_no_note() {
    let team = Team::new(Profile::bookings());
    let id = a_life(&team).await;
    let other = Actor::customer(Uuid::from_u128(0xe4e), "Eve");
    team.desk.tickets().open(&other, parcel()).await.unwrap();
    let export = team.desk.people().export(&ada(), ada().customer_id().unwrap()).await.unwrap();
    assert_eq!(export.tickets.iter().map(|exported| exported.ticket.id).collect::<Vec<_>>(), [id]);
    let text = format!("{export:?}");
    for there in ["MARK@example.org", "MARK-reply", "mark-tag", "MARK-order", "MARK-resolution", "MARK-feedback"] {
        assert!(text.contains(there), "{there}");
    }
    for hidden in ["MARK-note", "MARK-reason", "MARK-metadata"] {
        assert!(!text.contains(hidden), "{hidden}");
    }
    let by_admin = team.desk.people().export(&admin(), ada().customer_id().unwrap()).await.unwrap();
    assert_eq!(by_admin, export);
    for (who, whom) in [(&other, &ada()), (&agent(1), &ada())] {
        let refused = team.desk.people().export(who, whom.customer_id().unwrap()).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))));
    }
}

#[tokio::test]
async fn an_erasure_leaves_tickets_and_figures_and_nothing_of_the_person() {
    let team = Team::new(Profile::bookings());
    let id = a_life(&team).await;
    let before = team.desk.stats().report(&admin(), Range::ALWAYS, None).await.unwrap();
    let (number, created_at) = {
        let ticket = team.ticket(id).await;
        (ticket.number, ticket.created_at)
    };
    for refused in [&ada(), &agent(1)] {
        let refused = team.desk.people().erase(refused, ada().customer_id().unwrap()).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))));
    }
    let forgotten = team.desk.people().erase(&admin(), ada().customer_id().unwrap()).await.unwrap();
    assert_eq!(forgotten.tickets, 1);
    let after = team.desk.stats().report(&admin(), Range::ALWAYS, None).await.unwrap();
    assert_eq!(after, before);
    let ticket = team.ticket(id).await;
    assert_eq!((ticket.number.clone(), ticket.created_at, ticket.customer), (number, created_at, forgotten.pseudonym));
    let messages = MessageQuery { ticket: id, internal: true, after: None, limit: 100 };
    let everything = format!("{ticket:?} {:?} {:?}", team.store.messages(&messages).await, team.trail(id).await);
    let own = ada().customer_id().unwrap().to_string();
    for gone in ["MARK", "mark-tag", "Ada", own.as_str(), "No parcel", "Monday"] {
        assert!(!everything.contains(gone), "{gone} is in {everything}");
    }
    assert!(everything.contains("Agent 1"), "the trail still says what staff did");
    assert!(team.trail(id).await.iter().any(|event| matches!(event.fact, Fact::Erased {})));
    let theirs = team.desk.tickets().count(&ada(), TicketFilter::default(), 10).await.unwrap();
    assert_eq!(theirs, 0);
    assert_eq!(team.desk.people().erase(&admin(), ada().customer_id().unwrap()).await.unwrap().tickets, 0, "again");
    assert!(team.store.ticket(id).await.unwrap().is_some());
}

#[tokio::test]
async fn a_category_that_somebody_typed_goes_and_one_of_the_desk_stays() {
    let team = Team::new(Profile::after_sales());
    let typed = team.open(parcel().category("Ada's divorce")).await.id;
    let category = support_core::domain::catalogue::Category {
        slug: "billing".into(),
        name: "Billing".into(),
        description: String::new(),
        is_active: true,
        priority: None,
        sla: None,
    };
    let item = support_core::domain::catalogue::Item::Category(category);
    team.desk.catalogue().add(&admin(), item).await.unwrap();
    let known = team.open(parcel().category("billing")).await.id;
    team.desk.people().erase(&admin(), ada().customer_id().unwrap()).await.unwrap();
    assert_eq!(team.ticket(typed).await.category, None);
    assert!(!format!("{:?}", team.trail(typed).await).contains("divorce"));
    assert_eq!(team.ticket(known).await.category, Some("billing".into()));
}

#[tokio::test]
async fn saved_views_that_name_the_person_go_with_them() {
    let team = Team::new(Profile::bookings());
    a_life(&team).await;
    let own = ada().customer_id().unwrap().to_string().to_uppercase();
    let searches = [
        ("theirs", "customerId", own.as_str()),
        ("of ADA", "status", "open"),
        ("by mail", "contactEmail", "mark@example.org"),
        ("by phone", "q", "call +44 20 7946 0018"),
        ("Canada", "q", "Adamant"),
    ];
    for (name, key, value) in searches {
        let owner = AgentRef { id: agent(1).agent_id().unwrap(), name: "Agent 1".into() };
        let query = [(key.to_owned(), value.to_owned())].into();
        let view = SavedView { name: name.into(), owner, shared: false, query };
        team.desk.catalogue().add(&agent(1), Item::SavedView(view)).await.unwrap();
    }
    team.desk.people().erase(&admin(), ada().customer_id().unwrap()).await.unwrap();
    let left = team.desk.catalogue().list(&agent(1), ItemKind::SavedView).await.unwrap();
    let names: Vec<String> = left.iter().map(|entry| entry.item.key()).collect();
    assert!(matches!(names.as_slice(), [only] if only.ends_with("/canada")), "{names:?}");
}
