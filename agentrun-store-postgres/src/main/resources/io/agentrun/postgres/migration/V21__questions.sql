-- Questions that agents ask in the middle of a turn. Whoever writes to one holds the lock of its run, so that no row of these is locked
-- by itself. Whether its run waits for it says parked.
CREATE TABLE agentrun_questions (
    id text COLLATE "C" PRIMARY KEY,
    run_id text COLLATE "C" NOT NULL REFERENCES agentrun_runs (id) ON DELETE CASCADE,
    turn_id text COLLATE "C" NOT NULL,
    tenant_id text COLLATE "C" NOT NULL,
    project_id text COLLATE "C" NOT NULL,
    session_id text COLLATE "C",
    content jsonb NOT NULL,
    state text COLLATE "C" NOT NULL,
    ended jsonb,
    parked boolean NOT NULL DEFAULT false,
    idempotency_key text COLLATE "C",
    content_hash text COLLATE "C",
    version bigint NOT NULL,
    feed_xid xid8 NOT NULL DEFAULT pg_catalog.pg_current_xact_id(),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE SEQUENCE agentrun_question_version_seq;
CREATE UNIQUE INDEX agentrun_questions_key_idx
    ON agentrun_questions (run_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX agentrun_questions_run_idx ON agentrun_questions (run_id, created_at, id);
CREATE INDEX agentrun_questions_session_idx
    ON agentrun_questions (session_id, created_at, id) WHERE session_id IS NOT NULL;
CREATE INDEX agentrun_questions_owner_idx ON agentrun_questions (tenant_id, project_id, created_at, id);
CREATE INDEX agentrun_questions_age_idx ON agentrun_questions (created_at, id);
CREATE INDEX agentrun_questions_feed_idx ON agentrun_questions (feed_xid, version);
-- The inboxes, and what is to expire: few rows of many.
CREATE INDEX agentrun_questions_inbox_idx ON agentrun_questions (created_at, id) WHERE state = 'open';
CREATE INDEX agentrun_questions_inbox_owner_idx
    ON agentrun_questions (tenant_id, project_id, created_at, id) WHERE state = 'open';
CREATE INDEX agentrun_questions_inbox_tenant_idx ON agentrun_questions (tenant_id, created_at, id) WHERE state = 'open';
CREATE INDEX agentrun_questions_due_idx ON agentrun_questions (expires_at, id) WHERE state = 'open';

INSERT INTO agentrun_feeds (feed, generation, home)
SELECT 'questions', f.generation, f.home FROM agentrun_feeds f WHERE f.feed = 'tasks';

-- How many questions of the run are open, null for none: the end of such a run looks for none, and its row is no wider than before. No row
-- is written anew, and no index names it.
ALTER TABLE agentrun_run_state ADD COLUMN open_questions integer;
-- How often the turn was parked, and what became of the questions that its run waited for; null for a turn that never was.
ALTER TABLE agentrun_commands ADD COLUMN resumed jsonb;
