-- What is found by its words: articles, each translation for itself, and tickets with their messages. It is fed by the desk
-- and can be made anew from what it was fed of. `item` is `a` or `t`, the id, and the language, so that one order of bytes is
-- that of what things are called.
-- Words are cut and folded before they come here, and each stands once, behind two letters: `a` or `t`, and the part of the
-- item in which it weighs most (`h`ead, ta`g`, `b`ody, `n`ote). So a search for the words of one part meets no others inside
-- the index. `owner:` and the customer's id is one of them.
CREATE TABLE {search_rows} (
    item        BYTEA    PRIMARY KEY,
    at          BIGINT   NOT NULL,
    sight       TEXT     COLLATE "C" NOT NULL,
    customer_id UUID,
    assignee_id UUID,
    words       TSVECTOR NOT NULL
);
CREATE INDEX {prefix}search_rows_words ON {search_rows} USING gin (words) WITH (fastupdate = off);

-- What a piece is shown of. Beside the words, so that whoever weighs them does not read it.
CREATE TABLE {search_texts} (
    item  BYTEA PRIMARY KEY,
    body  TEXT  NOT NULL,
    notes TEXT  NOT NULL
);

CREATE TABLE {search_labels} (
    item  BYTEA NOT NULL,
    label TEXT  COLLATE "C" NOT NULL,
    value TEXT  COLLATE "C" NOT NULL,
    PRIMARY KEY (item, label, value)
);

-- How far the index has come: one row, or none.
CREATE TABLE {search_bookmark} (
    name  TEXT COLLATE "C" PRIMARY KEY,
    value TEXT NOT NULL
);
