-- `seq` counts events in the order of commits, so it is their place in the outbox as well. What was told before there was
-- one is not told again: the outbox begins behind it.
CREATE TABLE support_outbox (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    begins INTEGER NOT NULL
) STRICT;

INSERT INTO support_outbox (one, begins) SELECT 1, coalesce(max(seq), 0) FROM support_events;

-- SQLite gives the highest `seq` a second time once its row is gone, and whoever had read as far as the first would never
-- meet the second. Nothing here deletes events; this is for the hand that would. What is erased is emptied, and stays.
CREATE TRIGGER support_events_stay BEFORE DELETE ON support_events
BEGIN
    SELECT RAISE(ABORT, 'events stay: readers of the outbox know them by their place');
END;
