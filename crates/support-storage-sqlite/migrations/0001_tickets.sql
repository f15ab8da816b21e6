-- Times are milliseconds since 1970 in UTC, ids the 16 bytes of a UUID, lists and open-ended values JSON.
-- `seq` counts rows in the order in which they were committed; children point to it because it is half the size of an id.

-- What lists show stands first and the large JSON last: SQLite reads a row from its start and stops where it can.
CREATE TABLE support_tickets (
    seq               INTEGER PRIMARY KEY,
    id                BLOB    NOT NULL UNIQUE,
    number            TEXT    NOT NULL UNIQUE,
    version           INTEGER NOT NULL,
    customer_id       BLOB    NOT NULL,
    customer_name     TEXT    NOT NULL,
    subject           TEXT    NOT NULL,
    category          TEXT,
    priority          TEXT    NOT NULL,
    status            TEXT    NOT NULL,
    phase             TEXT    NOT NULL,
    assignee_id       BLOB,
    assignee_name     TEXT,
    escalation_level  INTEGER NOT NULL,
    tags              TEXT    NOT NULL,
    risk_at           INTEGER,
    due_at            INTEGER,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    customer_tier     TEXT,
    opened_by         TEXT    NOT NULL,
    source            TEXT    NOT NULL,
    contact           TEXT,
    team              TEXT,
    first_response_at INTEGER,
    resolved_at       INTEGER,
    closed_at         INTEGER,
    related           TEXT    NOT NULL,
    satisfaction      TEXT,
    resolution        TEXT,
    sla               TEXT    NOT NULL,
    metadata          TEXT    NOT NULL
) STRICT;

-- Every list walks one of these in its own order and stops when the page is full. `id` decides where moments are equal.
CREATE INDEX support_tickets_created          ON support_tickets (created_at, id);
CREATE INDEX support_tickets_updated          ON support_tickets (updated_at, id);
CREATE INDEX support_tickets_customer_created ON support_tickets (customer_id, created_at, id);
CREATE INDEX support_tickets_customer_updated ON support_tickets (customer_id, updated_at, id);
CREATE INDEX support_tickets_assignee_created ON support_tickets (assignee_id, created_at, id);
CREATE INDEX support_tickets_assignee_updated ON support_tickets (assignee_id, updated_at, id);
CREATE INDEX support_tickets_assignee_status  ON support_tickets (assignee_id, status, created_at, id);
CREATE INDEX support_tickets_status_created   ON support_tickets (status, created_at, id);
CREATE INDEX support_tickets_status_updated   ON support_tickets (status, updated_at, id);
CREATE INDEX support_tickets_status_priority  ON support_tickets (status, priority, created_at, id);
CREATE INDEX support_tickets_priority_created ON support_tickets (priority, created_at, id);
CREATE INDEX support_tickets_category_created ON support_tickets (category, created_at, id);
-- Tickets with a running clock are few beside those that are done, so the clocks are judged inside a small index.
CREATE INDEX support_tickets_clock_created    ON support_tickets (created_at, id, due_at, risk_at) WHERE due_at IS NOT NULL;
CREATE INDEX support_tickets_clock_updated    ON support_tickets (updated_at, id, due_at, risk_at) WHERE due_at IS NOT NULL;

-- One row for each tag and each link of a ticket, in the order of lists. Found again by their whole key, which the
-- ticket's row repeats; a foreign key would need an index of its own to be checked.
CREATE TABLE support_ticket_tags (
    tag        TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    id         BLOB    NOT NULL,
    ticket     INTEGER NOT NULL,
    PRIMARY KEY (tag, created_at, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE support_ticket_related (
    kind       TEXT    NOT NULL,
    ref        TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    id         BLOB    NOT NULL,
    ticket     INTEGER NOT NULL,
    PRIMARY KEY (kind, ref, created_at, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE support_messages (
    seq         INTEGER PRIMARY KEY,
    id          BLOB    NOT NULL UNIQUE,
    ticket      INTEGER NOT NULL REFERENCES support_tickets (seq),
    author_role TEXT    NOT NULL,
    author_id   BLOB,
    author_name TEXT    NOT NULL,
    internal    INTEGER NOT NULL CHECK (internal IN (0, 1)),
    attachments TEXT    NOT NULL,
    sent_at     INTEGER NOT NULL,
    body        TEXT    NOT NULL
) STRICT;

-- Both end in `seq`, as every index does.
CREATE INDEX support_messages_thread ON support_messages (ticket);
CREATE INDEX support_messages_public ON support_messages (ticket) WHERE internal = 0;

-- Rows are only ever added. No trigger enforces it: erasing a person must be able to take their name out of the trail.
CREATE TABLE support_events (
    seq        INTEGER PRIMARY KEY,
    id         BLOB    NOT NULL UNIQUE,
    ticket     INTEGER NOT NULL REFERENCES support_tickets (seq),
    at         INTEGER NOT NULL,
    actor_role TEXT    NOT NULL,
    actor_id   BLOB,
    actor_name TEXT    NOT NULL,
    cause      TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    internal   INTEGER NOT NULL CHECK (internal IN (0, 1)),
    data       TEXT    NOT NULL
) STRICT;

CREATE INDEX support_events_trail ON support_events (ticket);

CREATE TABLE support_counters (
    series TEXT    PRIMARY KEY,
    last   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What the text index is made of; of the JSON of the tags it takes the words. `owner` lets a customer's search meet their
-- id inside the index, instead of reading every other customer's hits first.
CREATE VIEW support_ticket_words AS
SELECT seq,
       number,
       subject,
       tags,
       (SELECT body FROM support_messages WHERE ticket = support_tickets.seq ORDER BY seq LIMIT 1) AS body,
       lower(hex(customer_id)) AS owner
FROM support_tickets;

CREATE VIRTUAL TABLE support_ticket_text USING fts5 (
    number, subject, tags, body, owner,
    content = 'support_ticket_words', content_rowid = 'seq',
    tokenize = 'unicode61 remove_diacritics 2',
    prefix = '2 3'
);

-- A word that leaves a ticket leaves the file: by default the index would keep it until some later merge.
INSERT INTO support_ticket_text (support_ticket_text, rank) VALUES ('secure-delete', 1);
