-- Within which time a run must be claimed, and until when it may be pending: null for a run that has no such time, as all from before
-- have none. A claim leaves both as they are, the first acknowledged turn takes the first away, and what makes the run pending again
-- writes the second anew. The index for what is overdue is built outside of this transaction, which has locked the table: see LiveIndexes.
ALTER TABLE agentrun_run_state
    ADD COLUMN claim_micros bigint,
    ADD COLUMN claim_until timestamptz;
