//! From a query to its hits.

use super::{scope, snippet::snippet, words::Wanted};
use crate::{
    error::Error,
    row::{Fields, integer, json, one, text, time, uuid},
};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row};
use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap},
};
use support_core::domain::search::{FACETS as MOST, Hit, Hits, Label, Matching, SearchKey, SearchQuery, Snippet};

pub(crate) const MATCHES: &str = "SELECT rowid FROM support_searchable_text WHERE support_searchable_text MATCH ?1";
pub(crate) const FACTS: &str = "SELECT id, language, at, labels FROM support_searchables WHERE seq = ?1";
pub(crate) const TEXTS: &str = "SELECT seq, text, notes FROM support_searchable_words WHERE seq = ?1";

pub(super) fn find(conn: &Connection, query: &SearchQuery) -> Result<Hits, Error> {
    // Several statements, one state of the database.
    let snapshot = conn.unchecked_transaction()?;
    let wanted = Wanted::of(&query.text);
    let mut values = Facets::of(&query.facets);
    let mut found = Vec::new();
    for fit in fits(conn, &wanted, query)? {
        let facts = one(conn, FACTS, [fit.seq], |row| facts(row, query))?;
        let Some(facts) = facts.ok_or_else(|| lost(fit.seq))? else { continue };
        values.count(&facts.labels);
        found.push((fit, facts));
    }
    found.sort_unstable_by(|(one, a), (other, b)| {
        other.score.total_cmp(&one.score).then(b.at.cmp(&a.at)).then(b.key.cmp(&a.key))
    });
    let total = found.len() as u64;
    let page = found.into_iter().skip(query.skip as usize).take(query.limit as usize);
    let hit = |(fit, facts): (Fit, Facts)| {
        let snippet = piece(conn, fit.seq, query, &wanted)?;
        Ok(Hit { key: facts.key, score: fit.score, confidence: fit.confidence, snippet })
    };
    let items: Result<Vec<Hit>, Error> = page.map(hit).collect();
    snapshot.finish()?;
    Ok(Hits { items: items?, total, facets: values.finish() })
}

/// A row in the scope that holds enough of the words.
struct Fit {
    seq: i64,
    score: f32,
    confidence: f32,
}

fn fits(conn: &Connection, wanted: &Wanted, query: &SearchQuery) -> Result<Vec<Fit>, Error> {
    let Some(within) = scope::expression(&query.scope) else { return Ok(Vec::new()) };
    let words: Result<Vec<_>, Error> =
        wanted.terms().map(|term| weights(conn, &term, &within, query.scope.notes())).collect();
    let words = words?;
    let mut rows: HashMap<i64, (usize, f64)> = HashMap::new();
    for seq in words.iter().flat_map(HashMap::keys) {
        rows.entry(*seq).or_default().0 += 1;
    }
    #[expect(clippy::cast_precision_loss, reason = "rows of a table, in ten thousands")]
    let all = rows.len() as f64;
    for weights in &words {
        #[expect(clippy::cast_precision_loss, reason = "as above")]
        let rarity = 1.0 + (all / weights.len() as f64).ln();
        for (seq, weight) in weights {
            rows.entry(*seq).or_default().1 += weight * rarity;
        }
    }
    let enough = if query.matching == Matching::All { wanted.len() } else { 1 };
    let fit = |(seq, (met, score)): (i64, (usize, f64))| {
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "at most 32 words")]
        let (confidence, score) = (met as f32 / wanted.len() as f32, score as f32);
        (met >= enough && confidence >= query.confidence).then_some(Fit { seq, score, confidence })
    };
    Ok(rows.into_iter().filter_map(fit).collect())
}

/// The rows in the scope that hold a word, and what it weighs there: what it does where it weighs most.
fn weights(conn: &Connection, term: &str, within: &str, notes: bool) -> Result<HashMap<i64, f64>, Error> {
    let texts = if notes { "text notes" } else { "text" };
    let mut weights = HashMap::new();
    for (columns, weight) in [("number title", 4.0), ("tags", 2.0), (texts, 1.0)] {
        let expression = format!("{within} AND {{{columns}}} : {term}");
        let mut statement = conn.prepare_cached(MATCHES)?;
        let mut rows = statement.query([expression])?;
        while let Some(row) = rows.next()? {
            weights.entry(row.get(0)?).or_insert(weight);
        }
    }
    Ok(weights)
}

/// What is asked of a hit beside its words.
struct Facts {
    key: SearchKey,
    at: DateTime<Utc>,
    labels: BTreeSet<(Label, String)>,
}

/// None where it lacks a label that is asked for.
fn facts(row: &Row<'_>, query: &SearchQuery) -> Result<Option<Facts>, Error> {
    let mut row = Fields::new("support_searchables", row);
    let key =
        SearchKey { corpus: query.scope.corpus(), id: row.read("id", uuid)?, language: row.read("language", text)? };
    let at = row.read("at", time)?;
    let unasked = query.labels.is_empty() && query.facets.is_empty();
    let labels: BTreeSet<_> = if unasked { BTreeSet::new() } else { row.read("labels", json)? };
    let narrow = query.labels.iter().all(|label| labels.contains(label));
    Ok(narrow.then_some(Facts { key, at, labels }))
}

fn piece(conn: &Connection, seq: i64, query: &SearchQuery, wanted: &Wanted) -> Result<Snippet, Error> {
    let texts = one(conn, TEXTS, [seq], |row| {
        let mut row = Fields::new("support_searchable_words", row);
        row.read("seq", integer)?;
        Ok((row.read("text", text::<String>)?, row.read("notes", text::<String>)?))
    })?;
    let (text, notes) = texts.ok_or_else(|| lost(seq))?;
    Ok(snippet(wanted, &[&text, if query.scope.notes() { &notes } else { "" }]))
}

/// The index knows a row that is not there.
fn lost(seq: i64) -> Error {
    Error::Corrupt {
        table: "support_searchables",
        column: "seq",
        id: seq.to_string(),
        reason: "the text index holds words of it, and it is not there".to_owned(),
    }
}

/// How many hits have which value of the properties that were asked for.
struct Facets(Vec<(Label, HashMap<String, u64>)>);

impl Facets {
    fn of(labels: &[Label]) -> Self {
        Self(labels.iter().map(|label| (*label, HashMap::new())).collect())
    }

    fn count(&mut self, labels: &BTreeSet<(Label, String)>) {
        for (label, counts) in &mut self.0 {
            for (_, value) in labels.iter().filter(|(of, _)| of == label) {
                match counts.get_mut(value) {
                    Some(n) => *n += 1,
                    None => drop(counts.insert(value.clone(), 1)),
                }
            }
        }
    }

    fn finish(self) -> Vec<(Label, Vec<(String, u64)>)> {
        let most = |counts: HashMap<String, u64>| {
            let mut counts: Vec<_> = counts.into_iter().collect();
            counts.sort_unstable_by(|(one, n), (other, m)| (Reverse(n), one).cmp(&(Reverse(m), other)));
            counts.truncate(MOST);
            counts
        };
        self.0.into_iter().map(|(label, counts)| (label, most(counts))).collect()
    }
}
