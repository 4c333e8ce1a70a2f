-- When a runner first claimed the run. Null for a run that was claimed before; only a claim that begins the first epoch writes it. No
-- row is written anew, and no index names it.
ALTER TABLE agentrun_run_state
    ADD COLUMN started_at timestamptz;
