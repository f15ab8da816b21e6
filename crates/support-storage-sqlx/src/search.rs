//! Articles and tickets, found by what they say.

mod feed;
mod query;
mod snippet;

use crate::{
    SqlxStore, commit,
    error::Error,
    names::Dialect,
    row::Fields,
    scrub,
    session::Session,
    store::{read, read_near},
    value::values,
    words,
};
use async_trait::async_trait;
use support_core::{
    domain::search::{Batch, Corpus, Hits, SearchKey, SearchQuery},
    ports::{StoreError, search::Search},
};
use uuid::Uuid;

const TABLES: [&str; 4] = ["search_bookmark", "search_labels", "search_rows", "search_texts"];

/// Rows that are cleared away in one go.
const AT_ONCE: u32 = 2_000;

#[async_trait]
impl Search for SqlxStore {
    async fn index(&self, batch: &Batch) -> Result<(), StoreError> {
        let plan = feed::plan(self.names.dialect, batch);
        if plan.stages.is_empty() {
            return Ok(());
        }
        self.write(move |session| {
            let plan = plan.clone();
            Box::pin(async move { commit::whole(session, &plan).await })
        })
        .await
    }

    async fn bookmark(&self) -> Result<Option<String>, StoreError> {
        read!(self.primary, |session| async {
            let row = session.row("SELECT value FROM {search_bookmark}", Vec::new()).await?;
            row.map(|row| Fields::new("search_bookmark", &row).text("value")).transpose()
        })
    }

    async fn clear_index(&self) -> Result<(), StoreError> {
        // First of all: an index that was cleared half-way has to be fed from the beginning.
        self.write(|session| {
            Box::pin(async { session.change("DELETE FROM {search_bookmark}", Vec::new()).await.map(drop) })
        })
        .await?;
        while self.write(|session| Box::pin(clear_some(session))).await? {}
        Ok(())
    }

    /// From a follower, where there is one: an index is always a little behind what it is fed of.
    async fn search(&self, query: &SearchQuery) -> Result<Hits, StoreError> {
        let Some(asked) = query::Asked::of(self.names.dialect, query) else { return Ok(query::nothing(query)) };
        let (sql, values) = asked.statement();
        read_near!(self, self.for_figures(), |session| async {
            let rows = session.rows(&sql, values.clone()).await?;
            asked.hits(&rows)
        })
    }

    async fn scrub_index(&self) -> Result<(), StoreError> {
        Ok(scrub::scrub(self, &TABLES).await?)
    }
}

/// Clears the first rows away, and answers whether there may be more.
async fn clear_some(session: &mut Session<'_>) -> Result<bool, Error> {
    let sql = "SELECT item FROM {search_rows} ORDER BY item LIMIT 1 OFFSET ?";
    let last = session.row(sql, values![AT_ONCE - 1]).await?;
    let last = last.map(|row| Fields::new("search_rows", &row).bytes("item")).transpose()?;
    let (up_to, values) = last.as_ref().map_or(("", Vec::new()), |item| (" WHERE item <= ?", values![item.as_slice()]));
    // The rows go last: as long as they are there, the rest is looked for.
    for table in ["{search_labels}", "{search_texts}", "{search_rows}"] {
        session.change(&format!("DELETE FROM {table}{up_to}"), values.clone()).await?;
    }
    Ok(last.is_some())
}

/// What a thing is called, as bytes that have the order of the keys.
fn item(key: &SearchKey) -> Vec<u8> {
    [&[letter(key.corpus)], key.id.as_bytes().as_slice(), key.language.as_bytes()].concat()
}

fn key(item: &[u8]) -> Option<SearchKey> {
    let (first, rest) = item.split_first()?;
    let corpus = Corpus::ALL.into_iter().find(|corpus| letter(*corpus) == *first)?;
    let (id, language) = rest.split_at_checked(16)?;
    let language = std::str::from_utf8(language).ok()?.to_owned();
    Some(SearchKey { corpus, id: Uuid::from_slice(id).ok()?, language })
}

fn letter(corpus: Corpus) -> u8 {
    match corpus {
        Corpus::Articles => b'a',
        Corpus::Tickets => b't',
    }
}

/// The part of an item in which a word stands, with what it weighs there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Number and title.
    Head,
    Tag,
    Body,
    Note,
}

impl Part {
    const ALL: [Self; 4] = [Self::Head, Self::Tag, Self::Body, Self::Note];

    /// Its column, on servers that keep the parts apart.
    fn column(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Tag => "tags",
            Self::Body => "body",
            Self::Note => "notes",
        }
    }

    fn weight(self) -> u32 {
        match self {
            Self::Head => 4,
            Self::Tag => 2,
            Self::Body | Self::Note => 1,
        }
    }

    fn letter(self) -> char {
        match self {
            Self::Head => 'h',
            Self::Tag => 'g',
            Self::Body => 'b',
            Self::Note => 'n',
        }
    }
}

/// A word of a part of an item, as the index has it.
fn token(dialect: Dialect, corpus: Corpus, part: Part, word: &str) -> String {
    format!("{}{}{}", char::from(letter(corpus)), part.letter(), words::token(dialect, word))
}

/// A text without the character that `PostgreSQL` refuses to hold. Nobody finds or reads anything by it.
fn plain(text: &str) -> String {
    text.replace('\0', " ")
}

/// The value of a property as the index has it: where it is longer than any desk allows, its beginning.
fn label_value(value: &str) -> String {
    plain(value).chars().take(500).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_have_the_order_of_their_keys() {
        let id = Uuid::from_u128;
        let mut keys = vec![
            SearchKey::ticket(id(1).into()),
            SearchKey::article(id(2), "en"),
            SearchKey::article(id(2), "de"),
            SearchKey::article(id(1), "pt-br"),
            SearchKey::article(id(1), "pt"),
        ];
        keys.sort();
        let items: Vec<Vec<u8>> = keys.iter().map(item).collect();
        assert!(items.is_sorted());
        assert_eq!(items.iter().map(|item| key(item)).collect::<Option<Vec<_>>>(), Some(keys));
        assert_eq!(key(b"x"), None);
    }
}
