-- Articles, reviews, callbacks and the like, each a row that is read and written whole. `keys` and `lists` say by what it
-- is found; the tables below are derived from them, and a page of a list is read with one statement.
CREATE TABLE support_documents (
    seq     INTEGER PRIMARY KEY,
    kind    TEXT    NOT NULL,
    id      BLOB    NOT NULL,
    version INTEGER NOT NULL,
    owner   BLOB,
    keys    TEXT    NOT NULL,
    lists   TEXT    NOT NULL,
    body    TEXT    NOT NULL,
    UNIQUE (kind, id)
) STRICT;

-- Most of them are nobody's.
CREATE INDEX support_documents_owner ON support_documents (owner, kind, id) WHERE owner IS NOT NULL;

CREATE TABLE support_document_keys (
    kind     TEXT    NOT NULL,
    key      TEXT    NOT NULL,
    document INTEGER NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE support_document_lists (
    kind     TEXT    NOT NULL,
    list     TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    id       BLOB    NOT NULL,
    document INTEGER NOT NULL,
    PRIMARY KEY (kind, list, at, id)
) STRICT, WITHOUT ROWID;

-- How many stand on each list; a list on which nothing stands has no row.
CREATE TABLE support_document_counts (
    kind TEXT    NOT NULL,
    list TEXT    NOT NULL,
    n    INTEGER NOT NULL,
    PRIMARY KEY (kind, list)
) STRICT, WITHOUT ROWID;
