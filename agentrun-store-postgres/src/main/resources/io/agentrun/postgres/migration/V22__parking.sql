-- Parked runs. The epoch that a run's last park began: as long as it is the present one, nobody has claimed the run since, and it has no
-- slots of limits. Null for a run that never was parked. No row is written anew, and the status waiting needs nothing: it is a text.
-- The indexes are built outside of this transaction, which has locked the table: see LiveIndexes.
ALTER TABLE agentrun_run_state ADD COLUMN parked_epoch bigint;

-- For which questions a run waits says its turn (agentrun_commands.resumed); no version has read or written this column.
ALTER TABLE agentrun_questions DROP COLUMN parked;
