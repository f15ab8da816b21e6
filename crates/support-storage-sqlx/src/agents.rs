//! The people who help.

use crate::{
    SqlxStore,
    commit::{Step, inserted, marks},
    error::Error,
    names::Dialect,
    row::{Fields, Row},
    store::read,
    value::{Value, json_text, maybe_json, signed, values},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
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

pub(crate) const COLUMNS: &str = "id, version, name, employee_id, team, skills, languages, shifts, availability, max_tickets, max_chats, \
     open_tickets, assigned_at, created_at, updated_at";

#[async_trait]
impl AgentStore for SqlxStore {
    async fn agent(&self, id: AgentId) -> Result<Option<Agent>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM {{agents}} WHERE id = ?");
        read!(self.primary, |session| async {
            session.row(&sql, values![id.uuid()]).await?.as_ref().map(decode).transpose()
        })
    }

    async fn agents(&self, query: &AgentQuery) -> Result<Slice<Agent>, StoreError> {
        // A few hundred people at the most, so team and availability are asked of each.
        let (mut asked, mut values) = (vec!["1 = 1"], Vec::new());
        if let Some(after) = query.after {
            asked.push("id > ?");
            values.push(Value::from(after.uuid()));
        }
        if let Some(team) = &query.team {
            asked.push("team = ?");
            values.push(team.into());
        }
        if let Some(said) = query.availability {
            asked.push("availability = ?");
            values.push(said.as_str().into());
        }
        values.push(Value::from(i64::from(query.limit) + 1));
        let sql = format!("SELECT {COLUMNS} FROM {{agents}} WHERE {} ORDER BY id LIMIT ?", asked.join(" AND "));
        let agents: Vec<Agent> = read!(self.primary, |session| async {
            session.rows(&sql, values.clone()).await?.iter().map(decode).collect()
        })?;
        Ok(Slice::cut(agents, query.limit as usize))
    }
}

pub(crate) fn decode(row: &Row) -> Result<Agent, Error> {
    let mut row = Fields::new("agents", row);
    Ok(Agent {
        id: row.id("id")?,
        version: row.count("version")?,
        name: row.text("name")?,
        employee_id: row.maybe_text("employee_id")?,
        team: row.maybe_text("team")?,
        skills: row.json("skills")?,
        languages: row.json("languages")?,
        shifts: row.maybe_json("shifts")?,
        availability: row.maybe_word("availability", Availability::ALL, Availability::as_str)?,
        max_tickets: row.maybe_count("max_tickets")?,
        max_chats: row.maybe_count("max_chats")?,
        open_tickets: row.count("open_tickets")?,
        assigned_at: row.maybe_time("assigned_at")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}

/// The values of [`COLUMNS`], in their order.
fn encode(agent: &Agent) -> Result<Vec<Value>, Error> {
    Ok(values![
        agent.id.uuid(),
        signed(agent.version)?,
        &agent.name,
        &agent.employee_id,
        &agent.team,
        json_text(&agent.skills)?,
        json_text(&agent.languages)?,
        maybe_json(agent.shifts.as_ref())?,
        agent.availability.map(Availability::as_str),
        agent.max_tickets,
        agent.max_chats,
        agent.open_tickets,
        agent.assigned_at,
        agent.created_at,
        agent.updated_at,
    ])
}

/// Adds agents as another store had them.
pub(crate) fn restore(dialect: Dialect, agents: &[&Agent]) -> Result<Step, Error> {
    let rows: Result<Vec<_>, Error> = agents.iter().map(|agent| encode(agent)).collect();
    Ok(inserted(dialect, "agents", COLUMNS, rows?))
}

fn insert(agent: &Agent) -> Result<Step, Error> {
    let values = encode(agent)?;
    Ok(Step::one(format!("INSERT INTO {{agents}} ({COLUMNS}) VALUES ({})", marks(values.len())), values))
}

/// Makes the row of an agent what `agent` says, but for what is counted.
pub(crate) fn put(agent: &Agent, read: u64) -> Result<Step, Error> {
    if read == 0 {
        return insert(&Agent { version: 1, open_tickets: 0, assigned_at: None, ..agent.clone() });
    }
    let sql = "UPDATE {agents} SET version = version + 1, name = ?, employee_id = ?, team = ?, skills = ?, languages = ?, \
               shifts = ?, availability = ?, max_tickets = ?, max_chats = ?, updated_at = ? WHERE id = ? AND version = ?";
    let values = values![
        &agent.name,
        &agent.employee_id,
        &agent.team,
        json_text(&agent.skills)?,
        json_text(&agent.languages)?,
        maybe_json(agent.shifts.as_ref())?,
        agent.availability.map(Availability::as_str),
        agent.max_tickets,
        agent.max_chats,
        agent.updated_at,
        agent.id.uuid(),
        signed(read)?,
    ];
    Ok(Step::one(sql, values))
}

/// One more open ticket, if there is room.
pub(crate) fn occupy(agent: &AgentRef, read: u64, most: Option<u32>, at: DateTime<Utc>) -> Result<Step, Error> {
    if read == 0 {
        if most == Some(0) {
            return Err(Error::Conflict);
        }
        let new = Agent::new(agent.id, agent.name.clone(), at);
        return insert(&Agent { version: 1, open_tickets: 1, assigned_at: Some(at), ..new });
    }
    let room = if most.is_some() { " AND open_tickets < ?" } else { "" };
    let sql = format!(
        "UPDATE {{agents}} SET open_tickets = open_tickets + 1, assigned_at = greatest(coalesce(assigned_at, ?), ?), \
         name = CASE name WHEN '' THEN ? ELSE name END WHERE id = ? AND version = ?{room}"
    );
    let mut values = values![at, at, &agent.name, agent.id.uuid(), signed(read)?];
    values.extend(most.map(Value::from));
    Ok(Step::one(sql, values))
}

/// One open ticket less.
pub(crate) fn release(agent: AgentId) -> Step {
    let sql = "UPDATE {agents} SET open_tickets = greatest(open_tickets - 1, 0) WHERE id = ?";
    Step::one(sql, values![agent.uuid()])
}
