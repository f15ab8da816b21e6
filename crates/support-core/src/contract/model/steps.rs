//! What change sets are made of.

use crate::{
    contract::sample::{
        agent, at, bare_ticket, colleague, document, entry, erasure, event, id, message, note, operation, put_document,
        remove_document, request, tally, time_entry,
    },
    domain::{
        actor::{Role, Signature},
        agent::Agent,
        catalogue::{Entry, Item},
        document::{Document, Placement},
        id::{MessageId, TicketId},
        message::{Message, Side},
        operation::Undone,
        stats::{Tally, TallyScope},
        ticket::{Alarms, Pace, Reach, Related, Ticket},
    },
    ports::{ChangeSet, Guard, Store, Write, leases::LeaseRequest, messages::MessageQuery},
};
use chrono::TimeDelta;
use proptest::{collection::vec, prelude::*};

/// One step of a change set. Small numbers, so that steps meet on the same rows.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Open {
        ticket: u32,
        choice: u32,
    },
    Update {
        ticket: u32,
        behind: u64,
        choice: u32,
    },
    Say {
        ticket: u32,
        message: u32,
        choice: u32,
        touch: bool,
    },
    Tell {
        ticket: u32,
        event: u32,
    },
    Correct {
        ticket: u32,
        place: usize,
        behind: u32,
        withdraw: bool,
    },
    Read {
        ticket: u32,
        place: Option<usize>,
        staff: bool,
    },
    Move {
        from: u32,
        to: u32,
        places: u8,
    },
    Describe {
        agent: u32,
        behind: u64,
    },
    Occupy {
        agent: u32,
        behind: u64,
        most: Option<u32>,
    },
    Release {
        agent: u32,
    },
    Count {
        scope: usize,
        choice: u32,
    },
    Put {
        entry: u32,
        behind: u64,
        twin: bool,
    },
    Remove {
        entry: u32,
        behind: u64,
    },
    PutDocument {
        document: u32,
        behind: u64,
        choice: u32,
    },
    RemoveDocument {
        document: u32,
        behind: u64,
    },
    Operate {
        operation: u32,
        ticket: u32,
        other: u32,
    },
    Undo {
        operation: u32,
    },
    Spend {
        entry: u32,
        ticket: u32,
    },
    TakeBack {
        entry: u32,
        ticket: u32,
    },
    Remember {
        request: u32,
        minute: i64,
        expired: i64,
    },
    Forget {
        minute: i64,
    },
    Erase {
        customer: u32,
    },
    Guard {
        ticket: u32,
        version: u64,
    },
    Fence {
        token: u64,
    },
    /// Not part of the change set: done before it.
    Lease {
        holder: u32,
        minute: i64,
        back: bool,
    },
}

pub(super) const TICKETS: u32 = 8;
/// Of agents, entries, operations, requests and the like.
pub(super) const THINGS: u32 = 5;

pub(super) fn steps() -> impl Strategy<Value = Vec<Vec<Step>>> {
    let ticket = || 0..TICKETS;
    let thing = || 0..THINGS;
    let behind = || prop_oneof![5 => Just(0_u64), 1 => Just(1)];
    let tickets = prop_oneof![
        6 => (ticket(), any::<u32>()).prop_map(|(ticket, choice)| Step::Open { ticket, choice }),
        6 => (ticket(), behind(), any::<u32>())
            .prop_map(|(ticket, behind, choice)| Step::Update { ticket, behind, choice }),
        5 => (ticket(), 100..130_u32, any::<u32>(), any::<bool>())
            .prop_map(|(ticket, message, choice, touch)| Step::Say { ticket, message, choice, touch }),
        2 => (ticket(), 100..160_u32).prop_map(|(ticket, event)| Step::Tell { ticket, event }),
        3 => (ticket(), 0..4_usize, behind(), any::<bool>())
            .prop_map(|(ticket, place, behind, withdraw)| {
                Step::Correct { ticket, place, behind: u32::try_from(behind).unwrap_or(0), withdraw }
            }),
        2 => (ticket(), proptest::option::of(0..4_usize), any::<bool>())
            .prop_map(|(ticket, place, staff)| Step::Read { ticket, place, staff }),
        4 => (ticket(), ticket(), any::<u8>()).prop_map(|(from, to, places)| Step::Move { from, to, places }),
        1 => (0..3_u32).prop_map(|customer| Step::Erase { customer }),
        1 => (ticket(), 1..3_u64).prop_map(|(ticket, version)| Step::Guard { ticket, version }),
    ];
    let desk = prop_oneof![
        (thing(), behind()).prop_map(|(agent, behind)| Step::Describe { agent, behind }),
        (thing(), behind(), proptest::option::of(0..3_u32)).prop_map(|(agent, behind, most)| Step::Occupy {
            agent,
            behind,
            most
        }),
        thing().prop_map(|agent| Step::Release { agent }),
        (0..scopes().len(), any::<u32>()).prop_map(|(scope, choice)| Step::Count { scope, choice }),
        (thing(), behind(), any::<u32>()).prop_map(|(document, behind, choice)| Step::PutDocument {
            document,
            behind,
            choice
        }),
        (thing(), behind()).prop_map(|(document, behind)| Step::RemoveDocument { document, behind }),
        (thing(), behind(), any::<bool>()).prop_map(|(entry, behind, twin)| Step::Put { entry, behind, twin }),
        (thing(), behind()).prop_map(|(entry, behind)| Step::Remove { entry, behind }),
        (thing(), ticket(), ticket()).prop_map(|(operation, ticket, other)| Step::Operate { operation, ticket, other }),
        thing().prop_map(|operation| Step::Undo { operation }),
        (thing(), ticket()).prop_map(|(entry, ticket)| Step::Spend { entry, ticket }),
        (thing(), ticket()).prop_map(|(entry, ticket)| Step::TakeBack { entry, ticket }),
        (thing(), 0..6_i64, 0..6_i64).prop_map(|(request, minute, expired)| Step::Remember {
            request,
            minute,
            expired
        }),
        (0..6_i64).prop_map(|minute| Step::Forget { minute }),
        (1..4_u64).prop_map(|token| Step::Fence { token }),
        (0..3_u32, 0..20_i64, any::<bool>()).prop_map(|(holder, minute, back)| Step::Lease { holder, minute, back }),
    ];
    vec(vec(prop_oneof![3 => tickets.boxed(), 2 => desk.boxed()], 1..4), 1..40)
}

/// Whose counters are compared.
pub(super) fn scopes() -> Vec<TallyScope> {
    vec![
        TallyScope::Desk,
        TallyScope::Agent(id(4, 1)),
        TallyScope::Agent(id(4, 2)),
        TallyScope::Priority("high".into()),
    ]
}

/// A ticket whose properties are read off the digits of `choice`.
pub(in crate::contract) fn variant(n: u32, choice: u32) -> Ticket {
    let pick = |place: u32, of: u32| (choice / 7_u32.pow(place)) % of;
    let due = at(i64::from(pick(5, 4)) * 10);
    // A ticket's own, whatever is chosen: it never changes.
    let days = [0, 0, 1, 40, -3][n as usize % 5];
    Ticket {
        customer: id(3, pick(0, 3)),
        status: ["open", "in_progress", "closed"][pick(1, 3) as usize].into(),
        priority: ["low", "high"][pick(2, 2) as usize].into(),
        category: (pick(3, 3) > 0).then(|| ["billing", "other"][pick(3, 3) as usize - 1].into()),
        assignee: (pick(4, 3) > 0).then(|| agent(pick(4, 3))),
        tags: (0..pick(6, 3)).map(|tag| format!("tag{tag}")).collect(),
        related: (0..pick(6, 3))
            .map(|order| Related { kind: "order".into(), id: format!("A-{order}"), label: None })
            .collect(),
        subject: format!("Parcel {}", pick(0, 3)),
        pace: if pick(5, 4) == 0 {
            Pace::default()
        } else {
            Pace { at_risk: Some(due - TimeDelta::minutes(5)), due: Some(due) }
        },
        alarms: Alarms {
            sla: (pick(5, 4) > 0).then_some(due),
            escalation: (pick(6, 3) > 0).then_some(due),
            auto_close: (pick(7, 3) > 0).then_some(due),
        },
        reach: Reach { email_key: (pick(8, 3) == 0).then(|| "ada@example.org".to_owned()), ..Reach::default() },
        deleted_at: (pick(9, 4) == 0).then(|| at(9)),
        created_at: at(i64::from(n % 3)) + TimeDelta::days(days),
        updated_at: at(i64::from(pick(8, 5))),
        ..bare_ticket(n)
    }
}

async fn thread(model: &impl Store, ticket: u32) -> Vec<MessageId> {
    let query = MessageQuery { ticket: id(1, ticket), internal: true, after: None, limit: 8 };
    model.messages(&query).await.unwrap().items.iter().map(|message| message.id).collect()
}

/// Takes and returns leases on both sides, which must answer alike.
pub(super) async fn leases(store: &impl Store, model: &impl Store, steps: &[Step]) {
    for step in steps {
        let Step::Lease { holder, minute, back } = *step else { continue };
        let (now, until) = (at(minute), at(minute + 5));
        let wanted = LeaseRequest { job: "sla".into(), holder: id(10, holder), now, until };
        let (one, other) = (store.take_lease(&wanted).await.unwrap(), model.take_lease(&wanted).await.unwrap());
        assert_eq!(one, other, "{step:?}");
        if let Some(lease) = one.filter(|_| back) {
            store.return_lease(&lease).await.unwrap();
            model.return_lease(&lease).await.unwrap();
        }
    }
}

pub(super) async fn change_set(model: &impl Store, steps: &[Step]) -> ChangeSet {
    let mut changes = ChangeSet::default();
    for step in steps {
        match *step {
            Step::Tell { ticket, event: n } => changes.events.push(event(n, &bare_ticket(ticket))),
            Step::Guard { ticket, version } => {
                changes.guards.push(Guard::TicketVersion { ticket: id(1, ticket), version });
            }
            Step::Fence { token } => changes.guards.push(Guard::Lease { job: "sla".into(), token }),
            Step::Lease { .. } => {}
            _ => changes.writes.extend(write(model, step).await),
        }
    }
    changes
}

async fn write(model: &impl Store, step: &Step) -> Option<Write> {
    Some(match *step {
        Step::Open { ticket, choice } => {
            let ticket = Box::new(variant(ticket, choice));
            let message = Box::new(message(choice % 1_000 + 1_000, &ticket));
            Write::OpenTicket { ticket, message }
        }
        Step::Update { ticket, behind, choice } => {
            let version = model.ticket(id(1, ticket)).await.unwrap().map_or(1, |row| row.version);
            Write::UpdateTicket { ticket: Box::new(variant(ticket, choice)), read: version.saturating_sub(behind) }
        }
        Step::Say { ticket, message: n, choice, touch } => {
            let ticket = bare_ticket(ticket);
            let said = if choice.is_multiple_of(3) { note(n, &ticket) } else { message(n, &ticket) };
            let role = Role::ALL[choice as usize % Role::ALL.len()];
            let author = Signature { role, id: Some(id(3, choice % 3)), name: "Ada".into() };
            let said = Message { author, sent_at: at(i64::from(n) - 90), ..said };
            Write::AddMessage { message: Box::new(said), touch }
        }
        Step::Correct { ticket, place, behind, withdraw } => {
            let message = *thread(model, ticket).await.get(place)?;
            let row = model.message(id(1, ticket), message).await.unwrap()?;
            let read = row.revision.saturating_sub(behind);
            let row = if withdraw {
                Message { body: String::new(), deleted_at: Some(at(8)), ..row }
            } else {
                Message { body: "Corrected".into(), edited_at: Some(at(7)), ..row }
            };
            Write::UpdateMessage { message: Box::new(row), read }
        }
        Step::Read { ticket, place, staff } => {
            let thread = thread(model, ticket).await;
            let message = match place {
                None => None,
                Some(place) => Some(*thread.get(place)?),
            };
            let by = if staff { Side::Staff } else { Side::Customer };
            Write::MarkRead { ticket: id(1, ticket), message, by, at: at(6) }
        }
        Step::Move { from, to, places } => {
            let thread = thread(model, from).await;
            let chosen = thread.into_iter().enumerate().filter(|(place, _)| places >> place & 1 == 1);
            Write::MoveMessages { from: id(1, from), to: id(1, to), messages: chosen.map(|(_, id)| id).collect() }
        }
        Step::Erase { customer } => Write::Erase(Box::new(erasure(customer))),
        _ => return of_desk(model, step).await,
    })
}

async fn of_desk(model: &impl Store, step: &Step) -> Option<Write> {
    let ticket = |n: u32| -> TicketId { id(1, n) };
    Some(match *step {
        Step::Describe { agent: n, behind } => {
            let read = version(model, n).await.saturating_sub(behind);
            Write::PutAgent { agent: Box::new(Agent { open_tickets: 9, ..colleague(n, read) }), read }
        }
        Step::Occupy { agent: n, behind, most } => {
            let read = version(model, n).await.saturating_sub(behind);
            Write::Occupy { agent: agent(n), read, most, at: at(i64::from(n)) }
        }
        Step::Release { agent } => Write::Release { agent: id(4, agent) },
        Step::Count { scope, choice } => {
            let by = Tally { opened: i64::from(choice % 3), stars: i64::from(choice % 2), ..Tally::default() };
            let day = [0, 0, 1, -40, 33][choice as usize % 5];
            let minute = i64::from(choice / 5 % 60) + day * 1_440;
            Write::Tally(vec![tally(scopes().swap_remove(scope), minute, by)])
        }
        Step::Put { entry: n, behind, twin } => {
            let row = entry(n, 0);
            let found = model.entry(row.item.kind(), row.id).await.unwrap();
            let read = found.map_or(0, |row| row.version).saturating_sub(behind);
            // Of two that have one key, one is refused.
            let item: Item = if twin { entry(n % 3, 0).item } else { row.item };
            Write::PutEntry { entry: Box::new(Entry { item, ..entry(n, read) }), read }
        }
        Step::Remove { entry: n, behind } => {
            let row = entry(n, 0);
            let found = model.entry(row.item.kind(), row.id).await.unwrap();
            let read = found.map_or(1, |row| row.version).saturating_sub(behind);
            Write::RemoveEntry { kind: row.item.kind(), id: row.id, read }
        }
        Step::PutDocument { document: n, behind, choice } => {
            let row = document(n);
            let found = model.document(row.kind, row.id).await.unwrap();
            let read = found.as_ref().map_or(0, |row| row.version).saturating_sub(behind);
            // What a decision read in an older version stood somewhere too.
            let before = found.filter(|_| read > 0).map(|found| Document { version: read, ..found });
            put_document(&Document { placement: placement(choice), ..row }, before.as_ref())
        }
        Step::RemoveDocument { document: n, behind } => {
            let row = document(n);
            let found = model.document(row.kind, row.id).await.unwrap();
            // What was read nowhere has no placement that could be told: its version is none that comes about either.
            let version = found.as_ref().map_or(99, |row| row.version).saturating_sub(behind);
            remove_document(&Document { version, ..found.unwrap_or(row) })
        }
        Step::Operate { operation: n, ticket: one, other } => {
            Write::AddOperation(Box::new(operation(n, ticket(one), ticket(other))))
        }
        Step::Undo { operation } => {
            let by = Signature { role: Role::Agent, id: None, name: "Grace".into() };
            Write::UndoOperation { id: id(6, operation), undone: Undone { by, at: at(5) } }
        }
        Step::Spend { entry, ticket: n } => Write::AddTimeEntry(Box::new(time_entry(entry, ticket(n)))),
        Step::TakeBack { entry, ticket: n } => Write::RemoveTimeEntry { ticket: ticket(n), id: id(9, entry) },
        Step::Remember { request: n, minute, expired } => {
            Write::RememberRequest { request: Box::new(request(n, minute)), expired: at(expired) }
        }
        Step::Forget { minute } => Write::ForgetRequests { until: at(minute) },
        _ => return None,
    })
}

/// Few keys and lists, so that documents meet.
fn placement(choice: u32) -> Placement {
    let pick = |bit: u32| choice >> bit & 1 == 1;
    let keys = (0..3).filter(|n| pick(*n) && pick(n + 3)).map(|n| format!("key{n}")).collect();
    let lists = (6..9).filter(|n| pick(*n)).map(|n| (format!("list{n}"), i64::from(choice >> 9) % 3 - 1)).collect();
    Placement { keys, lists }
}

async fn version(model: &impl Store, agent: u32) -> u64 {
    model.agent(id(4, agent)).await.unwrap().map_or(0, |row| row.version)
}
