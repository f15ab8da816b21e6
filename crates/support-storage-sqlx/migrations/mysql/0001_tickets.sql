-- Each step of a schema commits by itself here, so each can be done again: a migration that was cut off is finished by the next.
-- Times are milliseconds since 1970 in UTC, lists and open-ended values JSON, kept as the text that was written.
-- Text is compared by its bytes.
-- `seq` counts rows as they are written. Whoever writes to a ticket holds its row first, so within a ticket that is the
-- order of commits.
-- An index here holds every row. Where few are looked for, a column that is empty for the others (`clock_…`, `deleted_…`) keeps
-- them together at one end.
CREATE TABLE IF NOT EXISTS {tickets} (
    id                BINARY(16)   PRIMARY KEY,
    number            VARCHAR(64)  NOT NULL,
    version           BIGINT       NOT NULL,
    changes           BIGINT       NOT NULL DEFAULT 0,
    customer_id       BINARY(16)   NOT NULL,
    customer_name     LONGTEXT     NOT NULL,
    subject           LONGTEXT     NOT NULL,
    category          VARCHAR(100),
    priority          VARCHAR(100) NOT NULL,
    status            VARCHAR(100) NOT NULL,
    phase             VARCHAR(40)  NOT NULL,
    assignee_id       BINARY(16),
    assignee_name     LONGTEXT,
    escalation_level  BIGINT       NOT NULL,
    tags              LONGTEXT     NOT NULL,
    risk_at           BIGINT,
    due_at            BIGINT,
    created_at        BIGINT       NOT NULL,
    updated_at        BIGINT       NOT NULL,
    customer_tier     LONGTEXT,
    opened_by         LONGTEXT     NOT NULL,
    source            VARCHAR(40)  NOT NULL,
    contact           VARCHAR(40),
    team              LONGTEXT,
    first_response_at BIGINT,
    resolved_at       BIGINT,
    closed_at         BIGINT,
    related           LONGTEXT     NOT NULL,
    satisfaction      LONGTEXT,
    resolution        LONGTEXT,
    sla               LONGTEXT     NOT NULL,
    metadata          LONGTEXT     NOT NULL,
    deleted_at        BIGINT,
    sla_at            BIGINT,
    escalation_at     BIGINT,
    auto_close_at     BIGINT,
    merged_into       BINARY(16),
    language          LONGTEXT,
    email             LONGTEXT,
    phone             LONGTEXT,
    email_key         VARCHAR(320),
    watchers          LONGTEXT     NOT NULL,
    marks             LONGTEXT     NOT NULL,
    fields            LONGTEXT     NOT NULL,
    clock_created     BIGINT       AS (CASE WHEN due_at IS NOT NULL AND deleted_at IS NULL THEN created_at END) VIRTUAL,
    clock_updated     BIGINT       AS (CASE WHEN due_at IS NOT NULL AND deleted_at IS NULL THEN updated_at END) VIRTUAL,
    deleted_created   BIGINT       AS (CASE WHEN deleted_at IS NOT NULL THEN created_at END) VIRTUAL,
    deleted_updated   BIGINT       AS (CASE WHEN deleted_at IS NOT NULL THEN updated_at END) VIRTUAL,
    UNIQUE INDEX {prefix}tickets_number (number),
    INDEX {prefix}tickets_created (created_at, id),
    INDEX {prefix}tickets_updated (updated_at, id),
    INDEX {prefix}tickets_customer_created (customer_id, created_at, id),
    INDEX {prefix}tickets_customer_updated (customer_id, updated_at, id),
    INDEX {prefix}tickets_assignee_created (assignee_id, created_at, id),
    INDEX {prefix}tickets_assignee_updated (assignee_id, updated_at, id),
    INDEX {prefix}tickets_assignee_status (assignee_id, status, created_at, id),
    INDEX {prefix}tickets_status_created (status, created_at, id),
    INDEX {prefix}tickets_status_updated (status, updated_at, id),
    INDEX {prefix}tickets_status_priority (status, priority, created_at, id),
    INDEX {prefix}tickets_priority_created (priority, created_at, id),
    INDEX {prefix}tickets_category_created (category, created_at, id),
    INDEX {prefix}tickets_clock_created (clock_created, id, due_at, risk_at),
    INDEX {prefix}tickets_clock_updated (clock_updated, id, due_at, risk_at),
    INDEX {prefix}tickets_email_created (email_key, created_at, id),
    INDEX {prefix}tickets_email_updated (email_key, updated_at, id),
    INDEX {prefix}tickets_deleted_created (deleted_created, id),
    INDEX {prefix}tickets_deleted_updated (deleted_updated, id),
    INDEX {prefix}tickets_sla (sla_at, id),
    INDEX {prefix}tickets_escalation (escalation_at, id),
    INDEX {prefix}tickets_auto_close (auto_close_at, id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

-- One row for each tag and each link of a ticket, in the order of lists.
CREATE TABLE IF NOT EXISTS {ticket_tags} (
    tag        VARCHAR(255) NOT NULL,
    created_at BIGINT       NOT NULL,
    ticket     BINARY(16)   NOT NULL,
    PRIMARY KEY (tag, created_at, ticket),
    INDEX {prefix}ticket_tags_ticket (ticket),
    FOREIGN KEY (ticket) REFERENCES {tickets} (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS {ticket_related} (
    kind       VARCHAR(100) NOT NULL,
    ref        VARCHAR(255) NOT NULL,
    created_at BIGINT       NOT NULL,
    ticket     BINARY(16)   NOT NULL,
    PRIMARY KEY (kind, ref, created_at, ticket),
    INDEX {prefix}ticket_related_ticket (ticket),
    FOREIGN KEY (ticket) REFERENCES {tickets} (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS {messages} (
    id          BINARY(16)  PRIMARY KEY,
    seq         BIGINT      NOT NULL AUTO_INCREMENT,
    ticket      BINARY(16)  NOT NULL,
    author_role VARCHAR(40) NOT NULL,
    author_id   BINARY(16),
    author_name LONGTEXT    NOT NULL,
    internal    BOOLEAN     NOT NULL,
    attachments LONGTEXT    NOT NULL,
    sent_at     BIGINT      NOT NULL,
    revision    BIGINT      NOT NULL,
    edited_at   BIGINT,
    deleted_at  BIGINT,
    read_at     BIGINT,
    body        LONGTEXT    NOT NULL,
    UNIQUE INDEX {prefix}messages_seq (seq),
    INDEX {prefix}messages_thread (ticket, seq),
    INDEX {prefix}messages_author (author_id),
    FOREIGN KEY (ticket) REFERENCES {tickets} (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

-- Rows are only ever added. No trigger enforces it: erasing a person must be able to take their name out of the trail.
CREATE TABLE IF NOT EXISTS {events} (
    id         BINARY(16)   PRIMARY KEY,
    seq        BIGINT       NOT NULL AUTO_INCREMENT,
    ticket     BINARY(16)   NOT NULL,
    at         BIGINT       NOT NULL,
    actor_role VARCHAR(40)  NOT NULL,
    actor_id   BINARY(16),
    actor_name LONGTEXT     NOT NULL,
    cause      LONGTEXT     NOT NULL,
    kind       VARCHAR(100) NOT NULL,
    internal   BOOLEAN      NOT NULL,
    data       LONGTEXT     NOT NULL,
    UNIQUE INDEX {prefix}events_seq (seq),
    INDEX {prefix}events_trail (ticket, seq),
    INDEX {prefix}events_actor (actor_id),
    FOREIGN KEY (ticket) REFERENCES {tickets} (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS {counters} (
    series VARCHAR(255) PRIMARY KEY,
    last   BIGINT       NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

-- The words of tickets, cut and folded before they come here: of number, subject and tags (`head`), and of the first public
-- message (`body`, which is `first`). `owner:` and the customer's id is a word of the head, so that a customer's search meets
-- it inside the index.
CREATE TABLE IF NOT EXISTS {ticket_text} (
    ticket BINARY(16) PRIMARY KEY,
    seq    BIGINT     NOT NULL AUTO_INCREMENT,
    first  BINARY(16),
    head   LONGTEXT   NOT NULL,
    body   LONGTEXT   NOT NULL,
    UNIQUE INDEX {prefix}ticket_text_seq (seq),
    FULLTEXT INDEX {prefix}ticket_text_words (head, body),
    FOREIGN KEY (ticket) REFERENCES {tickets} (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};
