-- Schedules: what they create, and up to which time it is made. Those that are due are found along the index.
CREATE TABLE agentrun_schedules (
    tenant_id text COLLATE "C" NOT NULL,
    project_id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    rule text NOT NULL,
    zone text NOT NULL,
    task text NOT NULL,
    missed text NOT NULL,
    begin_within_micros bigint NOT NULL,
    state text NOT NULL,
    revision bigint NOT NULL,
    last_at timestamptz NOT NULL,
    task_id text COLLATE "C",
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, project_id, name)
);
CREATE INDEX agentrun_schedules_due_idx ON agentrun_schedules (last_at, tenant_id, project_id, name) WHERE state = 'active';
