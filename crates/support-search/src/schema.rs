//! What an index keeps of a document.

use tantivy::schema::{FAST, Field, IndexRecordOption, NumericOptions, STORED, Schema, TextFieldIndexing, TextOptions};

/// Raised by whoever changes what is kept or how words are cut: an index of another version is built anew.
pub(crate) const VERSION: u32 = 1;

/// The words of a corpus. Articles and tickets have fields of their own, so that a search in one never reads the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts {
    /// Everything that may be found by everybody who may find the document.
    pub(crate) words: Field,
    /// Title, number and tags again, with pairs of neighbours.
    pub(crate) title: Field,
}

/// The fields by their names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields {
    pub(crate) key: Field,
    pub(crate) articles: Parts,
    pub(crate) tickets: Parts,
    pub(crate) notes: Field,
    pub(crate) sight: Field,
    pub(crate) label: Field,
    pub(crate) text: Field,
    pub(crate) noted: Field,
    pub(crate) at: Field,
    pub(crate) id: [Field; 2],
    pub(crate) lengths: Field,
}

/// The names of the fields that are read by column.
pub(crate) mod column {
    pub(crate) const AT: &str = "at";
    pub(crate) const ID: [&str; 2] = ["id_high", "id_low"];
    pub(crate) const LABEL: &str = "label";
    pub(crate) const LENGTHS: &str = "lengths";
}

pub(crate) fn schema() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let indexing = |record| {
        // Lengths are kept in a column: the ones of tantivy are rounded, and count what is indexed for other reasons.
        TextFieldIndexing::default().set_tokenizer("whitespace").set_index_option(record).set_fieldnorms(false)
    };
    let counted = || TextOptions::default().set_indexing_options(indexing(IndexRecordOption::WithFreqs));
    let raw = || {
        TextOptions::default().set_indexing_options(
            TextFieldIndexing::default()
                .set_tokenizer("raw")
                .set_index_option(IndexRecordOption::Basic)
                .set_fieldnorms(false),
        )
    };
    let fast = || NumericOptions::default() | FAST;
    let mut parts = |words, title| Parts {
        words: schema.add_text_field(words, counted()),
        title: schema.add_text_field(title, counted()),
    };
    let (articles, tickets) = (parts("article_words", "article_title"), parts("ticket_words", "ticket_title"));
    let fields = Fields {
        key: schema.add_text_field("key", raw() | STORED),
        articles,
        tickets,
        notes: schema.add_text_field("notes", counted()),
        sight: schema.add_text_field("sight", raw()),
        label: schema.add_text_field(column::LABEL, raw().set_fast("raw")),
        text: schema.add_text_field("text", STORED),
        noted: schema.add_text_field("noted", STORED),
        at: schema.add_i64_field(column::AT, fast()),
        id: column::ID.map(|name| schema.add_u64_field(name, fast())),
        lengths: schema.add_u64_field(column::LENGTHS, fast()),
    };
    (schema.build(), fields)
}
