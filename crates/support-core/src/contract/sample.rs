//! Rows to test with: every column of them holds something.

use crate::{
    domain::{
        actor::{AgentRef, Role, Signature},
        agent::{Agent, Availability},
        calendar::Calendar,
        catalogue::{CannedResponse, Category, Entry, Item, SavedView},
        document::{Document, DocumentKind, Placement},
        erasure::Erasure,
        event::{Cause, Event, Fact},
        id::TicketId,
        message::{Attachment, Message},
        operation::{Before, Deed, Operation, Relation},
        profile::{HookName, Phase, Profile},
        request::{Request, RequestKey},
        sla::{ClockKind, SlaLog, SlaSignal},
        stats::{Tally, TallyEntry, TallyScope, quarter},
        ticket::{
            Alarms, Contact, Mark, Pace, Reach, Related, Resolution, ResolutionKind, Satisfaction, Source, Ticket,
        },
        time_entry::TimeEntry,
    },
    ports::{ChangeSet, Store, Write},
};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

/// The moment `minutes` after the beginning of the tests.
pub fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::minutes(minutes) + TimeDelta::milliseconds(7)
}

/// The id of the `n`-th thing of a kind.
pub fn id<T: From<Uuid>>(kind: u32, n: u32) -> T {
    Uuid::from_u128((u128::from(kind) << 64) | u128::from(n) | (7 << 76)).into()
}

/// The `n`-th agent.
pub fn agent(n: u32) -> AgentRef {
    AgentRef { id: id(4, n), name: format!("Agent {n}") }
}

/// The `n`-th ticket, of customer `n % 3`, opened `n` minutes after the beginning, with every column set.
pub fn ticket(n: u32) -> Ticket {
    let opened = at(i64::from(n));
    let profile = Profile::bookings();
    let mut sla = SlaLog::opened(opened, profile.sla.policies.first());
    sla.push(opened + TimeDelta::minutes(5), SlaSignal::AgentReply);
    sla.push(opened + TimeDelta::minutes(6), SlaSignal::Phase(Phase::WaitingOnCustomer));
    let metadata = serde_json::json!({ "browser": "ünïcode ✓", "cart": [1, 2.5, null, true], "deep": { "a": {} } });
    Ticket {
        id: id(1, n),
        number: format!("T-{n:04}"),
        version: 1,
        customer: id(3, n % 3),
        customer_name: "Ada Lovelace".into(),
        customer_tier: Some("gold".into()),
        opened_by: Signature { role: Role::Customer, id: Some(id(3, n % 3)), name: "Ada Lovelace".into() },
        subject: format!("Parcel {n} is late"),
        category: Some("booking".into()),
        priority: "high".into(),
        status: "open".into(),
        phase: Phase::New,
        source: Source::Email,
        contact: Some(Contact::Either),
        reach: Reach {
            email: Some("Ada@Example.org".into()),
            phone: Some("+44 20 7946 0018".into()),
            email_key: Some("ada@example.org".into()),
        },
        language: Some("pt-br".into()),
        assignee: Some(agent(1)),
        team: Some("billing".into()),
        escalation_level: 2,
        tags: ["late", "parcel's \"tag\""].map(str::to_owned).into(),
        fields: metadata["deep"].as_object().cloned().unwrap_or_default(),
        metadata: metadata.as_object().cloned().unwrap_or_default(),
        related: vec![Related { kind: "order".into(), id: format!("A-{n}"), label: Some("One book".into()) }],
        watchers: vec![agent(2), agent(3)],
        resolution: Some(Resolution {
            kind: ResolutionKind::Workaround,
            summary: "Sent again".into(),
            notes: Some("Depot lost it".into()),
        }),
        satisfaction: Some(Satisfaction {
            rating: Some(4),
            satisfied: Some(true),
            feedback: Some("Quick\nand kind".into()),
        }),
        sla,
        pace: Pace { at_risk: Some(opened + TimeDelta::minutes(80)), due: Some(opened + TimeDelta::minutes(100)) },
        alarms: Alarms {
            sla: Some(opened + TimeDelta::minutes(80)),
            escalation: Some(opened + TimeDelta::minutes(90)),
            auto_close: Some(opened + TimeDelta::days(7)),
        },
        marks: [
            Mark::Deadline { clock: ClockKind::FirstResponse, cycle: 1, percent: 80 },
            Mark::Rule { name: "breached".into(), cycle: 2 },
        ]
        .into(),
        merged_into: Some(id(1, n + 1_000)),
        created_at: opened,
        updated_at: opened,
        first_response_at: Some(opened + TimeDelta::minutes(5)),
        resolved_at: Some(opened + TimeDelta::minutes(50)),
        closed_at: Some(opened + TimeDelta::minutes(60)),
        deleted_at: None,
    }
}

/// The `n`-th ticket with nothing set that need not be.
pub fn bare_ticket(n: u32) -> Ticket {
    Ticket {
        customer_tier: None,
        category: None,
        contact: None,
        reach: Reach::default(),
        language: None,
        assignee: None,
        team: None,
        escalation_level: 0,
        tags: std::collections::BTreeSet::new(),
        metadata: serde_json::Map::new(),
        fields: serde_json::Map::new(),
        related: Vec::new(),
        watchers: Vec::new(),
        resolution: None,
        satisfaction: None,
        pace: Pace::default(),
        alarms: Alarms::default(),
        marks: std::collections::BTreeSet::new(),
        merged_into: None,
        first_response_at: None,
        resolved_at: None,
        closed_at: None,
        ..ticket(n)
    }
}

/// The `n`-th message, on `ticket`.
pub fn message(n: u32, ticket: &Ticket) -> Message {
    Message {
        id: id(2, n),
        ticket: ticket.id,
        author: Signature { role: Role::Customer, id: Some(ticket.customer.uuid()), name: "Ada Lovelace".into() },
        body: format!("Message {n}: where is it?\n\tI paid 12 € for \"express\"; -- that's late"),
        internal: false,
        attachments: vec![Attachment { url: "https://example.org/a.png".into(), name: "a.png".into() }],
        sent_at: ticket.created_at,
        revision: 0,
        edited_at: None,
        deleted_at: None,
        read_at: None,
    }
}

/// The `n`-th note, on `ticket`.
pub fn note(n: u32, ticket: &Ticket) -> Message {
    Message { internal: true, attachments: Vec::new(), body: format!("Note {n}"), ..message(n, ticket) }
}

/// The `n`-th event, of `ticket`.
pub fn event(n: u32, ticket: &Ticket) -> Event {
    let fact = Fact::StatusChanged { from: "open".into(), to: "closed".into(), notes: Some(format!("Step {n}")) };
    Event {
        id: id(5, n),
        ticket: ticket.id,
        at: ticket.created_at,
        actor: Signature { role: Role::System, id: None, name: "auto-close".into() },
        cause: if n.is_multiple_of(2) { Cause::Hook(HookName::OnAssign) } else { Cause::Rule("seven days".into()) },
        fact,
    }
}

/// What the `n`-th agent is known by, with every column set; as it comes back from version `read`, with nothing counted.
pub fn colleague(n: u32, read: u64) -> Agent {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    Agent {
        version: read + 1,
        employee_id: Some(format!("E-{n}")),
        team: Some("billing".into()),
        skills: words(&["refunds", "\"quoted\""]),
        languages: words(&["en", "pt-br"]),
        shifts: Some(Calendar::new(chrono_tz::Europe::Berlin)),
        availability: Some(Availability::Busy),
        max_tickets: Some(7),
        max_chats: Some(2),
        updated_at: at(i64::from(n)),
        ..Agent::new(id(4, n), format!("Agent {n}"), at(0))
    }
}

/// The `n`-th entry of the lists of staff, as it comes back from version `read`: a category, a canned response or a view.
pub fn entry(n: u32, read: u64) -> Entry {
    let item = match n % 3 {
        0 => Item::Category(Category {
            slug: format!("c-{n}").into(),
            name: "Billing".into(),
            description: String::new(),
            is_active: true,
            priority: Some("high".into()),
            sla: Profile::bookings().sla.policies.first().map(|policy| policy.targets),
        }),
        1 => Item::CannedResponse(CannedResponse {
            slug: format!("r-{n}"),
            title: "Sent again".into(),
            body: "Dear {{ticket.customerName}},\n\"soon\"".into(),
            team: Some("billing".into()),
        }),
        _ => Item::SavedView(SavedView {
            name: format!("Late {n}"),
            owner: agent(n),
            shared: true,
            query: [("status".to_owned(), "open".to_owned())].into(),
        }),
    };
    Entry { id: id(8, n), version: read + 1, item, created_at: at(0), updated_at: at(i64::from(n)) }
}

/// The `n`-th document: of three kinds by turns, of customer `n % 4`, or nobody's.
pub fn document(n: u32) -> Document {
    let kind = [DocumentKind::Article, DocumentKind::Review, DocumentKind::Callback][n as usize % 3];
    Document {
        kind,
        id: id(20, n),
        version: 1,
        owner: (!n.is_multiple_of(4)).then(|| id(3, n % 4)),
        placement: Placement {
            keys: [format!("key/{n}"), format!("ünï/{n}")].into(),
            lists: [("all".to_owned(), i64::from(n)), (format!("of/{}", n % 2), -i64::from(n))].into(),
        },
        body: serde_json::json!({ "title": format!("Pärcel's \"{n}\""), "n": n, "nothing": null, "more": { "a": [1, 2] } }),
    }
}

/// The document comes, or changes from what it was.
pub fn put_document(row: &Document, before: Option<&Document>) -> Write {
    let placement = before.map(|before| before.placement.clone()).unwrap_or_default();
    Write::PutDocument {
        document: Box::new(row.clone()),
        read: before.map_or(0, |before| before.version),
        before: Box::new(placement),
    }
}

/// The document goes.
pub fn remove_document(row: &Document) -> Write {
    Write::RemoveDocument { kind: row.kind, id: row.id, read: row.version, before: Box::new(row.placement.clone()) }
}

/// The `n`-th operation, on two tickets: a merge, a split or a link.
pub fn operation(n: u32, ticket: TicketId, other: TicketId) -> Operation {
    let messages = vec![id(2, 1), id(2, 2)];
    let deed = match n % 3 {
        0 => Deed::Merge {
            messages,
            before: Before {
                status: "open".into(),
                assignee: Some(agent(1)),
                resolution: Some(Resolution {
                    kind: ResolutionKind::Solved,
                    summary: "Sent again".into(),
                    notes: Some("Twice".into()),
                }),
            },
        },
        1 => Deed::Split { messages },
        _ => Deed::Link { relation: Relation::Blocks },
    };
    let by = Signature { role: Role::Agent, id: Some(id(4, 1)), name: "Agent 1".into() };
    Operation { id: id(6, n), ticket, other, deed, by, at: at(i64::from(n)), undone: None }
}

/// The `n`-th entry of time, on a ticket.
pub fn time_entry(n: u32, ticket: TicketId) -> TimeEntry {
    TimeEntry {
        id: id(9, n),
        ticket,
        agent: agent(1),
        minutes: n + 1,
        billable: n.is_multiple_of(2),
        note: Some(format!("Call {n}")),
        spent_at: at(-i64::from(n)),
        created_at: at(i64::from(n)),
    }
}

/// The `n`-th request, at that minute, about customer `n % 3`.
pub fn request(n: u32, minute: i64) -> Request {
    Request {
        key: RequestKey { principal: "customer:ünï".into(), key: format!("key {n}") },
        digest: [u8::try_from(n % 251).unwrap_or_default(); 32],
        answer: vec![0, 255, 10, u8::try_from(n % 251).unwrap_or_default()],
        about: vec![id(3, n % 3), id(3, 90 + n % 3)],
        at: at(minute),
    }
}

/// Counters for the quarter that holds a minute.
pub fn tally(scope: TallyScope, minute: i64, by: Tally) -> TallyEntry {
    TallyEntry { scope, quarter: quarter(at(minute)), by }
}

/// Forgets customer `n`, who is customer `100 + n` from then on.
pub fn erasure(n: u32) -> Erasure {
    let categories = ["booking".into(), "billing".into()].into();
    Erasure { customer: id(3, n), pseudonym: id(3, 100 + n), name: "Somebody".into(), categories, at: at(0) }
}

/// A change set of these writes alone.
pub fn writes(writes: impl IntoIterator<Item = Write>) -> ChangeSet {
    ChangeSet { writes: writes.into_iter().collect(), ..ChangeSet::default() }
}

/// The change set that opens `ticket`, with a message and an event numbered like it.
pub fn opening(ticket: &Ticket, n: u32) -> ChangeSet {
    ChangeSet {
        guards: Vec::new(),
        writes: vec![Write::OpenTicket { ticket: Box::new(ticket.clone()), message: Box::new(message(n, ticket)) }],
        events: vec![event(n, ticket)],
    }
}

/// The change set that replaces a ticket read at version `read`.
pub fn update(ticket: &Ticket, read: u64) -> ChangeSet {
    let writes = vec![Write::UpdateTicket { ticket: Box::new(ticket.clone()), read }];
    ChangeSet { writes, ..ChangeSet::default() }
}

/// The change set that adds a message.
pub fn add(message: Message, touch: bool) -> ChangeSet {
    ChangeSet { writes: vec![Write::AddMessage { message: Box::new(message), touch }], ..ChangeSet::default() }
}

/// Opens `ticket`.
pub async fn open(store: &impl Store, ticket: &Ticket, n: u32) {
    store.commit(opening(ticket, n)).await.expect("a new ticket is committed");
}
