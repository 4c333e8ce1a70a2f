package io.agentrun.postgres.internal.table;

import static io.agentrun.postgres.internal.table.RunColumns.FIRST_STATE;
import static io.agentrun.postgres.internal.table.RunColumns.NEXT_STATE;
import static io.agentrun.postgres.internal.table.RunColumns.OWN;
import static io.agentrun.postgres.internal.table.RunColumns.SHARED;

import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.table.RunColumns.ChangedRow;
import io.agentrun.postgres.internal.table.RunColumns.NewRow;
import java.util.List;

/**
 * Writes many runs with one statement: what {@link RunTable#INSERT} and {@link RunTable#UPDATE} do for one. The limits are for the
 * plan: as in {@link AppendStatements#TOGETHER}.
 *
 * <p>Thread-safe.
 */
public final class RunSets {

    /** New runs; where an id or a key is taken, the statement fails. */
    public static final String INSERT = "WITH n AS (\nSELECT *\nFROM unnest("
            + OWN.names(":new_run_") + ", " + SHARED.names(":new_run_") + ", " + FIRST_STATE.names(":new_run_") + ")\n"
            + "AS n (" + OWN.names("") + ", " + SHARED.names("") + ", " + FIRST_STATE.names("") + ")\n"
            + "LIMIT (SELECT pg_catalog.cardinality(:new_run_id))\n), run AS (\n"
            + "INSERT INTO {schema}.agentrun_runs (" + OWN.names("") + ", " + SHARED.names("") + ")\n"
            + "SELECT " + OWN.values("n.") + ", " + SHARED.values("n.") + "\n"
            + "FROM n\nRETURNING id\n)\n"
            + "INSERT INTO {schema}.agentrun_run_state (run_id, " + SHARED.names("") + ", " + FIRST_STATE.names("")
            + ")\n"
            + "SELECT n.id, " + SHARED.values("n.") + ", " + FIRST_STATE.values("n.") + "\n"
            + "FROM run\nJOIN n ON n.id = run.id\n"
            + "RETURNING run_id\n";

    /** Everything of runs that may change. */
    public static final String UPDATE = "UPDATE {schema}.agentrun_run_state s\n"
            + "SET " + NEXT_STATE.assignments("n.") + "\n"
            + "FROM (\nSELECT *\nFROM unnest(:changed_run_id, " + NEXT_STATE.names(":changed_run_") + ")\n"
            + "AS n (run_id, " + NEXT_STATE.names("") + ")\n"
            + "LIMIT (SELECT pg_catalog.cardinality(:changed_run_id))\n) n\n"
            + "WHERE s.run_id = n.run_id\n"
            + "RETURNING s.run_id\n";

    /** The numbers of runs that are otherwise as they were. */
    public static final String COUNT = """
            UPDATE {schema}.agentrun_run_state s
            SET event_seq = n.event_seq, command_seq = n.command_seq
            FROM (
                SELECT *
                FROM unnest(:counted_run_id, :counted_event_seq, :counted_command_seq)
                    AS u (run_id, event_seq, command_seq)
                LIMIT (SELECT pg_catalog.cardinality(:counted_run_id))
            ) n
            WHERE s.run_id = n.run_id
            RETURNING s.run_id
            """;

    private RunSets() {}

    /** The numbers of a run's last event and command. Immutable. */
    public record Counted(String runId, long eventSeq, long commandSeq) {}

    /** Gives {@link #INSERT} its parameters. */
    public static void bindNew(Script script, List<NewRow> rows) {
        OWN.bindAll(script, "new_run_", rows);
        SHARED.bindAll(script, "new_run_", rows);
        FIRST_STATE.bindAll(script, "new_run_", rows);
    }

    /** Gives {@link #UPDATE} its parameters. */
    public static void bindChanged(Script script, List<ChangedRow> rows) {
        script.bindArray(
                "changed_run_id",
                "text",
                rows.stream().map(row -> row.run().id()).toArray());
        NEXT_STATE.bindAll(script, "changed_run_", rows);
    }

    /** Gives {@link #COUNT} its parameters. */
    public static void bindCounted(Script script, List<Counted> rows) {
        script.bindArray(
                        "counted_run_id",
                        "text",
                        rows.stream().map(Counted::runId).toArray())
                .bindArray(
                        "counted_event_seq",
                        "bigint",
                        rows.stream().map(Counted::eventSeq).toArray())
                .bindArray(
                        "counted_command_seq",
                        "bigint",
                        rows.stream().map(Counted::commandSeq).toArray());
    }
}
