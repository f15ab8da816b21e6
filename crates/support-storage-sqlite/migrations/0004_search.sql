-- What articles and tickets say, for a desk that is given no other index. Nobody's only copy: a desk feeds it, and feeds it
-- anew when it is empty. What decides on a hit stands apart from the long texts, because every hit is looked at.
CREATE TABLE support_searchables (
    seq      INTEGER PRIMARY KEY,
    corpus   TEXT    NOT NULL,
    id       BLOB    NOT NULL,
    language TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    labels   TEXT    NOT NULL,
    UNIQUE (corpus, id, language)
) STRICT;

-- `sight` holds a word for each reason to find it, so that a search meets its scope inside the index.
CREATE TABLE support_searchable_words (
    seq    INTEGER PRIMARY KEY,
    sight  TEXT    NOT NULL,
    number TEXT    NOT NULL,
    title  TEXT    NOT NULL,
    tags   TEXT    NOT NULL,
    text   TEXT    NOT NULL,
    notes  TEXT    NOT NULL
) STRICT;

-- Without `secure-delete`: a ticket is indexed anew with every message, and that would cost ten times as much. A word that
-- leaves the index leaves the file at the next merge, or when the file is scrubbed.
CREATE VIRTUAL TABLE support_searchable_text USING fts5 (
    sight, number, title, tags, text, notes,
    content = 'support_searchable_words', content_rowid = 'seq',
    tokenize = 'unicode61 remove_diacritics 2',
    prefix = '2 3',
    columnsize = 0
);

-- How far it was fed; one row, or none.
CREATE TABLE support_search_bookmark (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    bookmark TEXT    NOT NULL
) STRICT;
