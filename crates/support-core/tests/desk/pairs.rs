//! What is done to two tickets at once, and undone.

mod properties;

use super::*;
use support_core::{
    desk::operations::Operated,
    domain::{
        access::Action,
        agent::{AgentEdit, Availability},
        id::{MessageId, OperationId},
        operation::{Deed, Relation},
        ticket::ResolutionKind,
    },
    ports::{agents::AgentStore, notifier::Notice, notifier::Notifier},
};

async fn opened(desk: &Desk, customer: &Actor, subject: &str) -> TicketId {
    desk.tickets().open(customer, NewTicket::new(subject, format!("About {subject}"))).await.unwrap().ticket.id
}

async fn said(desk: &Desk, actor: &Actor, ticket: TicketId, text: &str) -> MessageId {
    desk.messages().add(actor, ticket, NewMessage::public(text)).await.unwrap().message.id
}

async fn noted(desk: &Desk, ticket: TicketId, text: &str) -> MessageId {
    desk.messages().add(&grace(), ticket, NewMessage::note(text)).await.unwrap().message.id
}

async fn texts(desk: &Desk, ticket: TicketId) -> Vec<String> {
    let messages = desk.messages().list(&joan(), ticket, None, 100).await.unwrap().items;
    messages.into_iter().map(|message| message.body).collect()
}

/// The names of what happened to a ticket since its last `ticket_opened` or, without one, ever.
async fn told_of(desk: &Desk, ticket: TicketId) -> Vec<&'static str> {
    names(&trail(desk, ticket).await)
}

#[tokio::test]
async fn a_duplicate_goes_up_in_the_other() {
    let store = MemoryStore::new();
    let Setup { desk, heard, .. } = setup(store.clone(), Profile::bookings());
    let (from, into) = (opened(&desk, &ada(), "late").await, opened(&desk, &ada(), "lost").await);
    desk.tickets().claim(&grace(), from).await.unwrap();
    noted(&desk, from, "Calls often").await;
    heard.take();
    let Operated { operation, ticket, other, message } = desk.operations().merge(&grace(), from, into).await.unwrap();
    assert_eq!((ticket.merged_into, ticket.status.as_str(), ticket.assignee), (Some(into), "closed", None));
    let resolution = ticket.resolution.unwrap();
    assert_eq!(resolution.kind, ResolutionKind::Duplicate);
    assert_eq!(resolution.summary, format!("Merged into {}", other.number));
    assert_eq!((other.id, other.status.as_str(), message), (into, "open", None));
    let Deed::Merge { messages, before } = &operation.deed else { panic!("{operation:?}") };
    assert_eq!((messages.len(), before.status.as_str()), (2, "assigned"));
    assert_eq!(store.agent(grace().agent_id().unwrap()).await.unwrap().unwrap().open_tickets, 0);

    assert_eq!(
        texts(&desk, into).await,
        ["About late", "About lost", "Calls often"],
        "in the order in which they came"
    );
    assert_eq!(texts(&desk, from).await, [""; 0]);
    let expected = ["merged_into", "status_changed", "closed", "assigned", "merged"];
    assert_eq!(names(&heard.take()), expected);
    assert_eq!(told_of(&desk, into).await, ["ticket_opened", "merged"]);
    assert_eq!(desk.tickets().get(&ada(), from).await.unwrap().ticket.merged_into, Some(into), "it can be read");
}

#[tokio::test]
async fn a_merged_ticket_is_changed_no_more() {
    let Setup { desk, .. } = setup(MemoryStore::new(), Profile::bookings());
    let (from, into) = (opened(&desk, &ada(), "late").await, opened(&desk, &ada(), "lost").await);
    desk.operations().merge(&grace(), from, into).await.unwrap();
    let merged = "the ticket was merged into another one: go on there";
    assert_eq!(state(desk.messages().add(&ada(), from, NewMessage::public("Hello?")).await), merged);
    assert_eq!(state(desk.messages().add(&grace(), from, NewMessage::note("Hm")).await), merged);
    assert_eq!(state(desk.tickets().reopen(&ada(), from, None).await), merged);
    assert_eq!(state(desk.tickets().claim(&grace(), from).await), merged);
    assert_eq!(state(desk.tickets().edit(&grace(), from, Edit::default()).await), merged);
    assert_eq!(state(desk.operations().link(&grace(), from, into, Relation::Blocks).await), merged);
    assert_eq!(state(desk.operations().link(&grace(), into, from, Relation::Blocks).await), merged);
    assert_eq!(state(desk.operations().split(&grace(), from, vec![Uuid::from_u128(1).into()], "x").await), merged);
    assert!(state(desk.operations().merge(&grace(), from, into).await).contains("merged already"));
    let third = opened(&desk, &ada(), "third").await;
    assert_eq!(state(desk.operations().merge(&grace(), third, from).await), merged);
    assert_eq!(desk.tickets().get(&ada(), from).await.unwrap().messages.items, []);
}

#[tokio::test]
async fn a_merge_brings_nobody_anothers_messages() {
    let Setup { desk, .. } = setup(MemoryStore::new(), Profile::bookings());
    let eve = Actor::customer(Uuid::from_u128(0xe7e), "Eve");
    let (hers, theirs) = (opened(&desk, &ada(), "late").await, opened(&desk, &eve, "lost").await);
    let refused = desk.operations().merge(&joan(), hers, theirs).await;
    assert_eq!(state(refused), "the tickets are not of the same customer");
    assert!(state(desk.operations().merge(&joan(), hers, hers).await).contains("into itself"));
    let closed = opened(&desk, &ada(), "closed").await;
    desk.tickets().close(&joan(), closed, Closing::default()).await.unwrap();
    assert!(state(desk.operations().merge(&joan(), hers, closed).await).contains("reopen it first"));
    desk.operations().merge(&joan(), closed, hers).await.unwrap();
    let deleted = opened(&desk, &ada(), "deleted").await;
    desk.tickets().delete(&joan(), deleted).await.unwrap();
    assert!(state(desk.operations().merge(&joan(), hers, deleted).await).contains("deleted"));
    assert!(state(desk.operations().merge(&joan(), deleted, hers).await).contains("deleted"));
    assert_eq!(desk.messages().list(&eve, theirs, None, 9).await.unwrap().items.len(), 1);
}

/// Both tickets must be the actor's to see.
#[tokio::test]
async fn nobody_reaches_a_foreign_ticket_through_their_own() {
    let Setup { desk, .. } = setup(MemoryStore::new(), Profile::bookings());
    let (own, foreign) = (opened(&desk, &ada(), "own").await, opened(&desk, &ada(), "foreign").await);
    desk.tickets().claim(&grace(), own).await.unwrap();
    desk.tickets().claim(&hedy(), foreign).await.unwrap();
    let operations = desk.operations();
    for (one, other) in [(own, foreign), (foreign, own)] {
        assert!(matches!(operations.merge(&grace(), one, other).await, Err(Error::NotFound)));
        assert!(matches!(operations.link(&grace(), one, other, Relation::Blocks).await, Err(Error::NotFound)));
    }
    let linked = operations.link(&joan(), own, foreign, Relation::Blocks).await.unwrap().operation.id;
    assert!(matches!(operations.undo(&grace(), linked).await, Err(Error::NotFound)));
    assert!(matches!(operations.undo(&grace(), Uuid::from_u128(404).into()).await, Err(Error::NotFound)));
    assert_eq!(operations.list(&grace(), own, 9).await.unwrap(), [], "nor hears of what was done to it");
    assert_eq!(operations.list(&joan(), own, 9).await.unwrap().len(), 1);
    for id in [linked, Uuid::from_u128(404).into()] {
        assert!(matches!(operations.undo(&ada(), id).await, Err(Error::Forbidden(Action::Merge))));
        assert!(matches!(operations.undo(&Actor::Guest, id).await, Err(Error::Unauthenticated)));
    }
    assert!(matches!(operations.list(&ada(), own, 9).await, Err(Error::Forbidden(_))));
    assert!(matches!(operations.merge(&ada(), own, foreign).await, Err(Error::Forbidden(Action::Merge))));
}

#[tokio::test]
async fn an_undone_merge_gives_back_what_went() {
    let store = MemoryStore::new();
    let Setup { desk, heard, clock } = setup(store.clone(), Profile::bookings());
    let (from, into) = (opened(&desk, &ada(), "late").await, opened(&desk, &ada(), "lost").await);
    desk.tickets().claim(&grace(), from).await.unwrap();
    let before = desk.tickets().get(&grace(), from).await.unwrap().ticket;
    clock.advance(TimeDelta::minutes(3));
    let merged = desk.operations().merge(&grace(), from, into).await.unwrap().operation.id;
    said(&desk, &ada(), into, "And now?").await;
    heard.take();
    clock.advance(TimeDelta::minutes(3));
    let Operated { operation, ticket, other, .. } = desk.operations().undo(&grace(), merged).await.unwrap();
    assert_eq!((ticket.id, ticket.merged_into, ticket.status.as_str()), (from, None, "assigned"));
    assert_eq!((ticket.assignee.as_ref(), ticket.resolution.as_ref()), (before.assignee.as_ref(), None));
    assert_eq!(
        (ticket.sla, ticket.pace, ticket.alarms),
        (before.sla, before.pace, before.alarms),
        "no clock has stopped"
    );
    assert_eq!(operation.undone.as_ref().map(|undone| undone.by.name.as_str()), Some("Grace"));
    assert_eq!(names(&heard.take()), ["undone", "status_changed", "reopened", "assigned", "undone"]);
    assert_eq!(texts(&desk, from).await, ["About late"]);
    assert_eq!(texts(&desk, into).await, ["About lost", "And now?"], "what was written since stays");
    assert_eq!(store.agent(grace().agent_id().unwrap()).await.unwrap().unwrap().open_tickets, 1);
    assert_eq!(other.id, into);
    assert_eq!(state(desk.operations().undo(&grace(), merged).await), "it has been undone already");
    assert_eq!(desk.operations().list(&grace(), from, 9).await.unwrap()[0].operation, operation);
    desk.operations().merge(&grace(), from, into).await.unwrap();
}

#[tokio::test]
async fn whoever_cannot_take_it_back_does_not_get_it() {
    let mut profile = Profile::bookings();
    profile.assignment.capacity = Some(1);
    let Setup { desk, .. } = setup(MemoryStore::new(), profile);
    let (from, into) = (opened(&desk, &ada(), "late").await, opened(&desk, &ada(), "lost").await);
    desk.tickets().claim(&grace(), from).await.unwrap();
    let merged = desk.operations().merge(&grace(), from, into).await.unwrap().operation.id;
    desk.tickets().claim(&grace(), into).await.unwrap();
    let undone = desk.operations().undo(&grace(), merged).await.unwrap();
    assert_eq!((undone.ticket.assignee, undone.ticket.phase.is_done()), (None, false));

    let again = desk.operations().merge(&grace(), from, into).await.unwrap();
    desk.tickets().unassign(&grace(), into).await.unwrap();
    desk.operations().undo(&grace(), again.operation.id).await.unwrap();
    desk.tickets().claim(&hedy(), from).await.unwrap();
    let again = desk.operations().merge(&hedy(), from, into).await.unwrap();
    let gone = AgentEdit { availability: Some(Availability::Offline), ..AgentEdit::default() };
    desk.agents().edit(&joan(), hedy().agent_id().unwrap(), gone).await.unwrap();
    assert_eq!(desk.operations().undo(&joan(), again.operation.id).await.unwrap().ticket.assignee, None);
}

/// How it was solved, and what its customer said of that, are there again.
#[tokio::test]
async fn an_undone_merge_of_what_had_ended_brings_back_the_ending() {
    let Setup { desk, .. } = setup(MemoryStore::new(), Profile::bookings());
    for closed in [false, true] {
        let (from, into) = (opened(&desk, &ada(), "late").await, opened(&desk, &ada(), "lost").await);
        desk.tickets().resolve(&grace(), from, "Found").await.unwrap();
        if closed {
            desk.tickets().close(&grace(), from, Closing::default()).await.unwrap();
        }
        desk.tickets().rate(&ada(), from, 5, None).await.unwrap();
        let before = desk.tickets().get(&grace(), from).await.unwrap().ticket;
        let merged = desk.operations().merge(&grace(), from, into).await.unwrap();
        assert_eq!(merged.ticket.phase, support_core::domain::profile::Phase::Closed);
        let after = desk.operations().undo(&grace(), merged.operation.id).await.unwrap().ticket;
        let same = Ticket { version: before.version, updated_at: before.updated_at, ..after };
        assert_eq!(same, before);
    }
}

#[tokio::test]
async fn what_has_moved_on_is_undone_from_the_end() {
    let Setup { desk, .. } = setup(MemoryStore::new(), Profile::bookings());
    let mut ids = Vec::new();
    for subject in ["one", "two", "three"] {
        ids.push(opened(&desk, &ada(), subject).await);
    }
    let first = desk.operations().merge(&grace(), ids[0], ids[1]).await.unwrap().operation.id;
    let second = desk.operations().merge(&grace(), ids[1], ids[2]).await.unwrap().operation.id;
    let refused = state(desk.operations().undo(&grace(), first).await);
    assert!(refused.contains("merged into another one"), "{refused}");
    desk.operations().undo(&grace(), second).await.unwrap();
    let split = desk.messages().list(&grace(), ids[1], None, 9).await.unwrap().items[1].id;
    let split = desk.operations().split(&grace(), ids[1], vec![split], "Apart").await.unwrap().operation.id;
    desk.operations().undo(&grace(), first).await.unwrap();
    desk.operations().undo(&grace(), split).await.unwrap();

    let first = desk.operations().merge(&grace(), ids[2], ids[1]).await.unwrap().operation.id;
    let moved = desk.messages().list(&grace(), ids[1], None, 9).await.unwrap().items[1].id;
    desk.operations().split(&grace(), ids[1], vec![moved], "Apart").await.unwrap();
    assert!(state(desk.operations().undo(&grace(), first).await).contains("moved on since"));
}

/// However long the thread: all of it moves, or none.
#[tokio::test]
async fn a_long_thread_moves_whole_up_to_a_limit() {
    use support_core::ports::Write;
    let store = MemoryStore::new();
    let Setup { desk, .. } = setup(store.clone(), Profile::bookings());
    let (from, into) = (opened(&desk, &ada(), "late").await, opened(&desk, &ada(), "lost").await);
    let first = desk.messages().list(&ada(), from, None, 1).await.unwrap().items[0].clone();
    let add = |n: u128| {
        let message = Message { id: Uuid::from_u128(n << 64).into(), ..first.clone() };
        Write::AddMessage { message: Box::new(message), touch: false }
    };
    let commit = async |writes| store.commit(ChangeSet { writes, ..ChangeSet::default() }).await.unwrap();
    commit((1..10_000).map(add).collect()).await;
    let merged = desk.operations().merge(&grace(), from, into).await.unwrap();
    let Deed::Merge { messages, .. } = merged.operation.deed else { panic!() };
    assert_eq!(messages.len(), 10_000);
    assert_eq!(texts(&desk, from).await, [""; 0]);
    desk.operations().undo(&grace(), merged.operation.id).await.unwrap();
    assert_eq!(texts(&desk, into).await, ["About lost"]);
    commit(vec![add(10_000)]).await;
    assert!(state(desk.operations().merge(&grace(), from, into).await).contains("too many messages"));
}

#[tokio::test]
async fn messages_become_a_ticket_of_their_own() {
    let Setup { desk, heard, clock } = setup(MemoryStore::new(), Profile::bookings());
    let mut new = NewTicket::new("late", "About late").category("payment").tag("vip").related("order", "A-1");
    new.opening.metadata = serde_json::from_value(serde_json::json!({ "crm": 7 })).unwrap();
    let id = desk.tickets().open(&ada(), new).await.unwrap().ticket.id;
    desk.tickets().claim(&grace(), id).await.unwrap();
    desk.tickets().edit(&grace(), id, Edit { priority: Some("urgent".into()), ..Edit::default() }).await.unwrap();
    let other_matter = said(&desk, &ada(), id, "And my bill is wrong").await;
    let note = noted(&desk, id, "It is").await;
    clock.advance(TimeDelta::hours(3));
    heard.take();
    let chosen = vec![other_matter, note, other_matter];
    let Operated { operation, ticket, other, message } =
        desk.operations().split(&grace(), id, chosen, " The bill ").await.unwrap();
    assert_eq!((other.subject.as_str(), other.status.as_str(), other.created_at), ("The bill", "open", desk.now()));
    assert_eq!(
        (other.customer, &other.category, &other.priority),
        (ticket.customer, &ticket.category, &ticket.priority)
    );
    assert_eq!((&other.tags, &other.related), (&ticket.tags, &ticket.related));
    assert_eq!((other.assignee, other.metadata.len(), other.opened_by), (None, 0, grace().signature()));
    assert_ne!(other.number, ticket.number);
    assert_eq!(other.pace.due, Some(desk.now() + TimeDelta::minutes(15)), "its clocks begin now");
    let told = heard.take();
    assert_eq!(names(&told), ["split_into", "ticket_opened", "split_from"]);
    assert_eq!(told[0].ticket, id);
    let line = format!("Split from {}", ticket.number);
    assert_eq!(texts(&desk, other.id).await, ["And my bill is wrong", "It is", line.as_str()]);
    assert_eq!(texts(&desk, id).await, ["About late"]);
    let line = message.unwrap();
    assert_eq!((line.author.role, line.internal), (support_core::domain::actor::Role::System, false));
    assert_eq!(operation.deed, Deed::Split { messages: vec![other_matter, note] });
    let seen = desk.messages().list(&ada(), other.id, None, 9).await.unwrap().items;
    assert_eq!(seen.len(), 2, "the note is still one");
}

#[tokio::test]
async fn every_fault_of_a_choice_is_listed() {
    let Setup { desk, heard, .. } = setup(MemoryStore::new(), Profile::bookings());
    let (id, elsewhere) = (opened(&desk, &ada(), "late").await, opened(&desk, &ada(), "lost").await);
    let first = desk.messages().list(&ada(), id, None, 1).await.unwrap().items[0].id;
    let (fine, foreign) = (said(&desk, &ada(), id, "x").await, said(&desk, &ada(), elsewhere, "y").await);
    heard.take();
    let faults = async |messages, subject: &str| match desk.operations().split(&grace(), id, messages, subject).await {
        Err(Error::Refused(Refusal::Invalid(faults))) => {
            faults.0.into_iter().map(|fault| fault.field).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(faults(vec![fine, first, foreign], " ").await, ["messages.1", "messages.2", "subject"]);
    assert_eq!(faults(Vec::new(), "x").await, ["messages"]);
    assert_eq!(faults(vec![fine; 1_001], "x").await, ["messages"]);
    assert!(heard.take().is_empty());
}

#[tokio::test]
async fn an_undone_split_deletes_what_was_split_off() {
    let store = MemoryStore::new();
    let Setup { desk, heard, .. } = setup(store.clone(), Profile::bookings());
    let id = opened(&desk, &ada(), "late").await;
    let message = said(&desk, &ada(), id, "And the bill").await;
    said(&desk, &ada(), id, "Hello?").await;
    let split = desk.operations().split(&grace(), id, vec![message], "The bill").await.unwrap();
    desk.tickets().claim(&hedy(), split.other.id).await.unwrap();
    assert!(matches!(desk.operations().undo(&grace(), split.operation.id).await, Err(Error::NotFound)), "it is Hedy's");
    heard.take();
    let undone = desk.operations().undo(&hedy(), split.operation.id).await.unwrap();
    assert_eq!(undone.other.deleted_at, Some(desk.now()));
    assert_eq!(store.agent(hedy().agent_id().unwrap()).await.unwrap().unwrap().open_tickets, 0);
    assert_eq!(names(&heard.take()), ["undone", "undone", "deleted"]);
    assert_eq!(texts(&desk, id).await, ["About late", "And the bill", "Hello?"]);
    assert!(matches!(desk.tickets().get(&ada(), split.other.id).await, Err(Error::NotFound)));
    assert_eq!(desk.operations().list(&grace(), id, 9).await.unwrap(), [], "nobody hears of what is deleted");
    assert_eq!(desk.operations().list(&joan(), id, 9).await.unwrap().len(), 1);

    let split = desk.operations().split(&grace(), id, vec![message], "The bill").await.unwrap();
    noted(&desk, split.other.id, "Mine").await;
    let refused = desk.operations().undo(&grace(), split.operation.id).await;
    assert_eq!(state(refused), "somebody has written on the ticket that was split off");
}

#[tokio::test]
async fn tickets_are_linked_once_and_for_staff_alone() {
    let Setup { desk, heard, .. } = setup(MemoryStore::new(), Profile::bookings());
    let eve = Actor::customer(Uuid::from_u128(0xe7e), "Eve");
    let (one, two) = (opened(&desk, &ada(), "late").await, opened(&desk, &eve, "lost").await);
    heard.take();
    let link = async |from, to, relation| desk.operations().link(&grace(), from, to, relation).await;
    let linked = link(one, two, Relation::RelatesTo).await.unwrap().operation.id;
    assert!(state(link(one, two, Relation::RelatesTo).await).contains("linked in this way already"));
    assert!(state(link(two, one, Relation::RelatesTo).await).contains("linked in this way already"));
    link(one, two, Relation::Blocks).await.unwrap();
    link(two, one, Relation::Blocks).await.unwrap();
    assert!(state(link(one, one, Relation::Blocks).await).contains("to itself"));
    assert!(heard.take().iter().all(|event| event.fact.for_customer().is_none()));
    desk.operations().undo(&grace(), linked).await.unwrap();
    link(two, one, Relation::RelatesTo).await.unwrap();
    let listed = desk.operations().list(&grace(), two, 9).await.unwrap();
    assert_eq!(listed.len(), 4);
    assert!(listed.iter().all(|row| row.other.id == one));
    assert_eq!(desk.operations().list(&grace(), two, 1).await.unwrap()[0], listed[3], "the latest");
    for word in Relation::ALL {
        assert_eq!(Relation::find("relation", word.as_str()).unwrap(), *word);
    }
    assert!(Relation::find("relation", "likes").is_err());
}

/// Whatever changes in between, one change set holds for both tickets or not at all.
#[tokio::test]
async fn both_tickets_are_guarded() {
    let store = MemoryStore::new();
    let Setup { desk, .. } = setup(store.clone(), Profile::bookings());
    let (one, two) = (opened(&desk, &ada(), "late").await, opened(&desk, &ada(), "lost").await);
    let message = said(&desk, &ada(), one, "x").await;
    let split = desk.operations().split(&grace(), one, vec![message], "x").await.unwrap().operation.id;
    for touched in [one, two] {
        let merge = desk.operations().plan_merge(&grace(), one, two).await.unwrap();
        let link = desk.operations().plan_link(&grace(), one, two, Relation::Blocks).await.unwrap();
        let undo = desk.operations().plan_undo(&grace(), split).await.unwrap();
        desk.tickets().escalate(&joan(), touched, None, None, "Up").await.unwrap();
        for changes in [merge.changes, link.changes] {
            assert!(matches!(store.commit(changes).await, Err(StoreError::Conflict)));
        }
        if touched == one {
            assert!(matches!(store.commit(undo.changes).await, Err(StoreError::Conflict)));
        }
    }
    assert_eq!(texts(&desk, two).await, ["About lost"]);
    let undo = desk.operations().plan_undo(&grace(), split).await.unwrap();
    let again = desk.operations().plan_undo(&grace(), split).await.unwrap();
    store.commit(undo.changes).await.unwrap();
    assert!(matches!(store.commit(again.changes).await, Err(StoreError::Conflict)), "once");
}

/// What the caller expects is about the ticket they speak of.
#[tokio::test]
async fn expectations_are_about_the_first_ticket() {
    use support_core::desk::Expected;
    let Setup { desk, .. } = setup(MemoryStore::new(), Profile::bookings());
    let (one, two) = (opened(&desk, &ada(), "late").await, opened(&desk, &ada(), "lost").await);
    desk.tickets().escalate(&joan(), two, None, None, "Up").await.unwrap();
    let stale = desk.expecting(vec![Expected::Version(2)]).operations().merge(&grace(), one, two).await;
    assert!(matches!(stale, Err(Error::Stale)), "{stale:?}");
    desk.expecting(vec![Expected::Version(1)]).operations().merge(&grace(), one, two).await.unwrap();
}

#[derive(Default)]
struct Notices(std::sync::Mutex<Vec<(TicketId, Vec<&'static str>, bool)>>);

impl Notifier for Notices {
    fn notify(&self, notice: &Notice<'_>) {
        assert!(notice.events.iter().all(|event| event.ticket == notice.ticket.id));
        assert!(notice.message.is_none_or(|message| message.ticket == notice.ticket.id));
        let told = (notice.ticket.id, names(notice.events), notice.message.is_some());
        self.0.lock().unwrap().push(told);
    }
}

#[tokio::test]
async fn the_host_hears_of_both() {
    let notices = Arc::new(Notices::default());
    let desk =
        Desk::builder(MemoryStore::new()).profile(Profile::bookings()).notifier(notices.clone()).build().unwrap();
    let (one, two) = (opened(&desk, &ada(), "late").await, opened(&desk, &ada(), "lost").await);
    let message = said(&desk, &ada(), one, "x").await;
    notices.0.lock().unwrap().clear();
    let planned = desk.operations().plan_link(&grace(), one, two, Relation::Blocks).await.unwrap();
    desk.committed(&planned);
    let split = desk.operations().split(&grace(), one, vec![message], "x").await.unwrap().other.id;
    let told = std::mem::take(&mut *notices.0.lock().unwrap());
    let expected = [
        (one, vec!["linked"], false),
        (two, vec!["linked"], false),
        (one, vec!["split_into"], false),
        (split, vec!["ticket_opened", "split_from"], true),
    ];
    assert_eq!(told, expected);
}

/// A split-off ticket was opened once.
#[tokio::test]
async fn counters_hear_of_a_split_once() {
    use support_core::{
        domain::stats::{Range, TallyKind},
        ports::stats::StatsStore,
    };
    let store = MemoryStore::new();
    let Setup { desk, .. } = setup(store.clone(), Profile::bookings());
    let id = opened(&desk, &ada(), "late").await;
    let message = said(&desk, &ada(), id, "x").await;
    desk.operations().split(&grace(), id, vec![message], "x").await.unwrap();
    let sums = store.tally_sums(TallyKind::Desk, Range::ALWAYS).await.unwrap();
    assert_eq!(sums.iter().map(|(_, tally)| tally.opened).sum::<i64>(), 2);
}

/// Ids that are not there answer alike, whoever asks.
#[tokio::test]
async fn an_operation_that_is_not_there_is_not_found() {
    let Setup { desk, .. } = setup(MemoryStore::new(), Profile::bookings());
    let missing: OperationId = Uuid::from_u128(404).into();
    assert!(matches!(desk.operations().undo(&joan(), missing).await, Err(Error::NotFound)));
}
