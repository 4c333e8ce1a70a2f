-- Waiting tasks that limits or their sessions hold stand in groups, where many of them do: a take looks at the first of each. A task that
-- is in one is marked as delayed, which keeps it out of what is ready; who makes it ready by another way writes no group. No row is
-- written anew. The index is built outside of this transaction, which has locked the table: see LiveIndexes.
ALTER TABLE agentrun_queue_tasks ADD COLUMN held_by text COLLATE "C";
