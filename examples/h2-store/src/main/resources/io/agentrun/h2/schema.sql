-- Version 1. Every statement may be repeated: H2 commits each one for itself, and the row in agentrun_store, written last,
-- says that all is there. A record is kept whole in its document; the columns beside it are what queries look at.

CREATE TABLE IF NOT EXISTS agentrun_store (
    id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL,
    stopped_at TIMESTAMP(6) WITH TIME ZONE -- only tests stop the time
);
CREATE SEQUENCE IF NOT EXISTS session_version;
CREATE SEQUENCE IF NOT EXISTS task_version;

CREATE TABLE IF NOT EXISTS runs (
    id VARCHAR PRIMARY KEY, tenant VARCHAR NOT NULL, project VARCHAR NOT NULL, idempotency_key VARCHAR,
    backend VARCHAR NOT NULL, provider VARCHAR NOT NULL, session_id VARCHAR,
    status VARCHAR NOT NULL, lease_until TIMESTAMP(6) WITH TIME ZONE, last_event BIGINT DEFAULT 0 NOT NULL,
    created_at TIMESTAMP(6) WITH TIME ZONE NOT NULL, updated_at TIMESTAMP(6) WITH TIME ZONE NOT NULL,
    document CLOB NOT NULL,
    UNIQUE (tenant, project, idempotency_key)
);
CREATE INDEX IF NOT EXISTS runs_by_age ON runs (created_at, id);
CREATE INDEX IF NOT EXISTS runs_by_status ON runs (status, created_at, id);
CREATE INDEX IF NOT EXISTS runs_by_lease ON runs (lease_until, id);
CREATE INDEX IF NOT EXISTS runs_by_session ON runs (session_id, status);

CREATE TABLE IF NOT EXISTS commands (
    id VARCHAR PRIMARY KEY, run_id VARCHAR NOT NULL REFERENCES runs (id) ON DELETE CASCADE, session_id VARCHAR,
    seq BIGINT NOT NULL, is_turn BOOLEAN NOT NULL, ordinal BIGINT NOT NULL, idempotency_key VARCHAR,
    state VARCHAR NOT NULL, is_open BOOLEAN NOT NULL, deliverable BOOLEAN NOT NULL,
    document CLOB NOT NULL,
    UNIQUE (run_id, seq), UNIQUE (run_id, idempotency_key)
);
CREATE INDEX IF NOT EXISTS commands_by_session ON commands (session_id, is_open, ordinal);

CREATE TABLE IF NOT EXISTS events (
    run_id VARCHAR NOT NULL REFERENCES runs (id) ON DELETE CASCADE, seq BIGINT NOT NULL, id VARCHAR NOT NULL,
    type VARCHAR NOT NULL, is_output BOOLEAN NOT NULL, created_at TIMESTAMP(6) WITH TIME ZONE NOT NULL,
    payload CLOB NOT NULL,
    PRIMARY KEY (run_id, seq)
);

-- H2 compares text by UTF-16 units; the bytes of UTF-8 are in the order of code points.
CREATE TABLE IF NOT EXISTS sessions (
    id VARCHAR PRIMARY KEY, id_order VARBINARY GENERATED ALWAYS AS (STRINGTOUTF8(id)),
    tenant VARCHAR NOT NULL, project VARCHAR NOT NULL, backend VARCHAR NOT NULL,
    state VARCHAR NOT NULL, active_run_id VARCHAR, last_run_id VARCHAR, version BIGINT NOT NULL UNIQUE,
    storage_state VARCHAR NOT NULL, collector_id VARCHAR, collector_until TIMESTAMP(6) WITH TIME ZONE,
    expires_at TIMESTAMP(6) WITH TIME ZONE, updated_at TIMESTAMP(6) WITH TIME ZONE NOT NULL,
    document CLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS sessions_by_change ON sessions (updated_at, id_order);
CREATE INDEX IF NOT EXISTS sessions_by_storage ON sessions (storage_state, updated_at);

CREATE TABLE IF NOT EXISTS tasks (
    id VARCHAR PRIMARY KEY, tenant VARCHAR NOT NULL, project VARCHAR NOT NULL, idempotency_key VARCHAR,
    queue VARCHAR NOT NULL, lane VARCHAR NOT NULL, priority INTEGER NOT NULL, backend VARCHAR NOT NULL,
    session_id VARCHAR, run_id VARCHAR, state VARCHAR NOT NULL, version BIGINT NOT NULL UNIQUE,
    not_before TIMESTAMP(6) WITH TIME ZONE, created_at TIMESTAMP(6) WITH TIME ZONE NOT NULL,
    document CLOB NOT NULL,
    UNIQUE (tenant, project, idempotency_key)
);
CREATE INDEX IF NOT EXISTS tasks_by_place ON tasks (state, priority DESC, created_at, id);
CREATE INDEX IF NOT EXISTS tasks_by_run ON tasks (run_id);

CREATE TABLE IF NOT EXISTS marks (
    kind VARCHAR NOT NULL, subject_id VARCHAR NOT NULL, reader_id VARCHAR NOT NULL,
    version BIGINT NOT NULL, read_at TIMESTAMP(6) WITH TIME ZONE NOT NULL,
    PRIMARY KEY (kind, subject_id, reader_id)
);

CREATE TABLE IF NOT EXISTS jobs (
    id VARCHAR PRIMARY KEY, run_id VARCHAR NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    command_id VARCHAR NOT NULL, idempotency_key VARCHAR, created_at TIMESTAMP(6) WITH TIME ZONE NOT NULL,
    document CLOB NOT NULL,
    UNIQUE (run_id, idempotency_key)
);
CREATE TABLE IF NOT EXISTS runners (id VARCHAR PRIMARY KEY, document CLOB NOT NULL);
CREATE TABLE IF NOT EXISTS backends (profile VARCHAR PRIMARY KEY, document CLOB NOT NULL);
