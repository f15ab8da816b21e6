//! What the index is told, as statements.

use super::{Part, item, label_value, plain, token};
use crate::{
    commit::{Must, Plan, Stage, Step, Together, inserted, marks},
    names::Dialect,
    value::{Value, values},
    words::{bound, cut, document, owner},
};
use std::collections::{BTreeMap, BTreeSet};
use support_core::domain::{
    id::AgentId,
    search::{Batch, Label, Searchable, Sight},
};

/// Items in one statement, and bytes of their texts. A server has a limit to what it is told at once.
const AT_ONCE: usize = 100;
const BYTES_AT_ONCE: usize = 1_000_000;

/// Rows of labels in one statement, and items that are removed by one.
const ROWS_AT_ONCE: usize = 5_000;

/// A batch, ready to be run as often as it takes. Whoever writes an item holds its row first, so the labels are those of one
/// batch.
pub(super) fn plan(dialect: Dialect, batch: &Batch) -> Plan {
    // In the order of their items, so that two who feed the same wait for each other and not crosswise.
    let put: BTreeMap<Vec<u8>, &Searchable> = batch.put.iter().map(|row| (item(&row.key), row)).collect();
    let put: Vec<(&Vec<u8>, &Searchable)> = put.iter().map(|(item, row)| (item, *row)).collect();
    let mut gone: Vec<Vec<u8>> = batch.remove.iter().map(item).collect();
    gone.sort();

    let mut stages = Vec::new();
    stages.extend(batch.bookmark.as_deref().map(|value| vec![keep(dialect, value)]));
    for some in gone.chunks(ROWS_AT_ONCE) {
        let items: Vec<&Vec<u8>> = some.iter().collect();
        stages.push(["search_rows", "search_texts", "search_labels"].map(|table| remove(table, &items)).to_vec());
    }
    for some in stretches(&put) {
        stages.push(rows(dialect, some));
        stages.push(vec![remove("search_labels", &some.iter().map(|(item, _)| *item).collect::<Vec<_>>())]);
        let labels = some.iter().flat_map(|(item, row)| {
            let label = |(label, value): &(Label, String)| (label.as_str(), label_value(value));
            let labels: BTreeSet<_> = row.labels.iter().map(label).collect();
            labels.into_iter().map(|(label, value)| values![item.as_slice(), label, value])
        });
        let labels: Vec<Vec<Value>> = labels.collect();
        let labels = labels.chunks(ROWS_AT_ONCE);
        stages.extend(labels.map(|rows| vec![inserted(dialect, "search_labels", "item, label, value", rows.to_vec())]));
    }
    let together = |rest| Stage::Together(Together { rest, ..Together::default() });
    Plan { stages: stages.into_iter().map(together).collect(), notes: 0 }
}

/// Items that go into one statement.
fn stretches<'p, 'b>(mut rest: &'p [(&'b Vec<u8>, &'b Searchable)]) -> Vec<&'p [(&'b Vec<u8>, &'b Searchable)]> {
    let mut stretches = Vec::new();
    while !rest.is_empty() {
        let mut room = BYTES_AT_ONCE;
        let fits = |(_, row): &&(&Vec<u8>, &Searchable)| {
            let bytes = row.title.len() + row.text.len() + row.notes.len();
            let fits = bytes <= room;
            room = room.saturating_sub(bytes);
            fits
        };
        let count = rest.iter().take(AT_ONCE).take_while(fits).count();
        // One that is larger than all goes alone.
        let (some, more) = rest.split_at(count.max(1));
        stretches.push(some);
        rest = more;
    }
    stretches
}

fn keep(dialect: Dialect, bookmark: &str) -> Step {
    upsert(dialect, "search_bookmark", &["name", "value"], &["?", "?"], vec![values!["feed", plain(bookmark)]])
}

fn remove(table: &str, items: &[&Vec<u8>]) -> Step {
    let sql = format!("DELETE FROM {{{table}}} WHERE item IN ({})", marks(items.len()));
    Step::new(sql, items.iter().map(|item| Value::from(item.as_slice())).collect(), Must::Anything)
}

fn rows(dialect: Dialect, some: &[(&Vec<u8>, &Searchable)]) -> Vec<Step> {
    let row = |(item, row): &(&Vec<u8>, &Searchable)| {
        let (sight, holding) = match row.sight {
            Sight::Everybody => ("everybody", None),
            Sight::Staff => ("staff", None),
            Sight::Ticket(holding) => ("ticket", Some(holding)),
        };
        let customer = holding.map(|holding| holding.customer.uuid());
        let assignee = holding.and_then(|holding| holding.assignee).map(AgentId::uuid);
        let own = values![item.as_slice(), row.at, sight, customer, assignee];
        own.into_iter().chain(words(dialect, row).into_iter().map(Value::from)).collect()
    };
    let text = |(item, row): &(&Vec<u8>, &Searchable)| values![item.as_slice(), plain(&row.text), plain(&row.notes)];
    let words = dialect.choose(vec!["words"], Part::ALL.map(Part::column).to_vec());
    let columns = [&["item", "at", "sight", "customer_id", "assignee_id"], words.as_slice()].concat();
    let bound = [["?"; 5].as_slice(), vec![bound(dialect); words.len()].as_slice()].concat();
    vec![
        upsert(dialect, "search_rows", &columns, &bound, some.iter().map(row).collect()),
        upsert(dialect, "search_texts", &["item", "body", "notes"], &["?"; 3], some.iter().map(text).collect()),
    ]
}

/// The words of an item, each once, in the part where it weighs most; one value for each column.
fn words(dialect: Dialect, row: &Searchable) -> Vec<String> {
    let tags = row.labels.iter().filter(|(label, _)| *label == Label::Tag).map(|(_, tag)| (Part::Tag, tag.as_str()));
    let texts = [(Part::Head, row.number.as_deref().unwrap_or_default()), (Part::Head, row.title.as_str())]
        .into_iter()
        .chain(tags)
        .chain([(Part::Body, row.text.as_str()), (Part::Note, row.notes.as_str())]);
    let owner = match row.sight {
        Sight::Ticket(holding) => Some((Part::Head, owner(dialect, holding.customer))),
        Sight::Everybody | Sight::Staff => None,
    };
    let mut known = BTreeSet::new();
    let words = texts.flat_map(|(part, text)| cut(text).map(move |word| (part, word)));
    let tokens = words.filter_map(|(part, word)| {
        let token = token(dialect, row.key.corpus, part, &word);
        known.insert(word).then_some((part, token))
    });
    let tokens: Vec<(Part, String)> = owner.into_iter().chain(tokens).collect();
    if dialect.choose(true, false) {
        return vec![document(dialect, tokens.into_iter().map(|(_, token)| token))];
    }
    let part = |part: Part| {
        let own = tokens.iter().filter(|(of, _)| *of == part).map(|(_, token)| token.clone());
        // A word is looked for with what stands around it.
        format!(" {} ", document(dialect, own))
    };
    Part::ALL.map(part).to_vec()
}

/// Writes rows, instead of those that were there under the first column.
fn upsert(dialect: Dialect, table: &str, columns: &[&str], bound: &[&str], rows: Vec<Vec<Value>>) -> Step {
    let row = format!("({})", bound.join(", "));
    let (there, new) = dialect.choose(
        (format!("ON CONFLICT ({}) DO UPDATE SET", columns[0]), ["excluded.", ""]),
        ("ON DUPLICATE KEY UPDATE".to_owned(), ["VALUES(", ")"]),
    );
    let set: Vec<String> =
        columns[1..].iter().map(|column| format!("{column} = {}{column}{}", new[0], new[1])).collect();
    let sql = format!(
        "INSERT INTO {{{table}}} ({}) VALUES {} {there} {}",
        columns.join(", "),
        vec![row; rows.len()].join(", "),
        set.join(", ")
    );
    Step::new(sql, rows.into_iter().flatten().collect(), Must::Anything)
}

#[cfg(all(test, feature = "postgres", feature = "mysql"))]
mod tests {
    use super::*;
    use support_core::domain::search::SearchKey;
    use uuid::Uuid;

    fn row(text: &str) -> Searchable {
        Searchable {
            key: SearchKey::article(Uuid::nil(), "en"),
            number: None,
            title: "Late parcel".into(),
            text: text.into(),
            notes: "fraud".into(),
            labels: [(Label::Tag, "parcel red".to_owned()), (Label::Status, "open".to_owned())].into(),
            sight: Sight::Everybody,
            at: chrono::DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_word_stands_once_where_it_weighs_most() {
        let row = row("A red parcel's fraud");
        assert_eq!(words(Dialect::Postgres, &row), ["'aba' 'abfraud' 'abs' 'agred' 'ahlate' 'ahparcel'"]);
        let parts = [" ahzzlate ahzzparcel ", " agzzred ", " abzza abzzfraud abzzs ", "  "];
        assert_eq!(words(Dialect::MySql, &row), parts);
    }

    #[test]
    fn a_batch_is_cut_to_what_a_server_takes_at_once() {
        let long = row(&"word ".repeat(90_000));
        let put = |count: u128, row: &Searchable| Batch {
            put: (0..count)
                .map(|n| Searchable { key: SearchKey::article(Uuid::from_u128(n), "en"), ..row.clone() })
                .collect(),
            ..Batch::default()
        };
        // Each stretch is rows, labels that go, and labels that come.
        assert_eq!(plan(Dialect::MySql, &put(5, &long)).stages.len(), 3 * 3);
        assert_eq!(plan(Dialect::MySql, &put(101, &row("short"))).stages.len(), 2 * 3);
        assert!(plan(Dialect::MySql, &Batch::default()).stages.is_empty());
    }
}
