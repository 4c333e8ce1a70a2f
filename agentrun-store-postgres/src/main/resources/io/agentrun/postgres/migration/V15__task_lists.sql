-- Tasks from before V14 get their place in lists. A task that is seen here without one has been there before the triggers were:
-- its place would be seen with it. Nobody waits for this but whoever needs the indexes that go last.
INSERT INTO agentrun_task_lists (id, tenant_id, project_id, queue, lane, priority, created_at)
SELECT t.id, t.tenant_id, t.project_id, t.queue, t.lane, t.priority, t.created_at
FROM agentrun_queue_tasks t
WHERE NOT EXISTS (SELECT FROM agentrun_task_lists l WHERE l.id = t.id);
ANALYZE agentrun_task_lists;

DROP INDEX agentrun_queue_tasks_list_idx;
DROP INDEX agentrun_queue_tasks_queue_idx;
DROP INDEX agentrun_queue_tasks_owner_idx;
DROP INDEX agentrun_queue_tasks_tenant_idx;
-- No query has used it.
DROP INDEX agentrun_runs_task_idx;
