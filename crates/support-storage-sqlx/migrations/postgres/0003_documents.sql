-- Things that are kept as a whole. `item_keys` and `lists` say by what one is found, as JSON; the tables below lead there.
CREATE TABLE {documents} (
    kind      TEXT   COLLATE "C" NOT NULL,
    id        UUID   NOT NULL,
    version   BIGINT NOT NULL,
    owner_id  UUID,
    item_keys TEXT   NOT NULL,
    lists     TEXT   NOT NULL,
    body      TEXT   NOT NULL,
    PRIMARY KEY (kind, id)
);
-- What is a person's, for export and erasure.
CREATE INDEX {prefix}documents_owner ON {documents} (owner_id, kind, id) WHERE owner_id IS NOT NULL;

CREATE TABLE {document_keys} (
    kind     TEXT COLLATE "C" NOT NULL,
    item_key TEXT COLLATE "C" NOT NULL,
    document UUID NOT NULL,
    PRIMARY KEY (kind, item_key)
);

-- One row for each list that a document stands on, in the order of the list.
CREATE TABLE {document_lists} (
    kind     TEXT   COLLATE "C" NOT NULL,
    list     TEXT   COLLATE "C" NOT NULL,
    at       BIGINT NOT NULL,
    document UUID   NOT NULL,
    PRIMARY KEY (kind, list, at, document)
);

-- How many stand on each list. Written last in a commit and in the order of the key, so that two who write the same rows
-- wait for each other and not crosswise.
CREATE TABLE {document_counts} (
    kind  TEXT   COLLATE "C" NOT NULL,
    list  TEXT   COLLATE "C" NOT NULL,
    total BIGINT NOT NULL,
    PRIMARY KEY (kind, list)
) WITH (fillfactor = 70);
