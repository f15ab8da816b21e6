-- A million tickets of one year, in the tables of a desk that has opened and answered one ticket. What a desk keeps as JSON
-- is copied from that one. A statement ends where a semicolon ends its line.

SET search_path = desk;
-- What refers to a ticket is made from the tickets, so nobody has to look each up.
SET session_replication_role = replica;
SET synchronous_commit = off;
SET maintenance_work_mem = '512MB';
SELECT setseed(0.5);

CREATE TEMPORARY TABLE model AS SELECT * FROM support_tickets;
CREATE TEMPORARY TABLE said AS SELECT * FROM support_messages ORDER BY seq LIMIT 1;
CREATE TEMPORARY TABLE told AS SELECT * FROM support_events ORDER BY seq LIMIT 1;
TRUNCATE support_tickets, support_messages, support_events, support_ticket_text, support_ticket_tags,
    support_ticket_related, support_cells, support_cell_notes, support_tallies, support_tally_notes, support_agents CASCADE;

-- Of those that are older than a fortnight, nine of ten have ended; of the others, a half.
CREATE TEMPORARY TABLE drawn AS
SELECT n, at, lpad(to_hex(at), 12, '0') AS stamp, lpad(to_hex(n), 12, '0') AS place,
    random() < CASE WHEN n < 960000 THEN 0.9 ELSE 0.5 END AS ended,
    random() AS held, random() AS weight, random() AS state,
    (random() * 49.999 - 0.5)::int AS agent, (random() * 7.999 - 0.5)::int AS topic, (random() * 49.999 - 0.5)::int AS pace
FROM (SELECT n, 1763596800000 + n::bigint * 31536 AS at FROM generate_series(1, 1000000) AS n) AS years;

CREATE TEMPORARY TABLE made AS
SELECT n, at, stamp, place, weight, topic, pace,
    (left(stamp, 8) || '-' || right(stamp, 4) || '-7001-8000-' || place)::uuid AS id,
    ('00000000-0000-0000-0000-' || lpad(to_hex(n % 20000), 12, '0'))::uuid AS customer,
    CASE WHEN ended OR held > 0.33 THEN ('00000000-0000-0000-0000-' || lpad(to_hex(1000000 + agent), 12, '0'))::uuid END AS agent,
    CASE WHEN ended THEN CASE WHEN state < 0.5 THEN 'resolved' ELSE 'closed' END
        WHEN held <= 0.33 THEN 'open'
        ELSE (ARRAY['assigned', 'in_progress', 'waiting_customer', 'escalated'])[1 + (state * 3.999 - 0.5)::int] END AS status,
    CASE WHEN NOT ended THEN at + 28800000 END AS due,
    at + CASE WHEN ended THEN 9000000 + (state * 36000000)::bigint ELSE (state * 7200000)::bigint END AS updated,
    CASE WHEN pace = 7 AND n % 2 = 0 THEN at + 86400000 END AS deleted
FROM drawn;

INSERT INTO support_tickets (id, number, version, customer_id, customer_name, subject, category, priority, status, phase,
    assignee_id, assignee_name, escalation_level, tags, risk_at, due_at, created_at, updated_at, opened_by, source,
    first_response_at, resolved_at, closed_at, related, sla, metadata, deleted_at, sla_at, escalation_at, email, email_key,
    watchers, marks, fields)
SELECT made.id, 'TKT-' || at / 1000 || '-' || lpad(n::text, 7, '0'), 3, customer, 'Customer ' || n % 20000,
    'Parcel ' || n || ' is late',
    (ARRAY['account', 'booking', 'payment', 'technical', 'billing', 'complaint', 'bug_report', 'general'])[1 + topic],
    CASE WHEN weight < 0.06 THEN 'urgent' WHEN weight < 0.2 THEN 'high' WHEN weight < 0.4 THEN 'low' ELSE 'medium' END,
    made.status,
    CASE made.status WHEN 'open' THEN 'new' WHEN 'resolved' THEN 'resolved' WHEN 'closed' THEN 'closed'
        WHEN 'waiting_customer' THEN 'waiting_on_customer' ELSE 'open' END,
    agent, 'Agent ' || right(agent::text, 4), 0,
    CASE WHEN n % 20 = 0 THEN '["late"]' WHEN n % 5000 = 1 THEN '["rare"]' ELSE '[]' END,
    due - 5760000, due, at, updated, opened_by, source, CASE WHEN made.status <> 'open' THEN at + 300000 END,
    CASE WHEN due IS NULL THEN updated END, CASE WHEN made.status = 'closed' THEN updated END,
    CASE WHEN n % 10 = 0 THEN format('[{"kind":"order","id":"%s"}]', n % 50000) ELSE '[]' END,
    sla, metadata, deleted, due - 5760000, due,
    CASE WHEN n % 100 = 0 THEN format('guest%s@example.org', n % 30000) END,
    CASE WHEN n % 100 = 0 THEN format('guest%s@example.org', n % 30000) END, watchers, marks, fields
FROM made CROSS JOIN model ORDER BY n;

INSERT INTO support_ticket_tags SELECT CASE WHEN n % 20 = 0 THEN 'late' ELSE 'rare' END, at, id
FROM made WHERE n % 20 = 0 OR n % 5000 = 1 ORDER BY n;
INSERT INTO support_ticket_related SELECT 'order', (n % 50000)::text, at, id FROM made WHERE n % 10 = 0 ORDER BY n;

-- Thirty words of some thousands, a few of them in most texts.
INSERT INTO support_messages (id, ticket, author_role, author_id, author_name, internal, attachments, sent_at, revision, body)
SELECT (left(stamp, 8) || '-' || right(stamp, 4) || '-7001-9000-' || place)::uuid, id, 'customer', customer,
    'Customer ' || n % 20000, false, attachments, at, 0,
    (SELECT string_agg('word' || ((random() ^ 3) * 5000 + 0 * (made.n + w))::int, ' ') FROM generate_series(1, 30) AS w)
FROM made CROSS JOIN (SELECT attachments FROM said) AS said ORDER BY n;
INSERT INTO support_messages (id, ticket, author_role, author_id, author_name, internal, attachments, sent_at, revision, body)
SELECT (left(stamp, 8) || '-' || right(stamp, 4) || '-7001-a000-' || place)::uuid, id, 'agent', agent,
    'Agent ' || right(agent::text, 4), false, attachments, at + 300000, 0,
    repeat('We have found it, you will have it tomorrow. ', 4)
FROM made CROSS JOIN (SELECT attachments FROM said) AS said WHERE agent IS NOT NULL ORDER BY n;

INSERT INTO support_events (id, ticket, at, actor_role, actor_id, actor_name, cause, kind, internal, data)
SELECT (left(stamp, 8) || '-' || right(stamp, 4) || '-7001-' || step || '000-' || place)::uuid, id, made.at, 'customer',
    customer, 'Customer ' || n % 20000, cause, kind, internal, data
FROM made CROSS JOIN (SELECT cause, kind, internal, data FROM told) AS told CROSS JOIN (VALUES (8), (9)) AS steps (step)
ORDER BY step, n;

INSERT INTO support_ticket_text (ticket, first, head, body)
SELECT m.ticket, m.id, array_to_tsvector(ARRAY['owner:' || replace(t.customer_id::text, '-', ''), 'parcel', 'is', 'late', 'tkt']
    || string_to_array(substr(t.number, 5), '-') || split_part(t.subject, ' ', 2)),
    strip(to_tsvector('simple', m.body))
FROM support_messages AS m JOIN support_tickets AS t ON t.id = m.ticket WHERE m.author_role = 'customer' ORDER BY m.seq;

INSERT INTO support_cells
SELECT holder, span, created_at - created_at % span, status, priority, '=' || category, count(*)
FROM (SELECT 'anybody' AS holder, * FROM support_tickets UNION ALL
      SELECT coalesce(assignee_id::text, 'nobody'), * FROM support_tickets) AS held
    CROSS JOIN (VALUES (86400000::bigint), (32 * 86400000::bigint)) AS spans (span)
WHERE deleted_at IS NULL GROUP BY 1, 2, 3, 4, 5, 6;

INSERT INTO support_agents (id, version, name, skills, languages, open_tickets, created_at, updated_at)
SELECT assignee_id, 1, min(assignee_name), '[]', '[]', count(*) FILTER (WHERE due_at IS NOT NULL), min(created_at), min(created_at)
FROM support_tickets WHERE assignee_id IS NOT NULL GROUP BY assignee_id;
