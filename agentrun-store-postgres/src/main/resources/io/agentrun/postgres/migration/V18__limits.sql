-- Limits of the queue. A limit has a key: what it counts by and, after line breaks, the names of that; the key of each value ends
-- before the value. One limit of what runs at once and one of starts for each key.
CREATE TABLE agentrun_limits (
    limit_key text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    most integer NOT NULL,
    period interval,
    PRIMARY KEY (limit_key, kind)
);

-- The slots of each value that a limit has counted, from 1 without a gap. One of what runs at once is taken while it has a run, one
-- of starts for the period after it was taken. Who changes a limit locks this table against everybody; who begins or ends a run of a
-- task reads it in the statement that locks the run or finds the task, and so comes before or after.
CREATE TABLE agentrun_limit_slots (
    value_key text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    number integer NOT NULL,
    taken_at timestamptz,
    run_id text COLLATE "C",
    PRIMARY KEY (value_key, kind, number)
) WITH (fillfactor = 70);
CREATE INDEX agentrun_limit_slots_run_idx ON agentrun_limit_slots (run_id) WHERE run_id IS NOT NULL;

-- By which values limits may count the task, besides its place and its owner: an object of texts; null for none.
ALTER TABLE agentrun_queue_tasks ADD COLUMN limit_labels jsonb;
