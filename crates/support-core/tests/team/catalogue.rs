use super::*;
use support_core::{
    desk::Error,
    domain::{
        actor::AgentRef,
        agent::AgentEdit,
        catalogue::{CannedResponse, Category, Item, ItemKind, SavedView},
        fault::Refusal,
        sla::Targets,
        ticket::Edit,
    },
};

fn category(slug: &str) -> Category {
    Category {
        slug: slug.into(),
        name: "Payouts".into(),
        description: String::new(),
        is_active: true,
        priority: None,
        sla: None,
    }
}

fn response(body: &str) -> Item {
    Item::CannedResponse(CannedResponse {
        slug: "refund-sent".into(),
        title: "Refund sent".into(),
        body: body.into(),
        team: None,
    })
}

fn view(owner: &Actor, name: &str, shared: bool) -> Item {
    let owner = AgentRef { id: owner.agent_id().unwrap(), name: owner.signature().name };
    Item::SavedView(SavedView { name: name.into(), owner, shared, query: [("status".into(), "open".into())].into() })
}

fn faults(error: &Error) -> Vec<&str> {
    match error {
        Error::Refused(Refusal::Invalid(faults)) => faults.0.iter().map(|fault| fault.field.as_str()).collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_category_gives_its_tickets_priority_and_targets() {
    let team = Team::new(Profile::marketplace());
    let targets = Targets { first_response: Some("10m".parse().unwrap()), ..Targets::default() };
    let payouts = Category { priority: Some("high".into()), sla: Some(targets), ..category("payouts") };
    assert!(team.desk.tickets().open(&ada(), parcel().category("payouts")).await.is_err());
    let entry = team.desk.catalogue().add(&admin(), Item::Category(payouts.clone())).await.unwrap();
    let ticket = team.open(parcel().category("payouts")).await;
    assert_eq!((ticket.priority.as_str(), ticket.pace.due), ("high", Some(ticket.created_at + TimeDelta::minutes(10))));

    let plain = team.open(parcel().category("booking")).await;
    let edit = Edit { category: Some("payouts".into()), ..Edit::default() };
    let moved = team.desk.tickets().edit(&admin(), plain.id, edit).await.unwrap();
    assert_eq!(moved.pace.due, Some(moved.created_at + TimeDelta::minutes(10)), "a new category brings its targets");

    let retired = Item::Category(Category { is_active: false, ..payouts });
    team.desk.catalogue().edit(&admin(), entry.id, retired).await.unwrap();
    let refused = team.desk.tickets().open(&ada(), parcel().category("payouts")).await.unwrap_err();
    assert_eq!(faults(&refused), ["category"]);
    assert_eq!(team.ticket(ticket.id).await.category, Some("payouts".into()), "tickets keep what they have");
    let seen = team.desk.catalogue().list(&ada(), ItemKind::Category).await.unwrap();
    assert!(seen.is_empty(), "customers see what they can choose");
}

#[tokio::test]
async fn every_wrong_field_of_an_item_is_named() {
    let team = Team::new(Profile::marketplace());
    let wrong = Category { name: String::new(), priority: Some("huge".into()), ..category("a/b") };
    let refused = team.desk.catalogue().add(&admin(), Item::Category(wrong)).await.unwrap_err();
    let mut named = faults(&refused);
    named.sort_unstable();
    assert_eq!(named, ["defaultPriority", "name", "slug"]);
    let refused =
        team.desk.catalogue().add(&admin(), response("Dear {{customer.name}}, {{order.id}}")).await.unwrap_err();
    assert_eq!(faults(&refused), ["body"]);
    team.desk.catalogue().add(&admin(), Item::Category(category("payouts"))).await.unwrap();
    let twice = team.desk.catalogue().add(&admin(), Item::Category(category("payouts"))).await.unwrap_err();
    assert_eq!(faults(&twice), ["slug"]);
}

#[tokio::test]
async fn another_teams_canned_response_is_as_if_it_were_not_there() {
    let team = Team::new(Profile::bookings());
    let Item::CannedResponse(said) = response("Paid.") else { unreachable!("a response") };
    let said = Item::CannedResponse(CannedResponse { team: Some("Money".into()), ..said });
    let catalogue = team.desk.catalogue();
    let (kind, id) = (ItemKind::CannedResponse, catalogue.add(&admin(), said).await.unwrap().id);
    let ticket = team.open(parcel()).await.id;
    for (n, own) in [(1, Some("money")), (2, Some("parcels")), (3, None)] {
        let edit = AgentEdit { team: Some(own.map(str::to_owned)), ..AgentEdit::default() };
        team.desk.agents().edit(&admin(), agent(n).agent_id().unwrap(), edit).await.unwrap();
        let theirs = n == 1;
        assert_eq!(catalogue.list(&agent(n), kind).await.unwrap().len(), usize::from(theirs));
        assert_eq!(catalogue.get(&agent(n), kind, id).await.is_ok(), theirs);
        let answer = catalogue.answer(&agent(n), id, ticket).await;
        assert!(if theirs { answer.is_ok() } else { matches!(answer, Err(Error::NotFound)) }, "{answer:?}");
    }
    assert!(catalogue.get(&admin(), kind, id).await.is_ok());
}

#[tokio::test]
async fn a_canned_response_speaks_of_the_ticket() {
    let team = Team::new(Profile::bookings());
    let said =
        response("Dear {{ customer.name }}, {{ticket.number}} ({{ticket.subject}}) is done.\n{{agent.name}} {braces}");
    let id = team.desk.catalogue().add(&admin(), said).await.unwrap().id;
    let ticket = team.desk.tickets().open(&ada(), NewTicket::new("{{agent.name}}", "Text")).await.unwrap().ticket;
    let text = team.desk.catalogue().answer(&agent(1), id, ticket.id).await.unwrap();
    let number = &ticket.number;
    assert_eq!(text, format!("Dear Ada, {number} ({{{{agent.name}}}}) is done.\nAgent 1 {{braces}}"));
    team.desk.tickets().claim(&agent(2), ticket.id).await.unwrap();
    let foreign = team.desk.catalogue().answer(&agent(1), id, ticket.id).await;
    assert!(matches!(foreign, Err(Error::NotFound)));
}

#[tokio::test]
async fn views_are_their_owners_and_shared_ones_everybodys_to_look_through() {
    let team = Team::new(Profile::bookings());
    let own = team.desk.catalogue().add(&agent(1), view(&agent(1), "Mine", false)).await.unwrap();
    let shared = team.desk.catalogue().add(&agent(1), view(&agent(1), "Ours", true)).await.unwrap();
    let listed = team.desk.catalogue().list(&agent(2), ItemKind::SavedView).await.unwrap();
    assert_eq!(listed.iter().map(|entry| entry.id).collect::<Vec<_>>(), [shared.id]);
    let hidden = team.desk.catalogue().get(&agent(2), ItemKind::SavedView, own.id).await;
    assert!(matches!(hidden, Err(Error::NotFound)));
    let kept = team.desk.catalogue().remove(&agent(2), ItemKind::SavedView, shared.id).await;
    assert!(matches!(kept, Err(Error::Forbidden(_))));
    team.desk.catalogue().remove(&agent(1), ItemKind::SavedView, shared.id).await.unwrap();
    team.desk.catalogue().add(&agent(2), view(&agent(2), "Mine", false)).await.unwrap();
}

#[tokio::test]
async fn lists_of_the_desk_are_an_admins_to_keep_and_no_business_of_customers() {
    let team = Team::new(Profile::bookings());
    let catalogue = team.desk.catalogue();
    for item in [Item::Category(category("payouts")), response("Hello")] {
        assert!(matches!(catalogue.add(&agent(1), item.clone()).await, Err(Error::Forbidden(_))));
        assert!(matches!(catalogue.add(&ada(), item).await, Err(Error::Forbidden(_))));
    }
    for kind in [ItemKind::CannedResponse, ItemKind::SavedView] {
        assert!(matches!(catalogue.list(&ada(), kind).await, Err(Error::Forbidden(_))));
    }
}

#[tokio::test]
async fn a_view_is_its_makers_whoever_is_named() {
    let team = Team::new(Profile::bookings());
    let made = team.desk.catalogue().add(&agent(2), view(&agent(1), "Theirs", false)).await.unwrap();
    let Item::SavedView(made) = made.item else { panic!() };
    assert_eq!(Some(made.owner.id), agent(2).agent_id());
}
