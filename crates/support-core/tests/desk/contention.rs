//! What happens when others are faster, or nothing is to be done.

use super::{contended::Contended, *};

#[tokio::test]
async fn what_changes_nothing_writes_nothing() {
    let Setup { desk, heard, .. } = setup(MemoryStore::new(), Profile::bookings());
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    let claimed = desk.tickets().claim(&grace(), id).await.unwrap();
    heard.take();
    assert_eq!(desk.tickets().claim(&grace(), id).await.unwrap(), claimed);
    assert_eq!(desk.tickets().set_status(&grace(), id, "assigned", None).await.unwrap(), claimed);
    assert_eq!(desk.tickets().edit(&grace(), id, Edit::default()).await.unwrap(), claimed);
    assert!(heard.take().is_empty());
}

#[tokio::test]
async fn a_stale_decision_is_taken_again_three_times() {
    let conflicts = Arc::new(AtomicU32::new(0));
    let store = Contended { inner: MemoryStore::new(), conflicts: conflicts.clone() };
    let Setup { desk, heard, .. } = setup(store, Profile::bookings());
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    heard.take();
    conflicts.store(3, Ordering::SeqCst);
    assert_eq!(desk.tickets().claim(&grace(), id).await.unwrap().version, 2);
    assert_eq!(names(&heard.take()), ["assigned", "status_changed"], "told once, after the commit that held");
    conflicts.store(4, Ordering::SeqCst);
    let refused = desk.tickets().unassign(&grace(), id).await;
    assert!(matches!(refused, Err(Error::Conflict)), "{refused:?}");
    assert!(heard.take().is_empty());
}

#[tokio::test]
async fn many_claim_and_one_has_it() {
    let desk = Desk::builder(MemoryStore::new()).profile(Profile::bookings()).build().unwrap();
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    let claims = (0..16_u128).map(|n| {
        let desk = desk.clone();
        tokio::spawn(async move {
            let agent = Actor::agent(Uuid::from_u128(100 + n), format!("Agent {n}"));
            desk.tickets().claim(&agent, id).await
        })
    });
    let mut winners = 0;
    for claim in claims.collect::<Vec<_>>() {
        match claim.await.unwrap() {
            Ok(_) => winners += 1,
            // Who comes later is told so, and not that there is no such ticket.
            Err(Error::Conflict | Error::Refused(Refusal::State(_))) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(winners, 1);
}

/// The host commits the plan itself.
#[tokio::test]
async fn a_plan_writes_nothing_until_it_is_committed() {
    let store = MemoryStore::new();
    let Setup { desk, heard, .. } = setup(store.clone(), Profile::bookings());
    let planned = desk.tickets().plan_open(&ada(), NewTicket::new("a", "b")).await.unwrap();
    let id = planned.outcome.ticket.id;
    assert_eq!(store.ticket(id).await.unwrap(), None);
    store.commit(planned.changes.clone()).await.unwrap();
    assert!(heard.take().is_empty());
    desk.committed(&planned);
    assert_eq!(names(&heard.take()), ["ticket_opened"]);
    assert_eq!(store.ticket(id).await.unwrap(), Some(planned.outcome.ticket));
}

/// A long conversation changes the ticket's row only when a clock or the status hears it.
#[tokio::test]
async fn a_reply_that_moves_nothing_guards_what_it_read() {
    let Setup { desk, clock, .. } = setup(MemoryStore::new(), Profile::bookings());
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    let first = desk.messages().add(&grace(), id, NewMessage::public("One")).await.unwrap();
    clock.advance(TimeDelta::minutes(1));
    let plan = desk.messages().plan_add(&grace(), id, NewMessage::public("Two")).await.unwrap();
    assert_eq!(plan.changes.writes.len(), 1);
    let version = first.ticket.version;
    assert_eq!(plan.changes.guards, [Guard::TicketVersion { ticket: id, version }]);
    assert_eq!((plan.outcome.ticket.version, plan.outcome.ticket.updated_at), (version, desk.now()));
    let note = desk.messages().plan_add(&grace(), id, NewMessage::note("Three")).await.unwrap();
    assert_eq!(note.changes.guards, [Guard::TicketStands { ticket: id }], "a note asks only that the ticket is there");
}

/// A question that was decided before an answer, and committed after it, is decided again: otherwise nobody would wait
/// for anybody.
#[tokio::test]
async fn a_question_that_crosses_an_answer_is_heard() {
    let store = MemoryStore::new();
    let Setup { desk, .. } = setup(store.clone(), Profile::vehicle_retail());
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    let question = desk.messages().plan_add(&ada(), id, NewMessage::public("And now?")).await.unwrap();
    desk.messages().add(&grace(), id, NewMessage::public("It comes")).await.unwrap();
    assert!(matches!(store.commit(question.changes).await, Err(StoreError::Conflict)));
    let again = desk.messages().add(&ada(), id, NewMessage::public("And now?")).await.unwrap();
    assert_eq!(again.ticket.status.as_str(), "in_progress");
}

/// Whoever decides on a machine whose clock is behind does not turn the ticket's clocks back.
#[tokio::test]
async fn a_clock_that_is_behind_erases_no_deadline() {
    let Setup { desk, clock, .. } = setup(MemoryStore::new(), Profile::bookings());
    let opened = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket;
    clock.advance(TimeDelta::milliseconds(-5));
    let claimed = desk.tickets().claim(&grace(), opened.id).await.unwrap();
    assert_eq!(claimed.pace, opened.pace);
    assert_eq!(claimed.updated_at, opened.updated_at);
}
