package io.agentrun.postgres;

import io.agentrun.check.Require;
import io.agentrun.engine.report.OperatorLog;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.postgres.internal.db.Connections;
import io.agentrun.postgres.internal.db.PlatformThreads;
import io.agentrun.postgres.internal.db.SchemaName;
import io.agentrun.postgres.internal.db.SqlErrors;
import io.agentrun.postgres.internal.migration.FlywayLog;
import io.agentrun.postgres.internal.migration.LiveIndexes;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.CoreErrorCode;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.flywaydb.core.api.output.MigrateResult;
import org.jspecify.annotations.Nullable;

/**
 * The schema of the store: creates it, brings it up to date, checks it, or prints it for somebody who may.
 *
 * <p>An empty schema and one that the original manager made and filled, at any of its levels, end alike. Its history is
 * in the table {@code agentrun_schema_history}; nothing of the host's own Flyway is read or changed. Migrating takes up to
 * three connections of the data source at once.
 *
 * <p>Thread-safe.
 */
public final class PostgresMigrations {

    /** The table that says which migrations were applied. */
    static final String HISTORY = "agentrun_schema_history";

    private static final String INSERT_HISTORY = """
            INSERT INTO {schema}.agentrun_schema_history (installed_rank, version, description, type, script, checksum,
                installed_by, execution_time, success)
            VALUES (""";

    /** How often a migration is tried that does not get its tables: for about a minute and a half. */
    private static final int MOST_ATTEMPTS = 60;

    private static final Duration PAUSE = Duration.ofMillis(500);

    /** How long a host waits for another one that migrates: longer than a migration takes. */
    private static final Duration WAIT = Duration.ofMinutes(10);

    private static final OperatorLog LOG = OperatorLog.named("io.agentrun.postgres");
    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private final DataSource dataSource;
    private final SchemaName schema;
    private final boolean withoutAutoCommit;
    private final Takeover takeover;
    private final Duration wait;
    private final Connections connections;

    private PostgresMigrations(
            DataSource dataSource, SchemaName schema, boolean withoutAutoCommit, Takeover takeover, Duration wait) {
        this.dataSource = dataSource;
        this.schema = schema;
        this.withoutAutoCommit = withoutAutoCommit;
        this.takeover = takeover;
        this.wait = wait;
        this.connections = new Connections(dataSource, withoutAutoCommit);
    }

    /**
     * Returns the migrations of the store in the given schema; nothing is done yet.
     *
     * @throws io.agentrun.error.InvalidInputException if the name is empty, over 63 bytes, or a system schema's
     */
    public static PostgresMigrations in(DataSource dataSource, String schema) {
        return in(dataSource, schema, false);
    }

    static PostgresMigrations in(DataSource dataSource, String schema, boolean withoutAutoCommit) {
        return new PostgresMigrations(
                Require.given("dataSource", dataSource),
                new SchemaName(schema),
                withoutAutoCommit,
                Takeover.ofAny(),
                WAIT);
    }

    /**
     * Returns the same for a data source that hands out connections with autocommit off, none of which is in a transaction.
     * Without this such a connection is refused, because it may be in a transaction of the host.
     */
    public PostgresMigrations poolWithoutAutoCommit() {
        return new PostgresMigrations(dataSource, schema, true, takeover, wait);
    }

    /**
     * Returns the same, for an original manager whose migrations have these checksums and no others. Each is the SHA-256 of the
     * migration's text, as the original's {@code postgresMigrationContract()} lists them. Without this any SHA-256 is taken, and
     * what counts is whether its tables have the columns that its migrations make.
     *
     * @param checksums by the id of the migration; one that is not named is not compared
     * @throws io.agentrun.error.InvalidInputException if an id is none of the original's seven, or a checksum is not 64
     *     hexadecimal digits in lower case
     */
    public PostgresMigrations originalChecksums(Map<String, String> checksums) {
        return new PostgresMigrations(dataSource, schema, withoutAutoCommit, new Takeover(checksums), wait);
    }

    /** Returns the same with another time to wait for a host that migrates, for tests. */
    PostgresMigrations waiting(Duration atMost) {
        return new PostgresMigrations(dataSource, schema, withoutAutoCommit, takeover, atMost);
    }

    /** Returns what this version needs of a schema: its migrations with their checksums, and the tables that they make. */
    public static MigrationContract contract() {
        return MigrationContract.ofThisVersion();
    }

    /** Returns the newest migration that this version knows. */
    static String latest() {
        return MigrationScripts.latest();
    }

    static boolean knows(String id) {
        return MigrationScripts.NAMES.contains(id);
    }

    /**
     * Creates the schema, or brings it to the one that this version needs; rows of the original manager are taken over. A
     * second call does nothing, and of several callers at the same moment one does the work while the others wait, for ten
     * minutes at most. It takes three connections at once. No migration waits for a table for longer than a second, behind
     * which all others would wait; it is tried again for about a minute and a half. The index of a large table is built
     * beside those who write it. What was done is logged in one line at INFO, under {@code io.agentrun.postgres}.
     *
     * @throws StoreUnavailableException with {@code SCHEMA} if the database was migrated by a newer version, a migration
     *     was changed after it was applied, the tables are those of an original manager that is newer or was altered (the
     *     message names its migration, or the column; nothing is changed), the user may not create or alter tables, or
     *     another user has made functions or operators that a migration would find in place of the server's own; with
     *     {@code LOCK_TIMEOUT} if a transaction held a table all the time, or another host migrated for longer than ten
     *     minutes; otherwise as its reason says
     */
    public void migrate() {
        PlatformThreads.callOnce(() -> {
            migrateUnderGuard();
            return true;
        });
    }

    private void migrateUnderGuard() {
        try {
            Connection guard = connections.openConnection();
            try {
                guard.setAutoCommit(false);
                MigrationGuard.enter(guard, schema, wait);
                createSchema();
                prepareTakeover();
                migratePatiently();
            } catch (FlywayException e) {
                throw translated(e);
            } finally {
                guard.rollback();
                guard.setAutoCommit(true);
                connections.closeConnection(guard);
            }
        } catch (SQLException e) {
            throw translated(e);
        }
    }

    /**
     * Returns normally if the schema is the one that this version needs, and changes nothing.
     *
     * @throws StoreUnavailableException with {@code SCHEMA} if it is missing, older, newer or changed; otherwise as its
     *     reason says
     */
    public void validate() {
        PlatformThreads.callOnce(() -> {
            try {
                Flyway flyway = flyway();
                return FlywayLog.during(flyway, () -> {
                    flyway.validate();
                    return true;
                });
            } catch (FlywayException e) {
                throw translated(e);
            }
        });
    }

    /**
     * Returns everything that {@link #migrate} would do in an empty schema or in one of the original manager, as one script
     * for a person with the right to run it; afterwards {@link #validate} returns normally.
     */
    public String ddl() {
        StringBuilder script = new StringBuilder();
        script.append("BEGIN;\n\nCREATE SCHEMA IF NOT EXISTS ")
                .append(schema.quoted())
                .append(";\nSET LOCAL search_path = ")
                .append(schema.quoted())
                .append(";\n\n")
                .append(takeover.script())
                .append("\nCREATE TABLE ")
                .append(HISTORY + """
                 (
                    installed_rank integer NOT NULL CONSTRAINT agentrun_schema_history_pk PRIMARY KEY,
                    version varchar(50),
                    description varchar(200) NOT NULL,
                    type varchar(20) NOT NULL,
                    script varchar(1000) NOT NULL,
                    checksum integer,
                    installed_by varchar(100) NOT NULL,
                    installed_on timestamp NOT NULL DEFAULT pg_catalog.now(),
                    execution_time integer NOT NULL,
                    success boolean NOT NULL
                );
                CREATE INDEX agentrun_schema_history_s_idx ON agentrun_schema_history (success);
                """);
        for (int i = 0; i < MigrationScripts.NAMES.size(); i++) {
            String name = MigrationScripts.NAMES.get(i);
            String text = MigrationScripts.text(name);
            int separator = name.indexOf("__");
            script.append("\n-- ").append(name).append("\n\n").append(text).append('\n');
            script.append(schema.sql(INSERT_HISTORY))
                    .append(i + 1)
                    .append(", '")
                    .append(name, 1, separator)
                    .append("', '")
                    .append(name.substring(separator + 2).replace('_', ' '))
                    .append("', 'SQL', '")
                    .append(name)
                    .append(".sql', ")
                    .append(MigrationScripts.checksum(text))
                    .append(", current_user, 0, true);\n");
        }
        return script.append("\n-- What migrate() does beside running hosts.\n\n")
                .append(LiveIndexes.script(schema))
                .append("\nCOMMIT;\n")
                .toString();
    }

    /** Creates the schema if it is missing: where it is there, no right to create schemas is needed. */
    private void createSchema() throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            boolean exists;
            try (PreparedStatement statement = connection.prepareStatement(
                    "SELECT FROM pg_catalog.pg_namespace WHERE nspname = CAST(? AS name)")) {
                statement.setString(1, schema.name());
                try (ResultSet found = statement.executeQuery()) {
                    exists = found.next();
                }
            }
            if (!exists) {
                try (Statement statement = connection.createStatement()) {
                    statement.execute("CREATE SCHEMA IF NOT EXISTS " + schema.quoted());
                }
            }
            if (!connection.getAutoCommit()) {
                connection.commit();
            }
        }
    }

    /**
     * Migrates; a migration that has not got its tables within a second lets the others pass and is tried again. Each is one
     * transaction, so that nothing is done by half.
     */
    private void migratePatiently() throws SQLException {
        for (int attempt = 1; true; attempt++) {
            try {
                Flyway flyway = flyway();
                MigrateResult result = FlywayLog.during(flyway, flyway::migrate);
                completeIndexes();
                if (result.migrationsExecuted > 0) {
                    LOG.info("the schema " + schema.name() + " was migrated to version " + result.targetSchemaVersion
                            + ", by " + result.migrationsExecuted + " migrations");
                }
                return;
            } catch (FlywayException | SQLException e) {
                SQLException sql = sqlCause(e);
                if (attempt == MOST_ATTEMPTS || sql == null || !LOCK_NOT_AVAILABLE.equals(sql.getSQLState())) {
                    throw e;
                }
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private void completeIndexes() throws SQLException {
        Connection connection = connections.openConnection();
        try {
            LiveIndexes.complete(connection, schema);
        } finally {
            connections.closeConnection(connection);
        }
    }

    private void prepareTakeover() throws SQLException {
        Connection connection = connections.openConnection();
        try {
            takeover.prepare(connection, schema);
        } finally {
            connections.closeConnection(connection);
        }
    }

    private Flyway flyway() {
        return Flyway.configure(PostgresMigrations.class.getClassLoader())
                .dataSource(dataSource)
                .defaultSchema(schema.name())
                .schemas(schema.name())
                .createSchemas(false)
                .table(HISTORY)
                .locations("classpath:" + MigrationScripts.LOCATION)
                .failOnMissingLocations(true)
                .placeholderReplacement(false)
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .ignoreMigrationPatterns(new String[0])
                .validateOnMigrate(true)
                .skipDefaultCallbacks(true)
                .callbacks(new ShortLocks())
                .skipDefaultResolvers(false)
                .cleanDisabled(true)
                .load();
    }

    private static RuntimeException translated(Exception failure) {
        SQLException sql = sqlCause(failure);
        if (sql != null && "42501".equals(sql.getSQLState())) {
            return schema("the database user may not create or change the store's tables; PostgresMigrations.ddl()"
                    + " has what a person with that right must run");
        }
        if (failure instanceof FlywayValidateException || sql == null) {
            return schema(reason(failure));
        }
        RuntimeException translated = SqlErrors.translated(sql);
        return translated instanceof StoreUnavailableException e && e.reason() == Reason.POOL_EXHAUSTED
                ? new StoreUnavailableException(
                        Reason.POOL_EXHAUSTED,
                        "no connection was free in time: migrating takes three connections of the data source at once",
                        e)
                : translated;
    }

    private static String reason(Exception failure) {
        if (failure instanceof FlywayValidateException invalid && invalid.getErrorCode() != null) {
            String message = String.valueOf(invalid.getMessage());
            if (message.contains("Migration checksum mismatch")) {
                return "a migration was changed after it had been applied";
            }
            if (message.contains("not resolved locally")) {
                return "the schema was migrated by a newer version of this library";
            }
            if (message.contains("failed migration")) {
                return "a migration has failed half-way and was left so";
            }
            return "the schema is missing or older than this version needs";
        }
        return failure instanceof FlywayException flyway && flyway.getErrorCode() == CoreErrorCode.VALIDATE_ERROR
                ? "the schema is not the one that this version needs"
                : "the migration could not be carried out";
    }

    static StoreUnavailableException schema(String message) {
        return new StoreUnavailableException(Reason.SCHEMA, message, null);
    }

    private static @Nullable SQLException sqlCause(Throwable failure) {
        int depth = 0;
        for (Throwable at = failure; at != null && depth < 20; at = at.getCause(), depth++) {
            if (at instanceof SQLException sql) {
                return sql;
            }
        }
        return null;
    }
}
