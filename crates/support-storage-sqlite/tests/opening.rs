//! Opening files of every kind.

use std::path::Path;
use support_core::{
    contract::sample::{agent, at, id, opening, ticket, update},
    domain::{
        access::TicketScope,
        agent::Agent,
        message::Side,
        stats::{Holder, Range},
        ticket::{AlarmKind, Alarms, Contact, Reach, Sort, Ticket, TicketFilter, TicketQuery},
    },
    ports::{
        Store, Write,
        agents::{AgentQuery, AgentStore},
        messages::{MessageQuery, MessageStore},
        stats::StatsStore,
        tickets::TicketStore,
    },
};
use support_storage_sqlite::{
    OpenError, SqliteOptions, SqliteStore,
    rusqlite::{self, Connection, params},
};

#[tokio::test]
async fn a_store_is_opened_again_with_what_it_holds() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("support.db");
    let first = SqliteStore::open(&path).await.unwrap();
    first.commit(opening(&ticket(1), 1)).await.unwrap();
    // Beside the first, as a second process would; and after it.
    let second = SqliteStore::open(&path).await.unwrap();
    assert_eq!(second.ticket(ticket(1).id).await.unwrap(), Some(ticket(1)));
    drop(first);
    second.commit(opening(&ticket(2), 2)).await.unwrap();
    drop(second);
    let third = SqliteOptions::new(&path).readers(0).open().await.unwrap();
    assert_eq!(third.ticket(ticket(2).id).await.unwrap(), Some(ticket(2)));
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("support.db");
    drop(SqliteStore::open(&path).await.unwrap());
    let conn = Connection::open(&path).unwrap();
    conn.execute("INSERT INTO support_schema (version) VALUES (99)", []).unwrap();
    let refused = SqliteStore::open(&path).await.unwrap_err();
    assert!(matches!(refused, OpenError::TooNew { found: 99, known: 5 }), "{refused:?}");
}

#[tokio::test]
async fn what_is_no_database_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let text = dir.path().join("notes.txt");
    std::fs::write(&text, "not a database, and longer than a header".repeat(99)).unwrap();
    assert!(matches!(SqliteStore::open(&text).await, Err(OpenError::NotADatabase)));
    assert!(matches!(SqliteStore::open(dir.path()).await, Err(OpenError::Io(_))));
    let missing = dir.path().join("missing/support.db");
    assert!(matches!(SqliteStore::open(missing).await, Err(OpenError::Io(_))));
}

/// Many openings of a file that is not there yet make one schema.
#[tokio::test(flavor = "multi_thread")]
async fn openings_at_once_agree() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("support.db");
    let openings: Vec<_> = (0..8).map(|_| tokio::spawn(SqliteStore::open(path.clone()))).collect();
    for opening in openings {
        opening.await.unwrap().unwrap();
    }
}

/// A ticket as the first version knew it.
fn plain(n: u32, assignee: Option<u32>, status: &str, phase: support_core::domain::profile::Phase) -> Ticket {
    Ticket {
        assignee: assignee.map(agent),
        status: status.into(),
        phase,
        category: n.is_multiple_of(2).then(|| "billing".into()),
        created_at: at(i64::from(n) * 1_000 - 2_500),
        reach: Reach::default(),
        language: None,
        fields: serde_json::Map::new(),
        watchers: Vec::new(),
        alarms: Alarms::default(),
        marks: std::collections::BTreeSet::new(),
        merged_into: None,
        ..ticket(n)
    }
}

/// Writes a file as the first version left it, with these tickets and a message on each.
fn version_1(path: &Path, tickets: &[Ticket]) -> rusqlite::Result<()> {
    let conn = Connection::open(path)?;
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA application_id = 0x53754465;
         CREATE TABLE support_schema (version INTEGER NOT NULL) STRICT; INSERT INTO support_schema VALUES (1);",
    )?;
    conn.execute_batch(include_str!("../migrations/0001_tickets.sql"))?;
    for (seq, row) in (1_i64..).zip(tickets) {
        let assignee = row.assignee.as_ref();
        conn.execute(
            "INSERT INTO support_tickets VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, \
             ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                seq,
                row.id.uuid().as_bytes(),
                row.number,
                row.customer.uuid().as_bytes(),
                row.customer_name,
                row.subject,
                row.category.as_ref().map(|key| key.as_str().to_owned()),
                row.priority.as_str(),
                row.status.as_str(),
                row.phase.as_str(),
                assignee.map(|agent| agent.id.uuid().as_bytes().to_vec()),
                assignee.map(|agent| agent.name.clone()),
                row.escalation_level,
                json(&row.tags),
                row.pace.at_risk.map(|at| at.timestamp_millis()),
                row.pace.due.map(|at| at.timestamp_millis()),
                row.created_at.timestamp_millis(),
                row.updated_at.timestamp_millis(),
                row.customer_tier,
                json(&row.opened_by),
                row.source.as_str(),
                row.contact.map(Contact::as_str),
                row.team,
                row.first_response_at.map(|at| at.timestamp_millis()),
                row.resolved_at.map(|at| at.timestamp_millis()),
                row.closed_at.map(|at| at.timestamp_millis()),
                json(&row.related),
                row.satisfaction.as_ref().map(json),
                row.resolution.as_ref().map(json),
                json(&row.sla),
                json(&row.metadata),
            ],
        )?;
        conn.execute(
            "INSERT INTO support_messages VALUES (?1, ?2, ?1, 'agent', NULL, 'Grace', 0, '[]', 5, 'walrus number ' || ?1)",
            params![seq, uuid_of(seq)],
        )?;
        for tag in &row.tags {
            let (at, id) = (row.created_at.timestamp_millis(), row.id.uuid());
            let values = params![tag, at, id.as_bytes(), seq];
            conn.execute("INSERT INTO support_ticket_tags VALUES (?, ?, ?, ?)", values)?;
        }
        conn.execute(
            "INSERT INTO support_ticket_text (rowid, number, subject, tags, body, owner) \
             SELECT seq, number, subject, tags, body, owner FROM support_ticket_words WHERE seq = ?",
            [seq],
        )?;
    }
    Ok(())
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("a value of the domain")
}

fn uuid_of(seq: i64) -> Vec<u8> {
    let id: support_core::domain::id::MessageId = id(2, u32::try_from(seq).expect("few"));
    id.uuid().as_bytes().to_vec()
}

#[tokio::test]
async fn a_file_of_the_first_version_is_brought_up_to_date() {
    use support_core::domain::profile::Phase;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("support.db");
    let renamed = |row: Ticket, name: &str| {
        let assignee = row.assignee.map(|agent| support_core::domain::actor::AgentRef { name: name.into(), ..agent });
        Ticket { assignee, ..row }
    };
    let rows = [
        plain(1, Some(1), "open", Phase::Open),
        renamed(plain(2, Some(1), "closed", Phase::Closed), "Grace Hopper"),
        plain(3, Some(2), "solved", Phase::Resolved),
        plain(4, None, "new", Phase::New),
        plain(50, None, "new", Phase::New),
    ];
    version_1(&path, &rows).unwrap();
    let store = SqliteStore::open(&path).await.unwrap();
    for row in &rows {
        assert_eq!(store.ticket(row.id).await.unwrap().as_ref(), Some(row));
    }
    let read =
        store.messages(&MessageQuery { ticket: rows[0].id, internal: true, after: None, limit: 9 }).await.unwrap();
    let first = &read.items[0];
    assert_eq!((first.revision, first.edited_at, first.deleted_at, first.read_at), (0, None, None, None));
    assert_eq!(store.unread_messages(rows[0].id, Side::Customer).await.unwrap(), 1);

    // Whoever has a ticket, under the name of the latest; those that have not ended are counted.
    let agents = store.agents(&AgentQuery { limit: 9, ..AgentQuery::default() }).await.unwrap().items;
    let agent = |n, name: &str, open_tickets, since: &Ticket| Agent {
        version: 1,
        open_tickets,
        ..Agent::new(id(4, n), name, since.created_at)
    };
    assert_eq!(agents, [agent(1, "Grace Hopper", 1, &rows[0]), agent(2, "Agent 2", 0, &rows[2])]);

    for holder in [Holder::Anybody, Holder::Nobody, Holder::Agent(id(4, 1))] {
        let held = |row: &&Ticket| match holder {
            Holder::Anybody => true,
            Holder::Nobody => row.assignee.is_none(),
            Holder::Agent(id) => row.assignee.as_ref().is_some_and(|agent| agent.id == id),
        };
        for range in [Range::ALWAYS, Range { from: Some(at(-1_500)), to: Some(at(3_000)) }] {
            let cells = store.cells(holder, range).await.unwrap();
            let counted: u64 = cells.iter().map(|(_, n)| n).sum();
            let expected = rows.iter().filter(held).filter(|row| range.holds(row.created_at)).count();
            assert_eq!(counted, expected as u64, "{holder:?} {range:?}");
        }
    }
    for alarm in AlarmKind::ALL {
        assert_eq!(store.due_tickets(*alarm, at(1_000_000), 9).await.unwrap(), [], "{alarm:?}");
    }
    let list = |filter| TicketQuery {
        reader: None,
        scope: TicketScope::All,
        filter,
        sort: Sort::default(),
        after: None,
        skip: 0,
        limit: 9,
    };
    let none = TicketFilter::default;
    for (filter, expected) in [
        (none(), 5),
        (TicketFilter { tag: Some("late".into()), ..none() }, 5),
        (TicketFilter { text: Some("walrus".into()), ..none() }, 5),
        (TicketFilter { deleted: true, ..none() }, 0),
    ] {
        assert_eq!(store.tickets(&list(filter)).await.unwrap().items.len(), expected);
    }

    // It is worked on like any other, and what was counted at first goes on from there.
    let gone = Ticket { deleted_at: Some(at(9)), subject: "Gone".into(), ..rows[1].clone() };
    store.commit(update(&gone, 1)).await.unwrap();
    store.commit(opening(&ticket(6), 60)).await.unwrap();
    let counted: u64 = store.cells(Holder::Anybody, Range::ALWAYS).await.unwrap().iter().map(|(_, n)| n).sum();
    assert_eq!(counted, 5);
    let most = Write::Occupy { agent: support_core::contract::sample::agent(1), read: 1, most: Some(2), at: at(1) };
    store.commit(support_core::contract::sample::writes([most])).await.unwrap();
    drop(store);
    let conn = Connection::open(&path).unwrap();
    let intact: String = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(intact, "ok");
    conn.execute("INSERT INTO support_ticket_text (support_ticket_text, rank) VALUES ('integrity-check', 1)", [])
        .unwrap();
    // Nothing is left of a cell that nobody stands in any more.
    let empty: i64 = conn.query_row("SELECT count(*) FROM support_cells WHERE n <= 0", [], |row| row.get(0)).unwrap();
    assert_eq!(empty, 0);
}

/// An upgraded file and a new one have the same tables.
#[tokio::test]
async fn both_ways_lead_to_the_same_schema() {
    let dir = tempfile::tempdir().unwrap();
    let schema = async |name: &str, old: bool| {
        let path = dir.path().join(name);
        if old {
            version_1(&path, &[]).unwrap();
        }
        drop(SqliteStore::open(&path).await.unwrap());
        let conn = Connection::open(&path).unwrap();
        let mut statement = conn.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?)));
        rows.unwrap().map(Result::unwrap).collect::<Vec<_>>()
    };
    assert_eq!(schema("old.db", true).await, schema("new.db", false).await);
}
