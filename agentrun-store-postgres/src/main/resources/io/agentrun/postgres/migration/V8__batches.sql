-- The last numbered batch of events of each epoch, so that an append whose answer was lost can be repeated. No row is written
-- anew.
ALTER TABLE agentrun_run_state
    ADD COLUMN batch_number bigint,
    ADD COLUMN batch_first bigint,
    ADD COLUMN batch_count integer,
    ADD COLUMN batch_hash bytea;
