CREATE TABLE IF NOT EXISTS {agents} (
    id           BINARY(16) PRIMARY KEY,
    version      BIGINT     NOT NULL,
    name         LONGTEXT   NOT NULL,
    employee_id  LONGTEXT,
    team         LONGTEXT,
    skills       LONGTEXT   NOT NULL,
    languages    LONGTEXT   NOT NULL,
    shifts       LONGTEXT,
    availability VARCHAR(40),
    max_tickets  BIGINT,
    max_chats    BIGINT,
    open_tickets BIGINT     NOT NULL,
    assigned_at  BIGINT,
    created_at   BIGINT     NOT NULL,
    updated_at   BIGINT     NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

-- How many tickets stand alike, of those that were opened in one stretch of time: `span` milliseconds that begin at
-- `start`. Each ticket that is not deleted is counted by its day and by the 32 days in which that lies, so that years are
-- read as few rows; and both among everybody's (`anybody`) and for whoever has it (an agent's id, or `nobody`). A category
-- stands behind a `=`, none is `-`. Derived from the tickets.
CREATE TABLE IF NOT EXISTS {cells} (
    holder   VARCHAR(40)  NOT NULL,
    span     BIGINT       NOT NULL,
    start    BIGINT       NOT NULL,
    status   VARCHAR(100) NOT NULL,
    priority VARCHAR(100) NOT NULL,
    category VARCHAR(100) NOT NULL,
    n        BIGINT       NOT NULL,
    PRIMARY KEY (holder, span, start, status, priority, category)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

-- What cells have to grow by. All of a busy desk meet on the same few cells, and whoever wrote one would hold it up to the
-- end of its commit. So a commit notes here what it counts, and now and then somebody adds the notes to the cells.
CREATE TABLE IF NOT EXISTS {cell_notes} (
    seq         BIGINT       NOT NULL AUTO_INCREMENT PRIMARY KEY,
    assignee_id BINARY(16),
    day         BIGINT       NOT NULL,
    status      VARCHAR(100) NOT NULL,
    priority    VARCHAR(100) NOT NULL,
    category    VARCHAR(100),
    n           BIGINT       NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

-- What happened, by quarter of an hour, and added up by day and by 32 days: `span` milliseconds that begin at `start`.
CREATE TABLE IF NOT EXISTS {tallies} (
    kind              VARCHAR(100) NOT NULL,
    scope_key         VARCHAR(100) NOT NULL,
    span              BIGINT       NOT NULL,
    start             BIGINT       NOT NULL,
    opened            BIGINT       NOT NULL,
    assigned          BIGINT       NOT NULL,
    answered          BIGINT       NOT NULL,
    answer_seconds    BIGINT       NOT NULL,
    resolved          BIGINT       NOT NULL,
    resolve_seconds   BIGINT       NOT NULL,
    closed            BIGINT       NOT NULL,
    reopened          BIGINT       NOT NULL,
    escalated         BIGINT       NOT NULL,
    rated             BIGINT       NOT NULL,
    stars             BIGINT       NOT NULL,
    satisfied         BIGINT       NOT NULL,
    dissatisfied      BIGINT       NOT NULL,
    first_kept        BIGINT       NOT NULL,
    first_missed      BIGINT       NOT NULL,
    next_kept         BIGINT       NOT NULL,
    next_missed       BIGINT       NOT NULL,
    resolution_kept   BIGINT       NOT NULL,
    resolution_missed BIGINT       NOT NULL,
    PRIMARY KEY (kind, scope_key, span, start),
    INDEX {prefix}tallies_kind (kind, span, start)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

-- What tallies have to grow by, as with the cells: the counters in the order of their columns, as JSON.
CREATE TABLE IF NOT EXISTS {tally_notes} (
    seq       BIGINT       NOT NULL AUTO_INCREMENT PRIMARY KEY,
    kind      VARCHAR(100) NOT NULL,
    scope_key VARCHAR(100) NOT NULL,
    quarter   BIGINT       NOT NULL,
    tally     LONGTEXT     NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS {catalogue} (
    id         BINARY(16)   PRIMARY KEY,
    kind       VARCHAR(100) NOT NULL,
    item_key   VARCHAR(500) NOT NULL,
    version    BIGINT       NOT NULL,
    item       LONGTEXT     NOT NULL,
    created_at BIGINT       NOT NULL,
    updated_at BIGINT       NOT NULL,
    UNIQUE INDEX {prefix}catalogue_key (kind, item_key)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS {operations} (
    id      BINARY(16)  PRIMARY KEY,
    seq     BIGINT      NOT NULL AUTO_INCREMENT,
    ticket  BINARY(16)  NOT NULL,
    other   BINARY(16)  NOT NULL,
    by_role VARCHAR(40) NOT NULL,
    by_id   BINARY(16),
    by_name LONGTEXT    NOT NULL,
    at      BIGINT      NOT NULL,
    deed    LONGTEXT    NOT NULL,
    undone  LONGTEXT,
    UNIQUE INDEX {prefix}operations_seq (seq),
    INDEX {prefix}operations_ticket (ticket, seq),
    INDEX {prefix}operations_other (other, seq),
    FOREIGN KEY (ticket) REFERENCES {tickets} (id),
    FOREIGN KEY (other) REFERENCES {tickets} (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS {time_entries} (
    id         BINARY(16) PRIMARY KEY,
    seq        BIGINT     NOT NULL AUTO_INCREMENT,
    ticket     BINARY(16) NOT NULL,
    agent_id   BINARY(16) NOT NULL,
    agent_name LONGTEXT   NOT NULL,
    minutes    BIGINT     NOT NULL,
    billable   BOOLEAN    NOT NULL,
    note       LONGTEXT,
    spent_at   BIGINT     NOT NULL,
    created_at BIGINT     NOT NULL,
    UNIQUE INDEX {prefix}time_entries_seq (seq),
    INDEX {prefix}time_entries_ticket (ticket, seq),
    FOREIGN KEY (ticket) REFERENCES {tickets} (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

-- `about` holds the ids of the people whose data may stand in the answer, one behind the other.
CREATE TABLE IF NOT EXISTS {requests} (
    principal   VARCHAR(255) NOT NULL,
    request_key VARCHAR(255) NOT NULL,
    at          BIGINT       NOT NULL,
    about       LONGBLOB     NOT NULL,
    digest      LONGBLOB     NOT NULL,
    answer      LONGBLOB     NOT NULL,
    PRIMARY KEY (principal, request_key),
    INDEX {prefix}requests_at (at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS {leases} (
    job    VARCHAR(255) PRIMARY KEY,
    holder BINARY(16)   NOT NULL,
    token  BIGINT       NOT NULL,
    until  BIGINT       NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};
