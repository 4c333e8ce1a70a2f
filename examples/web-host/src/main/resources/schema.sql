-- The host's own table; the store makes its own.
CREATE TABLE IF NOT EXISTS orders (
    id text PRIMARY KEY,
    prompt text NOT NULL,
    task_id text NOT NULL
);
