package io.agentrun.h2;

import static io.agentrun.error.FailureKind.INFRA_FAILED;

import io.agentrun.*;
import io.agentrun.EventStore;
import io.agentrun.check.*;
import io.agentrun.error.*;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.StoreClosedException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.id.*;
import io.agentrun.json.*;
import io.agentrun.json.Redactor;
import io.agentrun.model.*;
import io.agentrun.engine.Intake;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/**
 * A store on H2: on a file or in memory, alone or beside other instances on the same data.
 *
 * <p>One writer at a time holds a lock in the database; readers wait for nobody. Time is the database's. What was
 * acknowledged is in H2's file; how much of it survives a failure of the machine is H2's affair.
 *
 * <p>Begin with {@link #open(Path)}, or with {@link #onFile} or {@link #inMemory} for the options. Not thread-safe: one
 * thread at a time. The stores are thread-safe.
 */
public final class H2AgentRunStore {

    private String url;
    private Limits limits = Limits.DEFAULTS;
    private Redactor redactor = Redactor.standard();
    private UnaryOperator<String> statements = UnaryOperator.identity();

    private H2AgentRunStore(String url) {
        // Ordinary records lie in their row, only large ones are written apart; no trace file, which would hold values.
        this.url = url + ";LOCK_TIMEOUT=10000;MAX_LENGTH_INPLACE_LOB=8192;QUERY_CACHE_SIZE=64;TRACE_LEVEL_FILE=0";
    }

    /** Opens the store on the file {@code PATH.mv.db} as {@link #onFile} and {@link #open()} do, and throws what they throw. */
    public static AgentRunStore open(Path path) {
        return onFile(path).open();
    }

    /**
     * Options of a store on the file {@code PATH.mv.db}, for this process alone unless {@link #shared()}.
     *
     * @throws InvalidInputException if the path is null or holds a semicolon, which H2 would take for its end
     */
    public static H2AgentRunStore onFile(Path path) {
        String name = Require.given("path", path).toAbsolutePath().normalize().toString();
        if (name.indexOf(';') >= 0) {
            throw new InvalidInputException("path", "must not hold a semicolon");
        }
        return new H2AgentRunStore("jdbc:h2:file:" + name + ";WRITE_DELAY=0");
    }

    /**
     * Options of a store in the memory of this process. Stores of one name share their data, gone when the last is closed.
     *
     * @throws InvalidInputException if the name is not 1 to 100 letters, digits and underscores
     */
    public static H2AgentRunStore inMemory(String name) {
        if (!Require.given("name", name).matches("[A-Za-z0-9_]{1,100}")) {
            throw new InvalidInputException("name", "must be 1 to 100 letters, digits and underscores");
        }
        return new H2AgentRunStore("jdbc:h2:mem:" + name);
    }

    /** Lets other processes on this machine open the same file too, as long as all of them ask for it. */
    public H2AgentRunStore shared() {
        this.url += ";AUTO_SERVER=TRUE";
        return this;
    }

    /** Sets the limits; {@link Limits#DEFAULTS} unless given. */
    public H2AgentRunStore limits(Limits value) {
        this.limits = Require.given("limits", value);
        return this;
    }

    /** Sets what masks secrets; {@link Redactor#standard()} unless given. */
    public H2AgentRunStore redactor(Redactor value) {
        this.redactor = Require.given("redactor", value);
        return this;
    }

    /** For tests that break a statement. */
    H2AgentRunStore statements(UnaryOperator<String> value) {
        this.statements = value;
        return this;
    }

    /**
     * Opens the store, and makes its tables in an empty database.
     *
     * @throws StoreUnavailableException with the reason {@code IN_USE} if another process has the file open; {@code CORRUPT}
     *     if it is no H2 database; {@code CREDENTIALS} if it is one with a password; {@code SCHEMA} if it holds other tables
     *     than ours, or ours in another version; {@code UNREACHABLE} if it cannot be read or made
     */
    public AgentRunStore open() {
        Intake in = new Intake(limits, redactor);
        Database db = new Database(url, statements);
        H2Runs runs = new H2Runs(db, in);
        H2Commands commands = new H2Commands(db, in);
        H2Sessions sessions = new H2Sessions(db, in);
        H2Sessions.Storage storage = new H2Sessions.Storage(db, in);
        return new Rooms(db, runs, runs, runs, commands, commands, sessions, storage, new H2Queue(db, in));
    }

    /** The rooms of one database. Thread-safe. */
    record Rooms(
            Database database,
            H2Runs runs,
            H2Runs leases,
            EventStore events,
            H2Commands commands,
            H2Commands runners,
            H2Sessions sessions,
            H2Sessions.Storage storage,
            H2Queue queue)
            implements AgentRunStore {

        @Override
        public StoreHealth health() {
            try {
                String version = String.valueOf(database.read(Database::version));
                return version.equals(String.valueOf(Database.VERSION))
                        ? StoreHealth.ready("h2", version)
                        : new StoreHealth("h2", false, true, false, version, INFRA_FAILED, "the schema was changed");
            } catch (StoreClosedException | StoreUnavailableException e) {
                return StoreHealth.unreachable("h2", String.valueOf(e.getMessage()));
            }
        }

        @Override
        public void close() {
            database.close();
        }
    }
}
