package io.agentrun.h2;

import io.agentrun.Owner;
import io.agentrun.command.Command;
import io.agentrun.error.NotFoundException;
import io.agentrun.queue.QueueTask;
import io.agentrun.run.Run;
import io.agentrun.runner.Backend;
import io.agentrun.runner.Runner;
import io.agentrun.runner.RunnerJob;
import io.agentrun.session.Session;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A table whose column {@code document} holds whole records.
 *
 * @param word what a record is called where one is not found
 */
record Table<T>(String name, Class<T> type, String word) {

    static final Table<Run> RUNS = new Table<>("runs", Run.class, "run");
    static final Table<Command> COMMANDS = new Table<>("commands", Command.class, "command");
    static final Table<Session> SESSIONS = new Table<>("sessions", Session.class, "session");
    static final Table<QueueTask> TASKS = new Table<>("tasks", QueueTask.class, "queue task");
    static final Table<Runner> RUNNERS = new Table<>("runners", Runner.class, "runner");
    static final Table<RunnerJob> JOBS = new Table<>("jobs", RunnerJob.class, "runner job");
    static final Table<Backend> BACKENDS = new Table<>("backends", Backend.class, "backend");

    Tx.Row<T> row() {
        return row -> Documents.read(type, row.getString("document"));
    }

    T get(Tx tx, String id) {
        return find(tx, "id = ?", id).orElseThrow(() -> new NotFoundException(word, id));
    }

    Optional<T> find(Tx tx, String where, @Nullable Object... values) {
        return list(tx, where, values).stream().findFirst();
    }

    /** The record that was created under the key in the owner's project, if the key is given and known. */
    Optional<T> find(Tx tx, Owner owner, @Nullable String key) {
        String where = "tenant = ? AND project = ? AND idempotency_key = ?";
        return find(tx, where, owner.tenantId(), owner.projectId(), key);
    }

    List<T> list(Tx tx, String where, @Nullable Object... values) {
        return tx.list(row(), "SELECT document FROM " + name + " WHERE " + where, values);
    }

    List<T> list(Tx tx, Where where) {
        return list(tx, where.text(), where.values());
    }
}
