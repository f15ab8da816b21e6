-- Where an event stands among those that are told to the outside: empty until somebody gives it a place, because commits come
-- to stand in another order than their `seq`. What was there before has none to get: 0, without a row being written.
ALTER TABLE {events} ADD COLUMN place BIGINT DEFAULT 0;
ALTER TABLE {events} ALTER COLUMN place DROP DEFAULT;
-- Few rows, and gone through by `place` first, so that no other index leads there in the same order: whatever the planner
-- believes of the table, it begins with those that have none.
CREATE INDEX {prefix}events_unplaced ON {events} (place, seq) WHERE place IS NULL;
CREATE UNIQUE INDEX {prefix}events_place ON {events} (place) WHERE place > 0;
-- Each event is written a second time when it gets its place, and leaves an entry of the index behind that those who look for
-- the next ones step over until the table is vacuumed.
ALTER TABLE {events} SET (autovacuum_vacuum_scale_factor = 0.02);
