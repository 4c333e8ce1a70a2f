-- The token of a fence, as its SHA-256; how often a run was given back; how many runners in a row have let its lease run
-- out without having begun anything. Each column has a constant default, so that no row is written anew. A lease from
-- before has no token: no fence holds for it, and it ends by a claim, by recovery or by force.
ALTER TABLE agentrun_run_state
    ADD COLUMN fence_hash bytea,
    ADD COLUMN generation bigint NOT NULL DEFAULT 0,
    ADD COLUMN starts integer NOT NULL DEFAULT 0;
