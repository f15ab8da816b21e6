-- Things that are kept as a whole. `item_keys` and `lists` say by what one is found, as JSON; the tables below lead there.
CREATE TABLE IF NOT EXISTS {documents} (
    kind      VARCHAR(40) NOT NULL,
    id        BINARY(16)  NOT NULL,
    version   BIGINT      NOT NULL,
    owner_id  BINARY(16),
    item_keys LONGTEXT    NOT NULL,
    lists     LONGTEXT    NOT NULL,
    body      LONGTEXT    NOT NULL,
    PRIMARY KEY (kind, id),
    INDEX {prefix}documents_owner (owner_id, kind, id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS {document_keys} (
    kind     VARCHAR(40)  NOT NULL,
    item_key VARCHAR(250) NOT NULL,
    document BINARY(16)   NOT NULL,
    PRIMARY KEY (kind, item_key)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

-- One row for each list that a document stands on, in the order of the list.
CREATE TABLE IF NOT EXISTS {document_lists} (
    kind     VARCHAR(40)  NOT NULL,
    list     VARCHAR(250) NOT NULL,
    at       BIGINT       NOT NULL,
    document BINARY(16)   NOT NULL,
    PRIMARY KEY (kind, list, at, document)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

-- How many stand on each list. Written last in a commit and in the order of the key, so that two who write the same rows
-- wait for each other and not crosswise.
CREATE TABLE IF NOT EXISTS {document_counts} (
    kind  VARCHAR(40)  NOT NULL,
    list  VARCHAR(250) NOT NULL,
    total BIGINT       NOT NULL,
    PRIMARY KEY (kind, list)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};
