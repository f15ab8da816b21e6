-- Times are milliseconds since 1970 in UTC, lists and open-ended values JSON, kept as the text that was written: `jsonb`
-- would round numbers and drop what it cannot hold. Text is compared by its bytes.
-- `seq` counts rows as they are written. Whoever writes to a ticket holds its row first, so within a ticket that is the
-- order of commits.

CREATE TABLE {tickets} (
    id                UUID    PRIMARY KEY,
    number            TEXT    COLLATE "C" NOT NULL,
    version           BIGINT  NOT NULL,
    changes           BIGINT  NOT NULL DEFAULT 0,
    customer_id       UUID    NOT NULL,
    customer_name     TEXT    NOT NULL,
    subject           TEXT    NOT NULL,
    category          TEXT    COLLATE "C",
    priority          TEXT    COLLATE "C" NOT NULL,
    status            TEXT    COLLATE "C" NOT NULL,
    phase             TEXT    NOT NULL,
    assignee_id       UUID,
    assignee_name     TEXT,
    escalation_level  BIGINT  NOT NULL,
    tags              TEXT    NOT NULL,
    risk_at           BIGINT,
    due_at            BIGINT,
    created_at        BIGINT  NOT NULL,
    updated_at        BIGINT  NOT NULL,
    customer_tier     TEXT,
    opened_by         TEXT    NOT NULL,
    source            TEXT    NOT NULL,
    contact           TEXT,
    team              TEXT,
    first_response_at BIGINT,
    resolved_at       BIGINT,
    closed_at         BIGINT,
    related           TEXT    NOT NULL,
    satisfaction      TEXT,
    resolution        TEXT,
    sla               TEXT    NOT NULL,
    metadata          TEXT    NOT NULL,
    deleted_at        BIGINT,
    sla_at            BIGINT,
    escalation_at     BIGINT,
    auto_close_at     BIGINT,
    merged_into       UUID,
    language          TEXT,
    email             TEXT,
    phone             TEXT,
    email_key         TEXT    COLLATE "C",
    watchers          TEXT    NOT NULL,
    marks             TEXT    NOT NULL,
    fields            TEXT    NOT NULL
) WITH (fillfactor = 85);

CREATE UNIQUE INDEX {prefix}tickets_number ON {tickets} (number);

-- Every list walks one of these in its own order and stops when the page is full. `id` decides where moments are equal.
CREATE INDEX {prefix}tickets_created          ON {tickets} (created_at, id)                      WHERE deleted_at IS NULL;
CREATE INDEX {prefix}tickets_updated          ON {tickets} (updated_at, id)                      WHERE deleted_at IS NULL;
CREATE INDEX {prefix}tickets_customer_created ON {tickets} (customer_id, created_at, id)         WHERE deleted_at IS NULL;
CREATE INDEX {prefix}tickets_customer_updated ON {tickets} (customer_id, updated_at, id)         WHERE deleted_at IS NULL;
CREATE INDEX {prefix}tickets_assignee_created ON {tickets} (assignee_id, created_at, id)         WHERE deleted_at IS NULL;
CREATE INDEX {prefix}tickets_assignee_updated ON {tickets} (assignee_id, updated_at, id)         WHERE deleted_at IS NULL;
CREATE INDEX {prefix}tickets_assignee_status  ON {tickets} (assignee_id, status, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX {prefix}tickets_status_created   ON {tickets} (status, created_at, id)              WHERE deleted_at IS NULL;
CREATE INDEX {prefix}tickets_status_updated   ON {tickets} (status, updated_at, id)              WHERE deleted_at IS NULL;
CREATE INDEX {prefix}tickets_status_priority  ON {tickets} (status, priority, created_at, id)    WHERE deleted_at IS NULL;
CREATE INDEX {prefix}tickets_priority_created ON {tickets} (priority, created_at, id)            WHERE deleted_at IS NULL;
CREATE INDEX {prefix}tickets_category_created ON {tickets} (category, created_at, id)            WHERE deleted_at IS NULL;
-- Tickets with a running clock are few beside those that are done, so the clocks are judged inside a small index.
CREATE INDEX {prefix}tickets_clock_created    ON {tickets} (created_at, id, due_at, risk_at)
    WHERE due_at IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX {prefix}tickets_clock_updated    ON {tickets} (updated_at, id, due_at, risk_at)
    WHERE due_at IS NOT NULL AND deleted_at IS NULL;
-- Few tickets come from people without an account.
CREATE INDEX {prefix}tickets_email_created    ON {tickets} (email_key, created_at, id)
    WHERE email_key IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX {prefix}tickets_email_updated    ON {tickets} (email_key, updated_at, id)
    WHERE email_key IS NOT NULL AND deleted_at IS NULL;
-- Deleted tickets are few; what a list of them asks is asked of each.
CREATE INDEX {prefix}tickets_deleted_created  ON {tickets} (created_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX {prefix}tickets_deleted_updated  ON {tickets} (updated_at, id) WHERE deleted_at IS NOT NULL;
-- Jobs find what is due at the beginning of these.
CREATE INDEX {prefix}tickets_sla              ON {tickets} (sla_at, id)        WHERE sla_at IS NOT NULL;
CREATE INDEX {prefix}tickets_escalation       ON {tickets} (escalation_at, id) WHERE escalation_at IS NOT NULL;
CREATE INDEX {prefix}tickets_auto_close       ON {tickets} (auto_close_at, id) WHERE auto_close_at IS NOT NULL;

-- One row for each tag and each link of a ticket, in the order of lists.
CREATE TABLE {ticket_tags} (
    tag        TEXT   COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    ticket     UUID   NOT NULL REFERENCES {tickets} (id),
    PRIMARY KEY (tag, created_at, ticket)
);
CREATE INDEX {prefix}ticket_tags_ticket ON {ticket_tags} (ticket);

CREATE TABLE {ticket_related} (
    kind       TEXT   COLLATE "C" NOT NULL,
    ref        TEXT   COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    ticket     UUID   NOT NULL REFERENCES {tickets} (id),
    PRIMARY KEY (kind, ref, created_at, ticket)
);
CREATE INDEX {prefix}ticket_related_ticket ON {ticket_related} (ticket);

CREATE TABLE {messages} (
    id          UUID    PRIMARY KEY,
    seq         BIGINT  GENERATED ALWAYS AS IDENTITY,
    ticket      UUID    NOT NULL REFERENCES {tickets} (id),
    author_role TEXT    NOT NULL,
    author_id   UUID,
    author_name TEXT    NOT NULL,
    internal    BOOLEAN NOT NULL,
    attachments TEXT    NOT NULL,
    sent_at     BIGINT  NOT NULL,
    revision    BIGINT  NOT NULL,
    edited_at   BIGINT,
    deleted_at  BIGINT,
    read_at     BIGINT,
    body        TEXT    NOT NULL
);
-- Copies of the whole desk walk along this one.
CREATE UNIQUE INDEX {prefix}messages_seq ON {messages} (seq);
CREATE INDEX {prefix}messages_thread ON {messages} (ticket, seq);
CREATE INDEX {prefix}messages_public ON {messages} (ticket, seq) WHERE NOT internal;
-- Whoever is erased is looked for by what they wrote.
CREATE INDEX {prefix}messages_author ON {messages} (author_id) WHERE author_role IN ('customer', 'guest');

-- Rows are only ever added. No trigger enforces it: erasing a person must be able to take their name out of the trail.
CREATE TABLE {events} (
    id         UUID    PRIMARY KEY,
    seq        BIGINT  GENERATED ALWAYS AS IDENTITY,
    ticket     UUID    NOT NULL REFERENCES {tickets} (id),
    at         BIGINT  NOT NULL,
    actor_role TEXT    NOT NULL,
    actor_id   UUID,
    actor_name TEXT    NOT NULL,
    cause      TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    internal   BOOLEAN NOT NULL,
    data       TEXT    NOT NULL
);
CREATE UNIQUE INDEX {prefix}events_seq ON {events} (seq);
CREATE INDEX {prefix}events_trail ON {events} (ticket, seq);
CREATE INDEX {prefix}events_actor ON {events} (actor_id) WHERE actor_role IN ('customer', 'guest');

CREATE TABLE {counters} (
    series TEXT   COLLATE "C" PRIMARY KEY,
    last   BIGINT NOT NULL
);

-- The words of tickets, cut and folded before they come here: of number, subject and tags (`head`), and of the first public
-- message (`body`, which is `first`). `owner:` and the customer's id is a word of the head, so that a customer's search meets
-- it inside the index.
CREATE TABLE {ticket_text} (
    ticket UUID     PRIMARY KEY REFERENCES {tickets} (id),
    seq    BIGINT   GENERATED ALWAYS AS IDENTITY,
    first  UUID,
    head   TSVECTOR NOT NULL,
    body   TSVECTOR NOT NULL
);
CREATE UNIQUE INDEX {prefix}ticket_text_seq ON {ticket_text} (seq);
CREATE INDEX {prefix}ticket_text_words ON {ticket_text} USING gin ((head || body)) WITH (fastupdate = off);
