//! Everything, in order.

use crate::{
    SqlxStore, agents, catalogue, documents,
    error::Error,
    events, messages,
    names::Dialect,
    operations, requests,
    row::{Fields, Row},
    stats::tallies,
    store::read,
    tickets, time_entries,
    value::{Value, values},
};
use async_trait::async_trait;
use support_core::{
    domain::id::{AgentId, EntryId},
    ports::{
        StoreError,
        archive::{ArchiveStore, Place, Record, RecordKind},
    },
};
use uuid::Uuid;

/// Tallies that are read at once to be counted.
const COUNTED: u32 = 5_000;

type Page = Result<Vec<(Place, Record)>, StoreError>;

#[async_trait]
impl ArchiveStore for SqlxStore {
    async fn records(&self, kind: RecordKind, after: Option<&Place>, limit: u32) -> Page {
        match kind {
            RecordKind::Tickets => self.committed(tickets::BEHIND, after, limit, tickets::placed, Record::Ticket).await,
            RecordKind::Messages => {
                self.committed(messages::BEHIND, after, limit, messages::placed, Record::Message).await
            }
            RecordKind::Events => self.committed(events::BEHIND, after, limit, events::placed, Record::Event).await,
            RecordKind::Operations => {
                self.committed(operations::BEHIND, after, limit, operations::decode, Record::Operation).await
            }
            RecordKind::TimeEntries => {
                self.committed(time_entries::BEHIND, after, limit, time_entries::placed, Record::TimeEntry).await
            }
            RecordKind::Agents => {
                let after = after.map(Place::read::<AgentId>).transpose()?.map(|id| values![id.uuid()]);
                self.keyed(Keyed { columns: agents::COLUMNS, table: "agents", key: &["id"], after, limit }, |row| {
                    Ok(Record::Agent(Box::new(agents::decode(row)?)))
                })
                .await
            }
            RecordKind::Catalogue => {
                let after = after.map(Place::read::<EntryId>).transpose()?.map(|id| values![id.uuid()]);
                let columns = "id, version, item, created_at, updated_at";
                self.keyed(Keyed { columns, table: "catalogue", key: &["id"], after, limit }, |row| {
                    Ok(Record::Entry(Box::new(catalogue::decode(row)?)))
                })
                .await
            }
            RecordKind::Documents => {
                let after: Option<(String, Uuid)> = after.map(Place::read).transpose()?;
                let after = after.map(|(kind, id)| values![kind, id]);
                let columns = documents::COLUMNS;
                self.keyed(Keyed { columns, table: "documents", key: &["kind", "id"], after, limit }, |row| {
                    Ok(Record::Document(Box::new(documents::decode(row)?)))
                })
                .await
            }
            RecordKind::Requests => {
                let after: Option<(String, String)> = after.map(Place::read).transpose()?;
                let after = after.map(|(principal, key)| values![principal, key]);
                let (columns, key) = (requests::COLUMNS, &["principal", "request_key"]);
                self.keyed(Keyed { columns, table: "requests", key, after, limit }, |row| {
                    Ok(Record::Request(Box::new(requests::decode(row)?)))
                })
                .await
            }
            RecordKind::Counters => {
                let after = after.map(Place::read::<String>).transpose()?.map(|series| values![series]);
                let columns = "series, last";
                self.keyed(Keyed { columns, table: "counters", key: &["series"], after, limit }, counter).await
            }
            RecordKind::Tallies => {
                let after: Option<tallies::Quarter> = after.map(Place::read).transpose()?;
                let tallies = read!(self.primary, |session| tallies::behind(session, after.clone(), limit))?;
                by_key(tallies.into_iter().map(|row| Record::Tally(Box::new(row))).collect())
            }
        }
    }

    async fn record_count(&self, kind: RecordKind) -> Result<u64, StoreError> {
        let table = match kind {
            RecordKind::Tickets => "tickets",
            RecordKind::Messages => "messages",
            RecordKind::Events => "events",
            RecordKind::Agents => "agents",
            RecordKind::Catalogue => "catalogue",
            RecordKind::Documents => "documents",
            RecordKind::Operations => "operations",
            RecordKind::TimeEntries => "time_entries",
            RecordKind::Requests => "requests",
            RecordKind::Counters => "counters",
            RecordKind::Tallies => return self.tally_count().await,
        };
        let sql = format!("SELECT count(*) AS n FROM {{{table}}}");
        read!(self.primary, |session| async {
            let row = session.row(&sql, Vec::new()).await?.ok_or(sqlx::Error::RowNotFound)?;
            Fields::new(table, &row).count("n")
        })
    }
}

/// A stretch of a table along its key.
struct Keyed<'k> {
    columns: &'static str,
    table: &'static str,
    key: &'k [&'k str],
    after: Option<Vec<Value>>,
    limit: u32,
}

impl SqlxStore {
    /// Rows in the order of commits.
    async fn committed<T: Send>(
        &self,
        sql: &str,
        after: Option<&Place>,
        limit: u32,
        decode: fn(&Row) -> Result<(i64, T), Error>,
        record: fn(Box<T>) -> Record,
    ) -> Page {
        let after: i64 = after.map_or(Ok(0), Place::read)?;
        let rows: Vec<(i64, T)> = read!(self.primary, |session| async {
            session.rows(sql, values![after, limit]).await?.iter().map(decode).collect()
        })?;
        rows.into_iter().map(|(seq, row)| Ok((Place::of(&seq)?, record(Box::new(row))))).collect()
    }

    /// Rows in the order of a key of their own.
    async fn keyed(&self, keyed: Keyed<'_>, decode: fn(&Row) -> Result<Record, Error>) -> Page {
        let Keyed { columns, table, key, after, limit } = keyed;
        let (behind, mut values) = behind_key(self.names.dialect, key, after);
        values.push(limit.into());
        let sql = format!("SELECT {columns} FROM {{{table}}} WHERE {behind} ORDER BY {} LIMIT ?", key.join(", "));
        let records: Vec<Record> = read!(self.primary, |session| async {
            session.rows(&sql, values.clone()).await?.iter().map(decode).collect()
        })?;
        by_key(records)
    }

    /// What comes to nothing is known only when it is added up.
    async fn tally_count(&self) -> Result<u64, StoreError> {
        let (mut count, mut after) = (0, None::<Place>);
        loop {
            let page = self.records(RecordKind::Tallies, after.as_ref(), COUNTED).await?;
            let Some((place, _)) = page.last() else { return Ok(count) };
            after = Some(place.clone());
            count += page.len() as u64;
        }
    }
}

fn by_key(records: Vec<Record>) -> Page {
    records.into_iter().map(|record| Ok((Place::of_key(&record)?, record))).collect()
}

fn counter(row: &Row) -> Result<Record, Error> {
    let mut row = Fields::new("counters", row);
    Ok(Record::Counter { series: row.text("series")?, last: row.count("last")? })
}

/// What is asked of rows behind a key, so that an index leads there, and the values of it.
pub(crate) fn behind_key(dialect: Dialect, key: &[&str], after: Option<Vec<Value>>) -> (String, Vec<Value>) {
    let Some(after) = after else { return ("1 = 1".to_owned(), Vec::new()) };
    if dialect.choose(true, false) {
        return (format!("({}) > ({})", key.join(", "), crate::commit::marks(key.len())), after);
    }
    // Compared as one, the server would read the table from its start.
    let (mut ways, mut values) = (Vec::new(), Vec::new());
    for (n, last) in key.iter().enumerate() {
        let same = key[..n].iter().map(|column| format!("{column} = ?"));
        let way: Vec<String> = same.chain([format!("{last} > ?")]).collect();
        ways.push(format!("({})", way.join(" AND ")));
        values.extend_from_slice(&after[..=n]);
    }
    (format!("({})", ways.join(" OR ")), values)
}
