-- Columns that are added stand last, behind the large ones. What lists walk along is in the indexes, so few reads get here.
ALTER TABLE support_tickets ADD COLUMN deleted_at    INTEGER;
ALTER TABLE support_tickets ADD COLUMN sla_at        INTEGER;
ALTER TABLE support_tickets ADD COLUMN escalation_at INTEGER;
ALTER TABLE support_tickets ADD COLUMN auto_close_at INTEGER;
ALTER TABLE support_tickets ADD COLUMN merged_into   BLOB;
ALTER TABLE support_tickets ADD COLUMN language      TEXT;
ALTER TABLE support_tickets ADD COLUMN email         TEXT;
ALTER TABLE support_tickets ADD COLUMN phone         TEXT;
ALTER TABLE support_tickets ADD COLUMN email_key     TEXT;
ALTER TABLE support_tickets ADD COLUMN watchers      TEXT NOT NULL DEFAULT '[]';
ALTER TABLE support_tickets ADD COLUMN marks         TEXT NOT NULL DEFAULT '[]';
ALTER TABLE support_tickets ADD COLUMN fields        TEXT NOT NULL DEFAULT '{}';

ALTER TABLE support_messages ADD COLUMN revision   INTEGER NOT NULL DEFAULT 0;
ALTER TABLE support_messages ADD COLUMN edited_at  INTEGER;
ALTER TABLE support_messages ADD COLUMN deleted_at INTEGER;
ALTER TABLE support_messages ADD COLUMN read_at    INTEGER;

-- Whom tickets were given to before there were agents: under the name that the latest of them has.
CREATE TABLE support_agents (
    id           BLOB    NOT NULL PRIMARY KEY,
    version      INTEGER NOT NULL,
    name         TEXT    NOT NULL,
    employee_id  TEXT,
    team         TEXT,
    skills       TEXT    NOT NULL,
    languages    TEXT    NOT NULL,
    shifts       TEXT,
    availability TEXT,
    max_tickets  INTEGER,
    max_chats    INTEGER,
    open_tickets INTEGER NOT NULL,
    assigned_at  INTEGER,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO support_agents (id, version, name, skills, languages, open_tickets, created_at, updated_at)
SELECT assignee_id,
       1,
       coalesce((SELECT assignee_name FROM support_tickets AS last WHERE last.assignee_id = t.assignee_id
                 ORDER BY created_at DESC, id DESC LIMIT 1), ''),
       '[]',
       '[]',
       count(*) FILTER (WHERE phase NOT IN ('resolved', 'closed')),
       min(created_at),
       min(created_at)
FROM support_tickets AS t
WHERE assignee_id IS NOT NULL
GROUP BY assignee_id;

-- A deleted ticket is in no list, so it is in none of the indexes that lists walk along, and nobody has to pass it over.
DROP INDEX support_tickets_created;
DROP INDEX support_tickets_updated;
DROP INDEX support_tickets_customer_created;
DROP INDEX support_tickets_customer_updated;
DROP INDEX support_tickets_assignee_created;
DROP INDEX support_tickets_assignee_updated;
DROP INDEX support_tickets_assignee_status;
DROP INDEX support_tickets_status_created;
DROP INDEX support_tickets_status_updated;
DROP INDEX support_tickets_status_priority;
DROP INDEX support_tickets_priority_created;
DROP INDEX support_tickets_category_created;
DROP INDEX support_tickets_clock_created;
DROP INDEX support_tickets_clock_updated;

CREATE INDEX support_tickets_created          ON support_tickets (created_at, id)                        WHERE deleted_at IS NULL;
CREATE INDEX support_tickets_updated          ON support_tickets (updated_at, id)                        WHERE deleted_at IS NULL;
CREATE INDEX support_tickets_customer_created ON support_tickets (customer_id, created_at, id)           WHERE deleted_at IS NULL;
CREATE INDEX support_tickets_customer_updated ON support_tickets (customer_id, updated_at, id)           WHERE deleted_at IS NULL;
CREATE INDEX support_tickets_assignee_created ON support_tickets (assignee_id, created_at, id)           WHERE deleted_at IS NULL;
CREATE INDEX support_tickets_assignee_updated ON support_tickets (assignee_id, updated_at, id)           WHERE deleted_at IS NULL;
CREATE INDEX support_tickets_assignee_status  ON support_tickets (assignee_id, status, created_at, id)   WHERE deleted_at IS NULL;
CREATE INDEX support_tickets_status_created   ON support_tickets (status, created_at, id)                WHERE deleted_at IS NULL;
CREATE INDEX support_tickets_status_updated   ON support_tickets (status, updated_at, id)                WHERE deleted_at IS NULL;
CREATE INDEX support_tickets_status_priority  ON support_tickets (status, priority, created_at, id)      WHERE deleted_at IS NULL;
CREATE INDEX support_tickets_priority_created ON support_tickets (priority, created_at, id)              WHERE deleted_at IS NULL;
CREATE INDEX support_tickets_category_created ON support_tickets (category, created_at, id)              WHERE deleted_at IS NULL;
CREATE INDEX support_tickets_clock_created    ON support_tickets (created_at, id, due_at, risk_at)
    WHERE due_at IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX support_tickets_clock_updated    ON support_tickets (updated_at, id, due_at, risk_at)
    WHERE due_at IS NOT NULL AND deleted_at IS NULL;
-- Few tickets come from people without an account.
CREATE INDEX support_tickets_email_created    ON support_tickets (email_key, created_at, id)
    WHERE email_key IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX support_tickets_email_updated    ON support_tickets (email_key, updated_at, id)
    WHERE email_key IS NOT NULL AND deleted_at IS NULL;
-- Deleted tickets are few; what a list of them asks is asked of each.
CREATE INDEX support_tickets_deleted_created  ON support_tickets (created_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX support_tickets_deleted_updated  ON support_tickets (updated_at, id) WHERE deleted_at IS NOT NULL;
-- Jobs find what is due at the beginning of these.
CREATE INDEX support_tickets_sla              ON support_tickets (sla_at, id)        WHERE sla_at IS NOT NULL;
CREATE INDEX support_tickets_escalation       ON support_tickets (escalation_at, id) WHERE escalation_at IS NOT NULL;
CREATE INDEX support_tickets_auto_close       ON support_tickets (auto_close_at, id) WHERE auto_close_at IS NOT NULL;

-- When messages move, a note may come to stand before all others. What staff write for each other is not searched for.
DROP VIEW support_ticket_words;
CREATE VIEW support_ticket_words AS
SELECT seq,
       number,
       subject,
       tags,
       (SELECT body FROM support_messages WHERE ticket = support_tickets.seq AND internal = 0 ORDER BY seq LIMIT 1) AS body,
       lower(hex(customer_id)) AS owner
FROM support_tickets;
INSERT INTO support_ticket_text (support_ticket_text)
SELECT 'rebuild' WHERE EXISTS (
    SELECT 1 FROM support_tickets
    WHERE 1 = (SELECT internal FROM support_messages WHERE ticket = support_tickets.seq ORDER BY seq LIMIT 1)
);

-- How many tickets stand alike, of those that were opened in one stretch of time: `span` milliseconds that begin at
-- `start`. Each ticket that is not deleted is counted by its day and by the 32 days in which that lies, so that years are
-- read as few rows; and both among everybody's (`anybody`) and for whoever has it (an agent's id, or `nobody`). `category`
-- is 0 where there is none: a key holds no NULL. Derived from `support_tickets`, and kept with every change of it.
CREATE TABLE support_cells (
    holder   ANY     NOT NULL,
    span     INTEGER NOT NULL,
    start    INTEGER NOT NULL,
    status   TEXT    NOT NULL,
    priority TEXT    NOT NULL,
    category ANY     NOT NULL,
    n        INTEGER NOT NULL,
    PRIMARY KEY (holder, span, start, status, priority, category)
) STRICT, WITHOUT ROWID;

-- Moments before 1970 are below zero, and so is what `%` leaves of them; adding the span once more rounds down all the same.
WITH days AS (
    SELECT assignee_id, status, priority, coalesce(category, 0) AS category,
           created_at - ((created_at % 86400000) + 86400000) % 86400000 AS day, count(*) AS n
    FROM support_tickets GROUP BY 1, 2, 3, 4, 5
),
starts AS (
    SELECT assignee_id, status, priority, category, 86400000 AS span, day AS start, n FROM days
    UNION ALL
    SELECT assignee_id, status, priority, category, 2764800000, day - ((day % 2764800000) + 2764800000) % 2764800000, n
    FROM days
)
INSERT INTO support_cells (holder, span, start, status, priority, category, n)
SELECT 'anybody', span, start, status, priority, category, sum(n) FROM starts GROUP BY 1, 2, 3, 4, 5, 6
UNION ALL
SELECT coalesce(assignee_id, 'nobody'), span, start, status, priority, category, sum(n) FROM starts GROUP BY 1, 2, 3, 4, 5, 6;

-- What happened, by quarter of an hour, and added up by day and by 32 days: `span` milliseconds that begin at `start`.
CREATE TABLE support_tallies (
    kind              TEXT    NOT NULL,
    key               TEXT    NOT NULL,
    span              INTEGER NOT NULL,
    start             INTEGER NOT NULL,
    opened            INTEGER NOT NULL,
    assigned          INTEGER NOT NULL,
    answered          INTEGER NOT NULL,
    answer_seconds    INTEGER NOT NULL,
    resolved          INTEGER NOT NULL,
    resolve_seconds   INTEGER NOT NULL,
    closed            INTEGER NOT NULL,
    reopened          INTEGER NOT NULL,
    escalated         INTEGER NOT NULL,
    rated             INTEGER NOT NULL,
    stars             INTEGER NOT NULL,
    satisfied         INTEGER NOT NULL,
    dissatisfied      INTEGER NOT NULL,
    first_kept        INTEGER NOT NULL,
    first_missed      INTEGER NOT NULL,
    next_kept         INTEGER NOT NULL,
    next_missed       INTEGER NOT NULL,
    resolution_kept   INTEGER NOT NULL,
    resolution_missed INTEGER NOT NULL,
    PRIMARY KEY (kind, key, span, start)
) STRICT, WITHOUT ROWID;

CREATE TABLE support_catalogue (
    id         BLOB    NOT NULL PRIMARY KEY,
    kind       TEXT    NOT NULL,
    key        TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    item       TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (kind, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE support_operations (
    seq     INTEGER PRIMARY KEY,
    id      BLOB    NOT NULL UNIQUE,
    ticket  INTEGER NOT NULL REFERENCES support_tickets (seq),
    other   INTEGER NOT NULL REFERENCES support_tickets (seq),
    by_role TEXT    NOT NULL,
    by_id   BLOB,
    by_name TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    deed    TEXT    NOT NULL,
    undone  TEXT
) STRICT;

CREATE INDEX support_operations_ticket ON support_operations (ticket);
CREATE INDEX support_operations_other  ON support_operations (other);

CREATE TABLE support_time_entries (
    seq        INTEGER PRIMARY KEY,
    id         BLOB    NOT NULL UNIQUE,
    ticket     INTEGER NOT NULL REFERENCES support_tickets (seq),
    agent_id   BLOB    NOT NULL,
    agent_name TEXT    NOT NULL,
    minutes    INTEGER NOT NULL,
    billable   INTEGER NOT NULL CHECK (billable IN (0, 1)),
    note       TEXT,
    spent_at   INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX support_time_entries_ticket ON support_time_entries (ticket);

-- `about` holds the ids of the people whose data may stand in the answer, one behind the other.
CREATE TABLE support_requests (
    seq       INTEGER PRIMARY KEY,
    principal TEXT    NOT NULL,
    key       TEXT    NOT NULL,
    at        INTEGER NOT NULL,
    about     BLOB    NOT NULL,
    digest    BLOB    NOT NULL,
    answer    BLOB    NOT NULL,
    UNIQUE (principal, key)
) STRICT;

CREATE INDEX support_requests_at ON support_requests (at);

CREATE TABLE support_leases (
    job    TEXT    NOT NULL PRIMARY KEY,
    holder BLOB    NOT NULL,
    token  INTEGER NOT NULL,
    until  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
