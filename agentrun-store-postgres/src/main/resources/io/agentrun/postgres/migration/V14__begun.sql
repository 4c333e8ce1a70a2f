-- Room on its page for the next version of a command.
ALTER TABLE agentrun_commands SET (fillfactor = 70);

-- That a leased run has begun a turn stands in columns of their own, which no index names: its status stays 'claimed', and it is
-- running if the epoch in which a turn was begun is that of its lease. No row is written anew: one that says 'running' is still
-- read so.
ALTER TABLE agentrun_run_state
    ADD COLUMN begun_epoch bigint,
    ADD COLUMN begun_at timestamptz;

-- What lists of tasks are ordered and filtered by and never changes, so that no change of a task moves it in their indexes. The
-- triggers keep it beside its task, whoever writes that. Who adds it with a new task says so by the task's version, which no
-- copy of the row has: the triggers look their table up at each call and would take half as long again as all else. Tasks from before
-- are added by the next migration.
ALTER TABLE agentrun_queue_tasks ADD COLUMN listed_version bigint;
CREATE TABLE agentrun_task_lists (
    id text COLLATE "C" NOT NULL,
    tenant_id text COLLATE "C" NOT NULL,
    project_id text COLLATE "C" NOT NULL,
    queue text COLLATE "C" NOT NULL,
    lane text COLLATE "C" NOT NULL,
    priority integer NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX agentrun_task_lists_all_idx ON agentrun_task_lists (priority DESC, created_at, id);
CREATE INDEX agentrun_task_lists_queue_idx ON agentrun_task_lists (queue, priority DESC, created_at, id);
CREATE INDEX agentrun_task_lists_owner_idx
    ON agentrun_task_lists (tenant_id, project_id, priority DESC, created_at, id);
CREATE INDEX agentrun_task_lists_tenant_idx ON agentrun_task_lists (tenant_id, priority DESC, created_at, id);

CREATE FUNCTION agentrun_list_task() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        EXECUTE pg_catalog.format(
            'DELETE FROM %I.agentrun_task_lists WHERE tenant_id = $1 AND project_id = $2 AND priority = $3 AND created_at = $4'
                || ' AND id = $5',
            TG_TABLE_SCHEMA)
        USING OLD.tenant_id, OLD.project_id, OLD.priority, OLD.created_at, OLD.id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        EXECUTE pg_catalog.format(
            'INSERT INTO %I.agentrun_task_lists (id, tenant_id, project_id, queue, lane, priority, created_at)'
                || ' VALUES ($1, $2, $3, $4, $5, $6, $7)',
            TG_TABLE_SCHEMA)
        USING NEW.id, NEW.tenant_id, NEW.project_id, NEW.queue, NEW.lane, NEW.priority, NEW.created_at;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER agentrun_task_lists_add
    AFTER INSERT ON agentrun_queue_tasks
    FOR EACH ROW WHEN (NEW.listed_version IS DISTINCT FROM NEW.version) EXECUTE FUNCTION agentrun_list_task();
CREATE TRIGGER agentrun_task_lists_write
    AFTER DELETE OR UPDATE OF id, tenant_id, project_id, queue, lane, priority, created_at ON agentrun_queue_tasks
    FOR EACH ROW EXECUTE FUNCTION agentrun_list_task();
