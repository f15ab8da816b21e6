-- What is found by its words: articles, each translation for itself, and tickets with their messages. It is fed by the desk
-- and can be made anew from what it was fed of. `item` is `a` or `t`, the id, and the language, so that one order of bytes is
-- that of what things are called.
-- Words are cut and folded before they come here, and each stands once, behind two letters: `a` or `t`, and the part of the
-- item in which it weighs most (`h`ead, ta`g`, `b`ody, `n`ote). So a search for the words of one part meets no others inside
-- the index. `owner` and the customer's id is one of the head. Each has a space on either side. The parts are columns,
-- because whoever weighs a word looks for it in all of a column.
CREATE TABLE IF NOT EXISTS {search_rows} (
    item        VARBINARY(255) PRIMARY KEY,
    at          BIGINT         NOT NULL,
    sight       VARCHAR(40)    NOT NULL,
    customer_id BINARY(16),
    assignee_id BINARY(16),
    head        LONGTEXT       NOT NULL,
    tags        LONGTEXT       NOT NULL,
    body        LONGTEXT       NOT NULL,
    notes       LONGTEXT       NOT NULL,
    FULLTEXT INDEX {prefix}search_rows_words (head, tags, body, notes)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

-- What a piece is shown of. Beside the words, so that whoever weighs them does not read it.
CREATE TABLE IF NOT EXISTS {search_texts} (
    item  VARBINARY(255) PRIMARY KEY,
    body  LONGTEXT       NOT NULL,
    notes LONGTEXT       NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS {search_labels} (
    item  VARBINARY(255) NOT NULL,
    label VARCHAR(40)    NOT NULL,
    value VARCHAR(500)   NOT NULL,
    PRIMARY KEY (item, label, value)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

-- How far the index has come: one row, or none.
CREATE TABLE IF NOT EXISTS {search_bookmark} (
    name  VARCHAR(40) PRIMARY KEY,
    value LONGTEXT    NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};
