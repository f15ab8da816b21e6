//! What staff do beside the conversation: they watch, and write down their time.

use super::*;
use support_core::domain::{access::Action, time_entry::NewTime};

#[tokio::test]
async fn staff_watch_for_themselves_and_admins_for_others() {
    let store = MemoryStore::new();
    let directory = MemoryDirectory::new().with_agent(hedy().agent_id().unwrap(), "Hedy Lamarr");
    let heard = Arc::new(Recorder::default());
    let mut profile = Profile::bookings();
    profile.limits.watchers = 2;
    let desk = Desk::builder(store).profile(profile).directory(directory).notifier(heard.clone()).build().unwrap();
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    heard.take();
    let touched = desk.tickets().get(&ada(), id).await.unwrap().ticket.updated_at;
    let watched = desk.tickets().watch(&grace(), id, None).await.unwrap();
    assert_eq!(watched.watchers.iter().map(|agent| agent.name.as_str()).collect::<Vec<_>>(), ["Grace"]);
    assert_eq!(desk.tickets().watch(&grace(), id, grace().agent_id()).await.unwrap(), watched, "once");
    let refused = desk.tickets().watch(&grace(), id, hedy().agent_id()).await;
    assert!(matches!(refused, Err(Error::Forbidden(Action::Assign))), "{refused:?}");
    let watched = desk.tickets().watch(&joan(), id, hedy().agent_id()).await.unwrap();
    assert_eq!(watched.watchers[1].name, "Hedy Lamarr", "the name is the directory's");
    let unknown = desk.tickets().watch(&joan(), id, Some(Uuid::from_u128(404).into())).await;
    assert!(matches!(unknown, Err(Error::Refused(Refusal::Invalid(_)))), "{unknown:?}");
    assert!(state(desk.tickets().watch(&joan(), id, None).await).contains("as many watchers"));
    assert!(state(desk.tickets().watch(&Actor::system("import"), id, None).await).contains("only an agent"));

    let seen = desk.tickets().get(&ada(), id).await.unwrap().ticket;
    assert_eq!((seen.watchers.len(), seen.updated_at), (0, touched), "customers do not hear of it");
    let refused = desk.tickets().unwatch(&grace(), id, hedy().agent_id()).await;
    assert!(matches!(refused, Err(Error::Forbidden(Action::Assign))), "{refused:?}");
    desk.tickets().unwatch(&joan(), id, hedy().agent_id()).await.unwrap();
    let left = desk.tickets().unwatch(&grace(), id, None).await.unwrap();
    assert_eq!(left.watchers, []);
    assert_eq!(desk.tickets().unwatch(&grace(), id, None).await.unwrap(), left);
    let told = heard.take();
    assert_eq!(names(&told), ["watcher_added", "watcher_added", "watcher_removed", "watcher_removed"]);
    assert!(told.iter().all(|event| event.fact.for_customer().is_none()));
    assert!(matches!(desk.tickets().watch(&ada(), id, None).await, Err(Error::Forbidden(Action::Watch))));
}

/// S1, "Time Tracking".
#[tokio::test]
async fn time_is_written_down_and_added_up() {
    let Setup { desk, clock, heard } = setup(MemoryStore::new(), Profile::bookings());
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    let before = desk.tickets().get(&grace(), id).await.unwrap().ticket;
    heard.take();
    clock.advance(TimeDelta::hours(1));
    let times = desk.time_entries();
    let call = NewTime { billable: true, note: Some(" A call ".into()), ..NewTime::minutes(25) };
    let spent = times.add(&grace(), id, call).await.unwrap();
    assert_eq!((spent.entry.minutes, spent.entry.note.as_deref()), (25, Some("A call")));
    assert_eq!((spent.entry.spent_at, spent.entry.agent.name.as_str()), (desk.now(), "Grace"));
    assert_eq!(spent.ticket, before, "nothing about the ticket changes");
    let yesterday = NewTime { spent_at: Some(desk.now() - TimeDelta::days(1)), ..NewTime::minutes(1_440) };
    times.add(&joan(), id, yesterday).await.unwrap();
    let sheet = times.list(&grace(), id).await.unwrap();
    assert_eq!((sheet.entries.len(), sheet.minutes, sheet.billable_minutes), (2, 1_465, 25));
    assert_eq!(sheet.entries[0], spent.entry);
    let told = heard.take();
    assert_eq!(names(&told), ["time_spent", "time_spent"]);
    assert!(told.iter().all(|event| event.fact.for_customer().is_none()));

    assert!(matches!(times.list(&ada(), id).await, Err(Error::Forbidden(_))));
    assert!(matches!(times.add(&ada(), id, NewTime::minutes(1)).await, Err(Error::Forbidden(Action::SpendTime))));
    assert!(state(times.add(&Actor::system("import"), id, NewTime::minutes(1)).await).contains("only an agent"));
}

#[tokio::test]
async fn every_fault_of_an_entry_is_listed() {
    let Setup { desk, .. } = setup(MemoryStore::new(), Profile::bookings());
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    for minutes in [0, -5, 1_441, i64::MAX] {
        let wrong = NewTime {
            minutes,
            note: Some("x".repeat(501)),
            spent_at: Some(desk.now() + TimeDelta::milliseconds(1)),
            billable: false,
        };
        let refused = desk.time_entries().add(&grace(), id, wrong).await;
        let Err(Error::Refused(Refusal::Invalid(faults))) = refused else { panic!("{refused:?}") };
        assert_eq!(
            faults.0.iter().map(|fault| fault.field.as_str()).collect::<Vec<_>>(),
            ["minutes", "note", "spentAt"]
        );
    }
}

#[tokio::test]
async fn time_is_taken_back_by_who_spent_it_for_a_while() {
    let Setup { desk, clock, heard } = setup(MemoryStore::new(), Profile::bookings());
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    let times = desk.time_entries();
    let mut entries = Vec::new();
    for _ in 0..3 {
        entries.push(times.add(&grace(), id, NewTime::minutes(5)).await.unwrap().entry.id);
    }
    heard.take();
    let foreign = times.remove(&hedy(), id, entries[0]).await;
    assert!(matches!(foreign, Err(Error::Forbidden(Action::DeleteMessage))), "{foreign:?}");
    times.remove(&grace(), id, entries[0]).await.unwrap();
    assert!(matches!(times.remove(&grace(), id, entries[0]).await, Err(Error::NotFound)));
    clock.advance(TimeDelta::minutes(16));
    assert!(state(times.remove(&grace(), id, entries[1]).await).contains("too long ago"));
    times.remove(&joan(), id, entries[1]).await.unwrap();
    assert_eq!(times.list(&grace(), id).await.unwrap().minutes, 5);
    assert_eq!(names(&heard.take()), ["time_removed", "time_removed"]);
    let other = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    assert!(matches!(times.remove(&joan(), other, entries[2]).await, Err(Error::NotFound)), "of another ticket");
}

/// All of them are added up whenever somebody looks.
#[tokio::test]
async fn entries_end_at_a_thousand() {
    use support_core::ports::Write;
    let store = MemoryStore::new();
    let Setup { desk, .. } = setup(store.clone(), Profile::bookings());
    let id = desk.tickets().open(&ada(), NewTicket::new("a", "b")).await.unwrap().ticket.id;
    let entry = desk.time_entries().add(&grace(), id, NewTime::minutes(2)).await.unwrap().entry;
    let more = (1..1_000_u128).map(|n| {
        let id = Uuid::from_u128(n << 64).into();
        Write::AddTimeEntry(Box::new(support_core::domain::time_entry::TimeEntry { id, ..entry.clone() }))
    });
    store.commit(ChangeSet { writes: more.collect(), ..ChangeSet::default() }).await.unwrap();
    assert!(state(desk.time_entries().add(&grace(), id, NewTime::minutes(2)).await).contains("as many entries"));
    assert_eq!(desk.time_entries().list(&grace(), id).await.unwrap().minutes, 2_000);
}
