//! The people who help.

use crate::{
    SqliteStore,
    error::Error,
    row::{
        Fields, all, count, id_value, json, json_text, must_change, one, signed, text, time, time_value, uuid, word,
    },
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row, params};
use support_core::{
    domain::{
        actor::AgentRef,
        agent::{Agent, Availability},
        id::AgentId,
    },
    ports::{
        Slice, StoreError,
        agents::{AgentQuery, AgentStore},
    },
};

macro_rules! agents {
    ($condition:literal) => {
        concat!(
            "SELECT id, version, name, employee_id, team, skills, languages, shifts, availability, max_tickets, max_chats, \
             open_tickets, assigned_at, created_at, updated_at FROM support_agents ",
            $condition
        )
    };
}

pub(crate) const BY_ID: &str = agents!("WHERE id = ?1");
/// A few hundred people at the most, so team and availability are asked of each.
pub(crate) const PAGE: &str =
    agents!("WHERE id > ?1 AND (?2 IS NULL OR team = ?2) AND (?3 IS NULL OR availability = ?3) ORDER BY id LIMIT ?4");

#[async_trait]
impl AgentStore for SqliteStore {
    async fn agent(&self, id: AgentId) -> Result<Option<Agent>, StoreError> {
        self.readers.read(|conn| one(conn, BY_ID, [id_value(id.uuid())], decode))
    }

    async fn agents(&self, query: &AgentQuery) -> Result<Slice<Agent>, StoreError> {
        // Every id is behind the empty one.
        let after = query.after.map_or_else(Vec::new, |id| id.uuid().as_bytes().to_vec());
        let said = query.availability.map(Availability::as_str);
        let params = params![after, query.team, said, i64::from(query.limit) + 1];
        let agents = self.readers.read(|conn| all(conn, PAGE, params, decode))?;
        Ok(Slice::cut(agents, query.limit as usize))
    }
}

fn decode(row: &Row<'_>) -> Result<Agent, Error> {
    let mut row = Fields::new("support_agents", row);
    Ok(Agent {
        id: row.read("id", uuid)?,
        version: row.read("version", count)?,
        name: row.read("name", text)?,
        employee_id: row.maybe("employee_id", text)?,
        team: row.maybe("team", text)?,
        skills: row.read("skills", json)?,
        languages: row.read("languages", json)?,
        shifts: row.maybe("shifts", json)?,
        availability: row.maybe("availability", word(Availability::ALL, Availability::as_str))?,
        max_tickets: row.maybe("max_tickets", count)?,
        max_chats: row.maybe("max_chats", count)?,
        open_tickets: row.read("open_tickets", count)?,
        assigned_at: row.maybe("assigned_at", time)?,
        created_at: row.read("created_at", time)?,
        updated_at: row.read("updated_at", time)?,
    })
}

/// Adds an agent who is not there yet.
pub(crate) fn insert(conn: &Connection, agent: &Agent) -> Result<(), Error> {
    conn.prepare_cached(
        "INSERT INTO support_agents (id, version, name, employee_id, team, skills, languages, shifts, availability, \
         max_tickets, max_chats, open_tickets, assigned_at, created_at, updated_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        id_value(agent.id.uuid()),
        signed(agent.version)?,
        agent.name,
        agent.employee_id,
        agent.team,
        json_text(&agent.skills)?,
        json_text(&agent.languages)?,
        agent.shifts.as_ref().map(json_text).transpose()?,
        agent.availability.map(Availability::as_str),
        agent.max_tickets,
        agent.max_chats,
        agent.open_tickets,
        agent.assigned_at.map(time_value),
        time_value(agent.created_at),
        time_value(agent.updated_at),
    ])?;
    Ok(())
}

/// Makes the row of an agent what `agent` says, but for what is counted.
pub(crate) fn put(conn: &Connection, agent: &Agent, read: u64) -> Result<(), Error> {
    if read == 0 {
        return insert(conn, &Agent { version: 1, open_tickets: 0, assigned_at: None, ..agent.clone() });
    }
    must_change(
        conn,
        "UPDATE support_agents SET version = version + 1, name = ?3, employee_id = ?4, team = ?5, skills = ?6, \
         languages = ?7, shifts = ?8, availability = ?9, max_tickets = ?10, max_chats = ?11, updated_at = ?12 \
         WHERE id = ?1 AND version = ?2",
        params![
            id_value(agent.id.uuid()),
            signed(read)?,
            agent.name,
            agent.employee_id,
            agent.team,
            json_text(&agent.skills)?,
            json_text(&agent.languages)?,
            agent.shifts.as_ref().map(json_text).transpose()?,
            agent.availability.map(Availability::as_str),
            agent.max_tickets,
            agent.max_chats,
            time_value(agent.updated_at),
        ],
    )
}

/// One more open ticket, if there is room.
pub(crate) fn occupy(
    conn: &Connection,
    agent: &AgentRef,
    read: u64,
    most: Option<u32>,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    if read == 0 {
        if most == Some(0) {
            return Err(Error::Conflict);
        }
        let new = Agent::new(agent.id, agent.name.clone(), at);
        return insert(conn, &Agent { version: 1, open_tickets: 1, assigned_at: Some(at), ..new });
    }
    must_change(
        conn,
        "UPDATE support_agents SET open_tickets = open_tickets + 1, assigned_at = max(coalesce(assigned_at, ?4), ?4), \
         name = CASE name WHEN '' THEN ?5 ELSE name END \
         WHERE id = ?1 AND version = ?2 AND (?3 IS NULL OR open_tickets < ?3)",
        params![id_value(agent.id.uuid()), signed(read)?, most, time_value(at), agent.name],
    )
}

/// One open ticket less.
pub(crate) fn release(conn: &Connection, agent: AgentId) -> Result<(), Error> {
    let sql = "UPDATE support_agents SET open_tickets = max(open_tickets - 1, 0) WHERE id = ?1";
    must_change(conn, sql, [id_value(agent.uuid())])
}
