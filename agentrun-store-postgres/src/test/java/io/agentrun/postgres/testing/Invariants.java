package io.agentrun.postgres.testing;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What holds in every database of the store at every moment, as queries that find what breaks it.
 *
 * <p>Thread-safe.
 */
public final class Invariants {

    private static final Map<String, String> QUERIES = new LinkedHashMap<>();

    static {
        QUERIES.put("a run has a runner and an expiry exactly while it is claimed or running", """
                SELECT run_id FROM agentrun_run_state
                WHERE (status IN ('claimed', 'running')) <> (runner_id IS NOT NULL)
                    OR (runner_id IS NULL) <> (lease_expires_at IS NULL)
                """);
        QUERIES.put("events are numbered from 1 without a gap up to the run's counter", """
                SELECT s.run_id
                FROM agentrun_run_state s
                LEFT JOIN agentrun_events e ON e.run_id = s.run_id
                GROUP BY s.run_id, s.event_seq
                HAVING count(e.seq) <> s.event_seq OR COALESCE(max(e.seq), 0) <> s.event_seq
                """);
        QUERIES.put("commands are numbered from 1 without a gap up to the run's counter", """
                SELECT s.run_id
                FROM agentrun_run_state s
                LEFT JOIN agentrun_commands c ON c.run_id = s.run_id
                GROUP BY s.run_id, s.command_seq
                HAVING count(c.seq) <> s.command_seq OR COALESCE(max(c.seq), 0) <> s.command_seq
                """);
        QUERIES.put(
                "no event is without its run",
                "SELECT e.id FROM agentrun_events e"
                        + " WHERE NOT EXISTS (SELECT FROM agentrun_run_state s WHERE s.run_id = e.run_id)");
        QUERIES.put("the last event of an ended run is its terminal_status, and the only one", """
                SELECT s.run_id
                FROM agentrun_run_state s
                JOIN agentrun_events e ON e.run_id = s.run_id AND e.type = 'terminal_status'
                GROUP BY s.run_id, s.status, s.event_seq
                HAVING count(*) <> 1 OR max(e.seq) <> s.event_seq
                    OR s.status NOT IN ('completed', 'failed', 'blocked', 'cancelled')
                UNION ALL
                SELECT s.run_id
                FROM agentrun_run_state s
                WHERE s.status IN ('completed', 'failed', 'blocked', 'cancelled')
                    AND NOT EXISTS (
                        SELECT FROM agentrun_events e WHERE e.run_id = s.run_id AND e.type = 'terminal_status')
                """);
        QUERIES.put("an ended run has no open command", """
                SELECT c.id
                FROM agentrun_commands c
                JOIN agentrun_run_state s ON s.run_id = c.run_id
                WHERE c.state IN ('pending', 'acknowledged')
                    AND s.status IN ('completed', 'failed', 'blocked', 'cancelled')
                """);
        QUERIES.put("of the open turns of a session the lowest, and it alone, is deliverable", """
                SELECT id
                FROM (
                    SELECT c.id, c.deliverable,
                        row_number() OVER (PARTITION BY c.session_id, CASE WHEN c.session_id IS NULL THEN c.run_id END
                            ORDER BY c.ordinal) AS place
                    FROM agentrun_commands c
                    WHERE c.type = 'turn' AND c.state IN ('pending', 'acknowledged')
                ) t
                WHERE t.deliverable <> (t.place = 1)
                """);
        QUERIES.put("a session runs exactly while it has an open turn, and names the active one", """
                SELECT s.session_id
                FROM agentrun_sessions s
                LEFT JOIN agentrun_commands c
                    ON c.session_id = s.session_id AND c.type = 'turn' AND c.deliverable
                    AND c.state IN ('pending', 'acknowledged')
                WHERE (s.execution_state = 'running') <> (c.id IS NOT NULL)
                    OR s.active_command_id IS DISTINCT FROM c.id
                    OR s.active_run_id IS DISTINCT FROM c.run_id
                """);
        QUERIES.put("versions of sessions are unique and lie behind their sequence", """
                SELECT min(session_id)
                FROM agentrun_sessions
                GROUP BY version
                HAVING count(*) > 1 OR version > (SELECT last_value FROM agentrun_session_version_seq)
                """);
        QUERIES.put("versions of tasks are unique and lie behind their sequence", """
                SELECT min(id)
                FROM agentrun_queue_tasks
                GROUP BY version
                HAVING count(*) > 1 OR version > (SELECT last_value FROM agentrun_queue_version_seq)
                """);
        QUERIES.put("what a run state copies is what the run has", """
                SELECT r.id
                FROM agentrun_runs r
                LEFT JOIN agentrun_run_state s ON s.run_id = r.id
                WHERE (r.created_at, r.tenant_id, r.project_id, r.backend_profile, r.provider_id)
                        IS DISTINCT FROM (s.created_at, s.tenant_id, s.project_id, s.backend_profile, s.provider_id)
                    OR r.session_id IS DISTINCT FROM s.session_id
                """);
        QUERIES.put("each task has one place in the lists, which is its own", """
                SELECT COALESCE(t.id, l.id)
                FROM agentrun_queue_tasks t
                FULL JOIN agentrun_task_lists l ON l.id = t.id
                WHERE (t.id, t.tenant_id, t.project_id, t.queue, t.lane, t.priority, t.created_at)
                    IS DISTINCT FROM (l.id, l.tenant_id, l.project_id, l.queue, l.lane, l.priority, l.created_at)
                UNION ALL
                SELECT id FROM agentrun_task_lists GROUP BY id HAVING count(*) > 1
                """);
        QUERIES.put("a command has an outcome exactly if it has ended", """
                SELECT id FROM agentrun_commands
                WHERE (state IN ('pending', 'acknowledged')) <> (terminal_status IS NULL)
                """);
        QUERIES.put("a task that runs on a run of the store has that run open", """
                SELECT t.id
                FROM agentrun_queue_tasks t
                LEFT JOIN agentrun_run_state s ON s.run_id = t.latest_attempt ->> 'runId'
                WHERE t.state = 'running' AND t.latest_attempt ->> 'runId' IS NOT NULL
                    AND (s.run_id IS NULL OR s.status IN ('completed', 'failed', 'blocked', 'cancelled'))
                """);
        QUERIES.put("a terminal task has no attempt under way", """
                SELECT t.id
                FROM agentrun_queue_tasks t
                WHERE t.state NOT IN ('pending', 'running') AND t.latest_attempt IS NOT NULL
                    AND t.latest_attempt -> 'endedAt' IN ('null', NULL)
                """);
    }

    private Invariants() {}

    /** The sentences that do not hold, with the ids that break them; none in a sound database. */
    public static List<String> broken(TestDatabase database) {
        return broken(query -> database.queryIn(TestDatabase.SCHEMA, query));
    }

    /** The same, of a database where a query in the store's schema finds its first column so. */
    public static List<String> broken(Function<String, List<String>> database) {
        List<String> broken = new ArrayList<>();
        QUERIES.forEach((sentence, query) -> {
            List<String> found = database.apply(query);
            if (!found.isEmpty()) {
                broken.add("not so: " + sentence + ": " + found);
            }
        });
        return broken;
    }
}
