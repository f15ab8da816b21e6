//! Documents into their tables.

use super::COLUMNS;
use crate::{
    commit::{Must, Step, inserted, marks},
    error::Error,
    names::Dialect,
    value::{Value, json_text, signed, values},
};
use std::collections::BTreeMap;
use support_core::domain::{
    document::{Document, DocumentKind, Placement},
    id::CustomerId,
};
use uuid::Uuid;

/// What stands on lists more than before, or less, over a whole change set.
pub(crate) type Counts = BTreeMap<(DocumentKind, String), i64>;

/// Rows of counters in one statement.
pub(crate) const AT_ONCE: usize = 5_000;

/// How a document comes to be found otherwise than before.
pub(crate) struct Placing<'p> {
    pub(crate) kind: DocumentKind,
    pub(crate) id: Uuid,
    gone_keys: Vec<&'p str>,
    new_keys: Vec<&'p str>,
    gone_places: Vec<(&'p str, i64)>,
    new_places: Vec<(&'p str, i64)>,
}

impl<'p> Placing<'p> {
    /// From what it was to what it is: what stays is not written.
    pub(crate) fn new(
        (kind, id): (DocumentKind, Uuid),
        before: &'p Placement,
        after: &'p Placement,
    ) -> Result<Self, Error> {
        let names = after.keys.iter().chain(after.lists.keys());
        if names.into_iter().any(|name| name.len() > Placement::MOST_BYTES) {
            return Err(Error::Unstorable("a key or the name of a list of more than 250 bytes"));
        }
        let places = |one: &'p Placement, other: &Placement| {
            let differs = |(list, at): &(&String, &i64)| other.lists.get(*list) != Some(*at);
            one.lists.iter().filter(differs).map(|(list, at)| (list.as_str(), *at)).collect()
        };
        Ok(Self {
            kind,
            id,
            gone_keys: before.keys.difference(&after.keys).map(String::as_str).collect(),
            new_keys: after.keys.difference(&before.keys).map(String::as_str).collect(),
            gone_places: places(before, after),
            new_places: places(after, before),
        })
    }

    /// Keys that it gives up or takes.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &'p str> {
        self.gone_keys.iter().chain(&self.new_keys).copied()
    }

    /// Adds what it makes of the numbers on lists. One that only moves on its list makes nothing of it.
    pub(crate) fn count(&self, counts: &mut Counts) {
        for (places, by) in [(&self.gone_places, -1), (&self.new_places, 1)] {
            for (list, _) in places {
                *counts.entry((self.kind, (*list).to_owned())).or_default() += by;
            }
        }
    }

    fn steps(&self, dialect: Dialect) -> Vec<Step> {
        let (kind, id) = (self.kind.as_str(), self.id);
        let mut steps = Vec::new();
        if !self.gone_keys.is_empty() {
            let count = self.gone_keys.len();
            let sql = format!(
                "DELETE FROM {{document_keys}} WHERE kind = ? AND item_key IN ({}) AND document = ?",
                marks(count)
            );
            let keys = self.gone_keys.iter().map(|key| Value::from(*key));
            let values = values![kind].into_iter().chain(keys).chain(values![id]).collect();
            steps.push(Step::new(sql, values, Must::Rows(count as u64)));
        }
        if !self.gone_places.is_empty() {
            let count = self.gone_places.len();
            let places = vec!["(list = ? AND at = ?)"; count].join(" OR ");
            let sql = format!("DELETE FROM {{document_lists}} WHERE kind = ? AND document = ? AND ({places})");
            let places = self.gone_places.iter().flat_map(|(list, at)| values![*list, *at]);
            let values = values![kind, id].into_iter().chain(places).collect();
            steps.push(Step::new(sql, values, Must::Rows(count as u64)));
        }
        steps.extend(taken(dialect, self.new_keys.iter().map(|key| values![kind, *key, id]).collect()));
        steps.extend(placed(dialect, self.new_places.iter().map(|(list, at)| values![kind, *list, *at, id]).collect()));
        steps
    }
}

fn taken(dialect: Dialect, keys: Vec<Vec<Value>>) -> Option<Step> {
    (!keys.is_empty()).then(|| inserted(dialect, "document_keys", "kind, item_key, document", keys))
}

fn placed(dialect: Dialect, places: Vec<Vec<Value>>) -> Option<Step> {
    (!places.is_empty()).then(|| inserted(dialect, "document_lists", "kind, list, at, document", places))
}

fn encode(document: &Document, version: u64) -> Result<Vec<Value>, Error> {
    Ok(values![
        document.id,
        document.kind.as_str(),
        signed(version)?,
        document.owner.map(CustomerId::uuid),
        json_text(&document.placement.keys)?,
        json_text(&document.placement.lists)?,
        json_text(&document.body)?,
    ])
}

/// Makes a document what `document` says. The row comes first: whoever finds it in another version writes nothing.
pub(crate) fn put(dialect: Dialect, document: &Document, read: u64, placing: &Placing<'_>) -> Result<Vec<Step>, Error> {
    let row = if read == 0 {
        let row = encode(document, 1)?;
        Step::one(format!("INSERT INTO {{documents}} ({COLUMNS}) VALUES ({})", marks(row.len())), row)
    } else {
        let sql = "UPDATE {documents} SET version = version + 1, owner_id = ?, item_keys = ?, lists = ?, body = ? \
                   WHERE kind = ? AND id = ? AND version = ?";
        let mut values = encode(document, read)?.split_off(3);
        values.extend(values![document.kind.as_str(), document.id, signed(read)?]);
        Step::one(sql, values)
    };
    Ok([row].into_iter().chain(placing.steps(dialect)).collect())
}

pub(crate) fn remove(dialect: Dialect, read: u64, placing: &Placing<'_>) -> Result<Vec<Step>, Error> {
    let sql = "DELETE FROM {documents} WHERE kind = ? AND id = ? AND version = ?";
    let row = Step::one(sql, values![placing.kind.as_str(), placing.id, signed(read)?]);
    Ok([row].into_iter().chain(placing.steps(dialect)).collect())
}

/// Adds documents as another store had them, and says what stands on lists by that.
pub(crate) fn restore(dialect: Dialect, documents: &[&Document], counts: &mut Counts) -> Result<Vec<Step>, Error> {
    let (mut rows, mut keys, mut places) = (Vec::new(), Vec::new(), Vec::new());
    for document in documents {
        let (kind, id, nothing) = (document.kind, document.id, Placement::default());
        let placing = Placing::new((kind, id), &nothing, &document.placement)?;
        placing.count(counts);
        rows.push(encode(document, document.version)?);
        keys.extend(placing.new_keys.iter().map(|key| values![kind.as_str(), *key, id]));
        places.extend(placing.new_places.iter().map(|(list, at)| values![kind.as_str(), *list, *at, id]));
    }
    let steps = [inserted(dialect, "documents", COLUMNS, rows)];
    Ok(steps.into_iter().chain(taken(dialect, keys)).chain(placed(dialect, places)).collect())
}

/// Writes the numbers of a change set, each list once. Which order the rows have, their key says.
pub(crate) fn counted(dialect: Dialect, counts: &Counts) -> Vec<Step> {
    let changed: Vec<_> = counts.iter().filter(|(_, by)| **by != 0).collect();
    let there = dialect.choose(
        " ON CONFLICT (kind, list) DO UPDATE SET total = c.total + excluded.total",
        " ON DUPLICATE KEY UPDATE total = total + VALUES(total)",
    );
    let step = |some: &[(&(DocumentKind, String), &i64)]| {
        let rows = some.iter().map(|((kind, list), by)| values![kind.as_str(), list, **by]).collect();
        let mut step = inserted(dialect, "document_counts", "kind, list, total", rows);
        let named = dialect.choose("{document_counts} AS c (", "{document_counts} (");
        step.sql = (step.sql.replacen("{document_counts} (", named, 1) + there).into();
        // A row that was there counts as two, on one of the servers.
        step.must = Must::Anything;
        step
    };
    changed.chunks(AT_ONCE).map(step).collect()
}

/// Takes away numbers of lists on which nothing stands any more: names of lists are without an end, and may be somebody's.
pub(crate) fn forget_empty(counts: &Counts) -> Vec<Step> {
    let mut less: BTreeMap<DocumentKind, Vec<&str>> = BTreeMap::new();
    for ((kind, list), _) in counts.iter().filter(|(_, by)| **by < 0) {
        less.entry(*kind).or_default().push(list);
    }
    let step = |(kind, lists): (&DocumentKind, &Vec<&str>)| {
        let sql = format!(
            "DELETE FROM {{document_counts}} WHERE kind = ? AND list IN ({}) AND total = 0",
            marks(lists.len())
        );
        let lists = lists.iter().map(|list| Value::from(*list));
        Step::new(sql, values![kind.as_str()].into_iter().chain(lists).collect(), Must::Anything)
    };
    less.iter().map(step).collect()
}
