CREATE TABLE {agents} (
    id           UUID   PRIMARY KEY,
    version      BIGINT NOT NULL,
    name         TEXT   NOT NULL,
    employee_id  TEXT,
    team         TEXT   COLLATE "C",
    skills       TEXT   NOT NULL,
    languages    TEXT   NOT NULL,
    shifts       TEXT,
    availability TEXT,
    max_tickets  BIGINT,
    max_chats    BIGINT,
    open_tickets BIGINT NOT NULL,
    assigned_at  BIGINT,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL
) WITH (fillfactor = 70);

-- How many tickets stand alike, of those that were opened in one stretch of time: `span` milliseconds that begin at
-- `start`. Each ticket that is not deleted is counted by its day and by the 32 days in which that lies, so that years are
-- read as few rows; and both among everybody's (`anybody`) and for whoever has it (an agent's id, or `nobody`). A category
-- stands behind a `=`, none is `-`. Derived from the tickets.
CREATE TABLE {cells} (
    holder   TEXT   COLLATE "C" NOT NULL,
    span     BIGINT NOT NULL,
    start    BIGINT NOT NULL,
    status   TEXT   COLLATE "C" NOT NULL,
    priority TEXT   COLLATE "C" NOT NULL,
    category TEXT   COLLATE "C" NOT NULL,
    n        BIGINT NOT NULL,
    PRIMARY KEY (holder, span, start, status, priority, category)
);

-- What cells have to grow by. All of a busy desk meet on the same few cells, and whoever wrote one would hold it up to the
-- end of its commit. So a commit notes here what it counts, and now and then somebody adds the notes to the cells.
CREATE TABLE {cell_notes} (
    seq         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    assignee_id UUID,
    day         BIGINT NOT NULL,
    status      TEXT   COLLATE "C" NOT NULL,
    priority    TEXT   COLLATE "C" NOT NULL,
    category    TEXT   COLLATE "C",
    n           BIGINT NOT NULL
);

-- What happened, by quarter of an hour, and added up by day and by 32 days: `span` milliseconds that begin at `start`.
CREATE TABLE {tallies} (
    kind              TEXT   COLLATE "C" NOT NULL,
    scope_key         TEXT   COLLATE "C" NOT NULL,
    span              BIGINT NOT NULL,
    start             BIGINT NOT NULL,
    opened            BIGINT NOT NULL,
    assigned          BIGINT NOT NULL,
    answered          BIGINT NOT NULL,
    answer_seconds    BIGINT NOT NULL,
    resolved          BIGINT NOT NULL,
    resolve_seconds   BIGINT NOT NULL,
    closed            BIGINT NOT NULL,
    reopened          BIGINT NOT NULL,
    escalated         BIGINT NOT NULL,
    rated             BIGINT NOT NULL,
    stars             BIGINT NOT NULL,
    satisfied         BIGINT NOT NULL,
    dissatisfied      BIGINT NOT NULL,
    first_kept        BIGINT NOT NULL,
    first_missed      BIGINT NOT NULL,
    next_kept         BIGINT NOT NULL,
    next_missed       BIGINT NOT NULL,
    resolution_kept   BIGINT NOT NULL,
    resolution_missed BIGINT NOT NULL,
    PRIMARY KEY (kind, scope_key, span, start)
);

-- All of a kind in a stretch of time.
CREATE INDEX {prefix}tallies_kind ON {tallies} (kind, span, start);

-- What tallies have to grow by, as with the cells: the counters in the order of their columns, as JSON.
CREATE TABLE {tally_notes} (
    seq       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind      TEXT   COLLATE "C" NOT NULL,
    scope_key TEXT   COLLATE "C" NOT NULL,
    quarter   BIGINT NOT NULL,
    tally     TEXT   NOT NULL
);

CREATE TABLE {catalogue} (
    id         UUID   PRIMARY KEY,
    kind       TEXT   COLLATE "C" NOT NULL,
    item_key   TEXT   COLLATE "C" NOT NULL,
    version    BIGINT NOT NULL,
    item       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX {prefix}catalogue_key ON {catalogue} (kind, item_key);

CREATE TABLE {operations} (
    id      UUID   PRIMARY KEY,
    seq     BIGINT GENERATED ALWAYS AS IDENTITY,
    ticket  UUID   NOT NULL REFERENCES {tickets} (id),
    other   UUID   NOT NULL REFERENCES {tickets} (id),
    by_role TEXT   NOT NULL,
    by_id   UUID,
    by_name TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    deed    TEXT   NOT NULL,
    undone  TEXT
);
CREATE UNIQUE INDEX {prefix}operations_seq ON {operations} (seq);
CREATE INDEX {prefix}operations_ticket ON {operations} (ticket, seq);
CREATE INDEX {prefix}operations_other  ON {operations} (other, seq);

CREATE TABLE {time_entries} (
    id         UUID    PRIMARY KEY,
    seq        BIGINT  GENERATED ALWAYS AS IDENTITY,
    ticket     UUID    NOT NULL REFERENCES {tickets} (id),
    agent_id   UUID    NOT NULL,
    agent_name TEXT    NOT NULL,
    minutes    BIGINT  NOT NULL,
    billable   BOOLEAN NOT NULL,
    note       TEXT,
    spent_at   BIGINT  NOT NULL,
    created_at BIGINT  NOT NULL
);
CREATE UNIQUE INDEX {prefix}time_entries_seq ON {time_entries} (seq);
CREATE INDEX {prefix}time_entries_ticket ON {time_entries} (ticket, seq);

-- `about` holds the ids of the people whose data may stand in the answer, one behind the other.
CREATE TABLE {requests} (
    principal   TEXT   COLLATE "C" NOT NULL,
    request_key TEXT   COLLATE "C" NOT NULL,
    at          BIGINT NOT NULL,
    about       BYTEA  NOT NULL,
    digest      BYTEA  NOT NULL,
    answer      BYTEA  NOT NULL,
    PRIMARY KEY (principal, request_key)
);
CREATE INDEX {prefix}requests_at ON {requests} (at);

CREATE TABLE {leases} (
    job    TEXT   COLLATE "C" PRIMARY KEY,
    holder UUID   NOT NULL,
    token  BIGINT NOT NULL,
    until  BIGINT NOT NULL
);
