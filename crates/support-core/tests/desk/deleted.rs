//! Tickets that are deleted, and brought back.

use super::*;
use support_core::{
    desk::tickets::Page,
    domain::{access::Action, agent::AgentEdit, agent::Availability, ticket::Alarms, ticket::Sort},
    ports::agents::AgentStore,
};

fn first(limit: u32) -> (Sort, Page) {
    (Sort::default(), Page::first(limit))
}

async fn open_tickets(store: &MemoryStore, agent: &Actor) -> u32 {
    store.agent(agent.agent_id().unwrap()).await.unwrap().map_or(0, |row| row.open_tickets)
}

#[tokio::test]
async fn a_deleted_ticket_is_there_for_admins_alone() {
    let Setup { desk, heard, .. } = setup(MemoryStore::new(), Profile::bookings());
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    heard.take();
    let deleted = desk.tickets().delete(&joan(), id).await.unwrap();
    assert_eq!((deleted.deleted_at, deleted.alarms), (Some(desk.now()), Alarms::default()));
    assert_eq!(names(&heard.take()), ["deleted"]);
    for actor in [ada(), grace()] {
        assert!(matches!(desk.tickets().get(&actor, id).await, Err(Error::NotFound)));
        assert!(matches!(desk.messages().add(&actor, id, NewMessage::public("x")).await, Err(Error::NotFound)));
        let (sort, page) = first(9);
        assert!(desk.tickets().list(&actor, TicketFilter::default(), sort, page).await.unwrap().tickets.is_empty());
    }
    assert!(desk.tickets().get(&joan(), id).await.unwrap().ticket.deleted_at.is_some());
    assert_eq!(state(desk.tickets().claim(&joan(), id).await), "the ticket is deleted: restore it first");
    assert_eq!(state(desk.tickets().delete(&joan(), id).await), "the ticket is deleted already");

    let only = TicketFilter { deleted: true, ..TicketFilter::default() };
    let (sort, page) = first(9);
    let found = desk.tickets().list(&joan(), only.clone(), sort, page).await.unwrap().tickets;
    assert_eq!(found.iter().map(|row| row.id).collect::<Vec<_>>(), [id]);
    for actor in [ada(), grace()] {
        let refused = desk.tickets().list(&actor, only.clone(), sort, page).await;
        assert!(matches!(refused, Err(Error::Forbidden(Action::Delete))), "{refused:?}");
        assert!(matches!(desk.tickets().count(&actor, only.clone(), 9).await, Err(Error::Forbidden(Action::Delete))));
    }

    let back = desk.tickets().restore(&joan(), id).await.unwrap();
    assert_eq!((back.deleted_at, back.alarms.sla.is_some()), (None, true));
    assert_eq!(names(&heard.take()), ["restored"]);
    assert_eq!(state(desk.tickets().restore(&joan(), id).await), "the ticket is not deleted");
    desk.messages().add(&ada(), id, NewMessage::public("Still there?")).await.unwrap();
}

#[tokio::test]
async fn a_deleted_ticket_takes_up_nobodys_room() {
    let store = MemoryStore::new();
    let mut profile = Profile::bookings();
    profile.assignment.capacity = Some(1);
    let Setup { desk, .. } = setup(store.clone(), profile);
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id);
    }
    desk.tickets().claim(&grace(), ids[0]).await.unwrap();
    assert!(state(desk.tickets().claim(&grace(), ids[1]).await).contains("as many open tickets"));
    desk.tickets().delete(&joan(), ids[0]).await.unwrap();
    assert_eq!(open_tickets(&store, &grace()).await, 0);
    let back = desk.tickets().restore(&joan(), ids[0]).await.unwrap();
    assert_eq!((back.assignee.is_some(), open_tickets(&store, &grace()).await), (true, 1));

    // Whoever has no room any more does not get it back.
    desk.tickets().delete(&joan(), ids[0]).await.unwrap();
    desk.tickets().claim(&grace(), ids[1]).await.unwrap();
    let back = desk.tickets().restore(&joan(), ids[0]).await.unwrap();
    assert_eq!((back.assignee, open_tickets(&store, &grace()).await), (None, 1));

    // Nor does whoever has left.
    desk.tickets().claim(&hedy(), ids[2]).await.unwrap();
    desk.tickets().delete(&joan(), ids[2]).await.unwrap();
    let gone = AgentEdit { availability: Some(Availability::Away), ..AgentEdit::default() };
    desk.agents().edit(&joan(), hedy().agent_id().unwrap(), gone).await.unwrap();
    assert_eq!(desk.tickets().restore(&joan(), ids[2]).await.unwrap().assignee, None);
    assert_eq!(open_tickets(&store, &hedy()).await, 0);
}

/// A ticket that has ended takes up nobody's room, deleted or not.
#[tokio::test]
async fn deleting_what_has_ended_releases_nobody_twice() {
    let store = MemoryStore::new();
    let Setup { desk, .. } = setup(store.clone(), Profile::bookings());
    let mut ids = Vec::new();
    for _ in 0..2 {
        let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
        desk.tickets().claim(&grace(), id).await.unwrap();
        ids.push(id);
    }
    desk.tickets().close(&grace(), ids[0], Closing::default()).await.unwrap();
    desk.tickets().delete(&joan(), ids[0]).await.unwrap();
    desk.tickets().restore(&joan(), ids[0]).await.unwrap();
    assert_eq!(open_tickets(&store, &grace()).await, 1);
}

/// A rule that had the ticket on its list before somebody deleted it gives it to nobody.
#[tokio::test]
async fn no_rule_gives_out_what_is_deleted() {
    use support_core::domain::{actor::AgentRef, ticket::Context};
    let Setup { desk, .. } = setup(MemoryStore::new(), Profile::bookings());
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    let deleted = desk.tickets().delete(&joan(), id).await.unwrap();
    let actor = Actor::system("rule");
    let cx = Context { profile: desk.profile(), categories: &[], actor: &actor, now: desk.now() };
    let to = AgentRef { id: grace().agent_id().unwrap(), name: "Grace".into() };
    let refused = deleted.assign_by_rule(cx, to, "rule", String::new());
    assert!(matches!(refused, Err(Refusal::State(_))), "{refused:?}");
}

#[tokio::test]
async fn a_plan_to_delete_writes_nothing() {
    let Setup { desk, heard, .. } = setup(MemoryStore::new(), Profile::bookings());
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    heard.take();
    let planned = desk.tickets().plan_delete(&joan(), id).await.unwrap();
    assert!(planned.outcome.deleted_at.is_some() && heard.take().is_empty());
    desk.tickets().get(&ada(), id).await.unwrap();
}
