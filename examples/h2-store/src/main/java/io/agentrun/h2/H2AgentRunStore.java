package io.agentrun.h2;

import io.agentrun.check.Require;
import io.agentrun.engine.EngineStore;
import io.agentrun.engine.Intake;
import io.agentrun.error.*;
import io.agentrun.id.IdSource;
import io.agentrun.json.Redactor;
import io.agentrun.model.Limits;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/**
 * A store on H2: on a file or in memory, alone or beside other instances on the same data. One writer at a time holds a lock in
 * the database; readers wait for nobody. Time is the database's. H2 decides how much of what was acknowledged survives a failure
 * of the machine. Begin with {@link #onFile} or {@link #inMemory}. Thread-safe.
 */
public final class H2AgentRunStore extends EngineStore {

    final H2Backend backend;

    private H2AgentRunStore(H2Backend backend, Intake intake) {
        super(backend, IdSource.timeOrdered(), intake);
        this.backend = backend;
    }

    /**
     * Returns the options of a store on the file {@code PATH.mv.db}, for this process alone unless {@link Options#shared}.
     *
     * @throws InvalidInputException if the path is null or contains a semicolon, which ends the path in an H2 URL
     */
    public static Options onFile(Path path) {
        String name = Require.given("path", path).toAbsolutePath().normalize().toString();
        if (name.indexOf(';') >= 0) {
            throw new InvalidInputException("path", "must not hold a semicolon");
        }
        // A file channel, which H2 uses otherwise, is closed for everybody when one of its threads is interrupted.
        return new Options("jdbc:h2:async:" + name + ";WRITE_DELAY=0");
    }

    /**
     * Returns the options of a store in memory. Stores of one name share their data until the last of them is closed.
     *
     * @throws InvalidInputException if the name is not 1 to 100 letters, digits and underscores
     */
    public static Options inMemory(String name) {
        if (!Require.given("name", name).matches("[A-Za-z0-9_]{1,100}")) {
            throw new InvalidInputException("name", "must be 1 to 100 letters, digits and underscores");
        }
        return new Options("jdbc:h2:mem:" + name);
    }

    /** Options of a store. Not thread-safe: one thread at a time. */
    public static final class Options {

        private String url;
        private Limits limits = Limits.DEFAULTS;
        private Redactor redactor = Redactor.standard();
        private UnaryOperator<String> hook = UnaryOperator.identity();

        private Options(String url) {
            // Small documents are stored in their row, large ones apart. A trace file would contain values.
            this.url = url + ";LOCK_TIMEOUT=10000;MAX_LENGTH_INPLACE_LOB=8192;QUERY_CACHE_SIZE=64;TRACE_LEVEL_FILE=0";
        }

        /** Lets other processes on this machine open the same file too, if all of them ask for it. */
        public Options shared() {
            this.url += ";AUTO_SERVER=TRUE";
            return this;
        }

        /** Sets the limits; {@link Limits#DEFAULTS} unless given. */
        public Options limits(Limits value) {
            this.limits = Require.given("limits", value);
            return this;
        }

        /** Sets what masks secrets; {@link Redactor#standard()} unless given. */
        public Options redactor(Redactor value) {
            this.redactor = Require.given("redactor", value);
            return this;
        }

        /** Sets the hook that may replace the text of a statement, for tests. */
        Options statements(UnaryOperator<String> value) {
            this.hook = value;
            return this;
        }

        /**
         * Opens the store, and creates its tables in an empty database.
         *
         * @throws StoreUnavailableException with the reason IN_USE if another process has the file open; CORRUPT if it is no
         *     H2 database; CREDENTIALS if it has a password; SCHEMA if it has the tables of another program, or ours in
         *     another version; UNREACHABLE if it cannot be read or created
         */
        public H2AgentRunStore open() {
            return new H2AgentRunStore(new H2Backend(url, hook), new Intake(limits, redactor));
        }
    }
}
