-- Where an event stands among those that are told to the outside: empty until somebody gives it a place, because commits come
-- to stand in another order than their `seq`. What was there before has none to get: 0, without a row being written. MySQL
-- cannot be asked to add a column only where it is missing; that it is there already is no fault.
ALTER TABLE {events} ADD COLUMN place BIGINT DEFAULT 0;
ALTER TABLE {events} ALTER COLUMN place SET DEFAULT NULL;
-- Those without a place stand first, in the order of `seq`. It is not unique, for all of before are 0: whoever gives places
-- keeps others from it by the lease.
CREATE INDEX {prefix}events_place ON {events} (place, seq);
