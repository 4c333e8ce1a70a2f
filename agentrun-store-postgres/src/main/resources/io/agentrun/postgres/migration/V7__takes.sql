-- Where the task of a run stands in the queue, so that a take finds the pending runs of tasks with what stands in the row that it
-- locks. Null for a run without a task, and for one that had ended before: no take looks for it.
ALTER TABLE agentrun_run_state
    ADD COLUMN queue text COLLATE "C",
    ADD COLUMN lane text COLLATE "C",
    ADD COLUMN priority integer;

UPDATE agentrun_run_state s
SET queue = t.queue, lane = t.lane, priority = t.priority
FROM agentrun_runs r
JOIN agentrun_queue_tasks t ON t.id = r.task_id
WHERE r.id = s.run_id AND s.status IN ('pending', 'claimed', 'running');

-- For takes, whose query spells the condition so; no other query may use it. See the class PlanGuards.
CREATE INDEX agentrun_run_state_take_idx
    ON agentrun_run_state (queue, priority DESC, created_at, run_id)
    WHERE '' || status = 'pending' AND queue IS NOT NULL;
