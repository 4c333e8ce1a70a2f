-- Where the task of a run stands in the queue, so that a take finds the pending runs of tasks with what stands in the row that it
-- locks. Null for a run without a task, and for one that had ended before: no take looks for it. The runs that are open now are
-- filled in, and the index for takes is built, outside of this transaction, which has locked the table: see TakeColumns.
ALTER TABLE agentrun_run_state
    ADD COLUMN queue text COLLATE "C",
    ADD COLUMN lane text COLLATE "C",
    ADD COLUMN priority integer;
