//! A search, as one statement.

use super::{Part, key, label_value, snippet, token};
use crate::{
    commit::marks,
    error::Error,
    names::Dialect,
    row::{Fields, Row},
    tickets::conditions::Conditions,
    value::{Value, values},
    words::{cut, may_go_on, owner},
};
use std::collections::BTreeSet;
use support_core::domain::{
    access::{ScopeTerm, TicketScope},
    search::{Corpus, FACETS, Hit, Hits, Label, Matching, SearchQuery, SearchScope},
};

/// A question is cut to so many words.
const WORDS: u16 = 32;

/// A word that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    text: String,
    /// Whether it may be the beginning of one.
    goes_on: bool,
}

impl Word {
    /// The words of a question, each once.
    pub(super) fn all(text: &str) -> Vec<Self> {
        let mut seen = BTreeSet::new();
        let words = cut(text).filter(|word| seen.insert(word.clone())).take(WORDS.into());
        let mut words: Vec<Self> = words.map(|text| Self { text, goes_on: false }).collect();
        if let Some(last) = words.last_mut() {
            last.goes_on = may_go_on(&last.text);
        }
        words
    }

    pub(super) fn is(&self, written: &str) -> bool {
        if self.goes_on { written.starts_with(&self.text) } else { written == self.text }
    }
}

/// A token in an expression of the index.
fn term(dialect: Dialect, token: &str, goes_on: bool) -> String {
    if dialect.choose(true, false) {
        format!("'{token}'{}", if goes_on { ":*" } else { "" })
    } else {
        format!("{token}{}", if goes_on { "*" } else { "" })
    }
}

fn share(met: u16, of: u16) -> f32 {
    f32::from(met) / f32::from(of)
}

/// What comes of a question that finds nothing.
pub(super) fn nothing(query: &SearchQuery) -> Hits {
    Hits { facets: query.facets.iter().map(|label| (*label, Vec::new())).collect(), ..Hits::default() }
}

/// A question that may find something.
pub(super) struct Asked<'q> {
    dialect: Dialect,
    query: &'q SearchQuery,
    corpus: Corpus,
    words: Vec<Word>,
    /// How many words there are, and how many of them an item must hold.
    count: u16,
    least: u16,
}

impl<'q> Asked<'q> {
    /// None where nothing can be found.
    pub(super) fn of(dialect: Dialect, query: &'q SearchQuery) -> Option<Self> {
        if matches!(&query.scope, SearchScope::Tickets { scope: TicketScope::AnyOf(terms), .. } if terms.is_empty()) {
            return None;
        }
        let words = Word::all(&query.text);
        let count = u16::try_from(words.len()).ok()?;
        let enough = if query.matching == Matching::All { count.max(1) } else { 1 };
        let least = (enough..=count).find(|met| share(*met, count) >= query.confidence)?;
        Some(Self { dialect, query, corpus: query.scope.corpus(), words, count, least })
    }

    /// The parts that are searched, by what they weigh.
    fn parts(&self) -> &'static [Part] {
        if self.query.scope.notes() { &Part::ALL } else { &Part::ALL[..3] }
    }

    fn token(&self, part: Part, word: &Word) -> String {
        token(self.dialect, self.corpus, part, &word.text)
    }

    /// The page, and the facets, which have no place. The first of all hits comes with every page, because each says how many
    /// there are. One statement, so that it is of one moment; and a page is one walk over what is found, which some servers
    /// would find anew each time that it is named.
    pub(super) fn statement(&self) -> (String, Vec<Value>) {
        let big = |sql: &str| self.dialect.choose(format!("CAST({sql} AS BIGINT)"), sql.to_owned());
        let (hit, mut values) = self.hit();
        let page = format!(
            " SELECT best.item AS item, best.place AS place, best.total AS total, {} AS score, {} AS met, '' AS label, \
             x.body AS body, x.notes AS notes FROM (SELECT item, score, met, count(*) OVER () AS total, \
             row_number() OVER (ORDER BY score DESC, at DESC, item DESC) AS place FROM hit) AS best \
             JOIN {{search_texts}} AS x ON x.item = best.item WHERE place = 1 OR place > ? AND place <= ?",
            big("best.score"),
            big("best.met")
        );
        let (skip, limit) = (i64::from(self.query.skip), i64::from(self.query.limit));
        values.extend(values![skip, skip + limit]);
        (hit + &page + &self.facets(&mut values), values)
    }

    /// Of each property its most frequent values.
    fn facets(&self, values: &mut Vec<Value>) -> String {
        let labels: BTreeSet<Label> = self.query.facets.iter().copied().collect();
        if labels.is_empty() {
            return String::new();
        }
        values.extend(labels.iter().map(|label| Value::from(label.as_str())));
        format!(
            " UNION ALL SELECT '', 0, total, 0, 0, label, value, '' FROM (SELECT l.label AS label, l.value AS value, \
             count(*) AS total, row_number() OVER (PARTITION BY l.label ORDER BY count(*) DESC, l.value) AS place \
             FROM hit JOIN {{search_labels}} AS l ON l.item = hit.item WHERE l.label IN ({}) \
             GROUP BY l.label, l.value) AS counted WHERE place <= {FACETS}",
            marks(labels.len())
        )
    }

    /// What is found, with what it weighs and how many of the words it holds.
    fn hit(&self) -> (String, Vec<Value>) {
        let (mut weights, mut values) = (Vec::new(), Vec::new());
        for (n, word) in self.words.iter().enumerate() {
            let (weight, holds) = self.weight(word);
            weights.push(format!("{weight} AS w{n}"));
            values.extend(holds);
        }
        let each = |write: fn(usize) -> String| (0..self.words.len()).map(write).collect::<Vec<_>>().join(" + ");
        let conditions = self.conditions();
        let sql = format!(
            "WITH hit AS (SELECT item, at, score, met FROM (SELECT item, at, {} AS score, {} AS met FROM \
             (SELECT t.item AS item, t.at AS at, {} FROM {{search_rows}} AS t{}) AS weighed) AS summed WHERE met >= ?)",
            each(|n| format!("w{n}")),
            each(|n| format!("least(w{n}, 1)")),
            weights.join(", "),
            conditions.sql()
        );
        values.extend(conditions.values);
        values.push(i64::from(self.least).into());
        (sql, values)
    }

    /// What the best place of a word in a row weighs.
    fn weight(&self, word: &Word) -> (String, Vec<Value>) {
        let (mut cases, mut values) = (Vec::new(), Vec::new());
        for part in self.parts() {
            let token = self.token(*part, word);
            let end = if word.goes_on { "" } else { " " };
            // As bytes: letter by letter it takes several times as long.
            let (holds, value) = self.dialect.choose(
                ("t.words @@ CAST(? AS TSQUERY)".to_owned(), term(self.dialect, &token, word.goes_on).into()),
                (format!("locate(?, t.{}) > 0", part.column()), format!(" {token}{end}").into_bytes().into()),
            );
            cases.push(format!("WHEN {holds} THEN {}", part.weight()));
            values.push(value);
        }
        (format!("CASE {} ELSE 0 END", cases.join(" ")), values)
    }

    fn conditions(&self) -> Conditions {
        let mut conditions = Conditions::default();
        let met = self.dialect.choose(
            "t.words @@ CAST(? AS TSQUERY)",
            "MATCH (t.head, t.tags, t.body, t.notes) AGAINST (? IN BOOLEAN MODE)",
        );
        conditions.and(met, values![self.expression()]);
        match &self.query.scope {
            SearchScope::Articles { drafts: true } => conditions.and("t.sight IN ('everybody', 'staff')", Vec::new()),
            SearchScope::Articles { drafts: false } => conditions.and("t.sight = 'everybody'", Vec::new()),
            SearchScope::Tickets { scope, .. } => {
                conditions.and("t.sight = 'ticket'", Vec::new());
                if let TicketScope::AnyOf(terms) = scope {
                    conditions.within(terms);
                }
            }
        }
        for (label, value) in &self.query.labels {
            let sql =
                "EXISTS (SELECT 1 FROM {search_labels} AS l WHERE l.item = t.item AND l.label = ? AND l.value = ?)";
            conditions.and(sql, values![label.as_str(), label_value(value)]);
        }
        conditions
    }

    /// The expression for rows that hold any of the words, or each of them. Where only some customers' tickets are searched,
    /// the index looks for nobody else's.
    fn expression(&self) -> String {
        let word = |word: &Word| {
            let parts = self.parts().iter().map(|part| term(self.dialect, &self.token(*part, word), word.goes_on));
            parts.collect::<Vec<_>>()
        };
        let owners: Vec<String> = self.owners().into_iter().map(|token| term(self.dialect, &token, false)).collect();
        let mut groups: Vec<Vec<String>> = self.words.iter().map(word).collect();
        if self.query.matching == Matching::Any {
            groups = vec![groups.concat()];
        }
        groups.extend((!owners.is_empty()).then_some(owners));
        let group = |terms: &Vec<String>| {
            self.dialect.choose(format!("({})", terms.join(" | ")), format!("+({})", terms.join(" ")))
        };
        groups.iter().map(group).collect::<Vec<_>>().join(self.dialect.choose(" & ", " "))
    }

    fn owners(&self) -> Vec<String> {
        let SearchScope::Tickets { scope: TicketScope::AnyOf(terms), .. } = &self.query.scope else {
            return Vec::new();
        };
        let owner = |term: &ScopeTerm| match term {
            ScopeTerm::Customer(id) => Some(owner(self.dialect, *id)),
            ScopeTerm::Assignee(_) | ScopeTerm::Unassigned => None,
        };
        terms.iter().map(owner).collect::<Option<_>>().unwrap_or_default()
    }

    /// What the rows of the statement say.
    pub(super) fn hits(&self, rows: &[Row]) -> Result<Hits, Error> {
        let (mut page, mut counted, mut hits) = (Vec::new(), Vec::new(), nothing(self.query));
        let skip = u64::from(self.query.skip);
        let shown = skip + 1..=skip + u64::from(self.query.limit);
        for row in rows {
            let mut row = Fields::new("search_rows", row);
            let (item, place, total) = (row.bytes("item")?, row.count("place")?, row.count("total")?);
            let (score, met): (u16, u16) = (row.count("score")?, row.count("met")?);
            let (label, body): (String, String) = (row.text("label")?, row.text("body")?);
            if place == 0 {
                counted.push((label, body, total));
                continue;
            }
            hits.total = total;
            if shown.contains(&place) {
                let notes: String = row.text("notes")?;
                let key = key(&item).ok_or_else(|| row.corrupt("item", "is no key".to_owned()))?;
                let notes = if self.query.scope.notes() { notes.as_str() } else { "" };
                let snippet = snippet::of(&self.words, &[body.as_str(), notes]);
                let confidence = share(met, self.count);
                page.push((place, Hit { key, score: score.into(), confidence, snippet }));
            }
        }
        page.sort_by_key(|(place, _)| *place);
        hits.items = page.into_iter().map(|(_, hit)| hit).collect();
        counted.sort_by(|one, other| other.2.cmp(&one.2).then_with(|| one.1.cmp(&other.1)));
        for (label, values) in &mut hits.facets {
            let own = counted.iter().filter(|(of, ..)| of == label.as_str());
            values.extend(own.map(|(_, value, total)| (value.clone(), *total)));
        }
        Ok(hits)
    }
}
