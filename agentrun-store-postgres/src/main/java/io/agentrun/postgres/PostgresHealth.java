package io.agentrun.postgres;

import io.agentrun.StoreHealth;
import io.agentrun.error.FailureKind;
import io.agentrun.error.StoreClosedException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.postgres.internal.db.Database;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.table.Columns;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Tells how the database is, in words that name no address, no user and no value. */
final class PostgresHealth {

    private static final String ADAPTER = "postgres";

    private static final String STANDBY = """
            SELECT
                pg_catalog.pg_is_in_recovery()
                OR CAST(pg_catalog.current_setting('transaction_read_only') AS boolean) AS read_only
            """;

    private static final String HISTORY = """
            SELECT
                pg_catalog.replace(script, '.sql', '') AS id,
                pg_catalog.bool_and(success) OVER () AS success
            FROM {schema}.agentrun_schema_history
            WHERE version IS NOT NULL AND CAST(type AS text) <> 'BASELINE'
            ORDER BY installed_rank DESC
            LIMIT 1
            """;

    private final Database database;
    private final FeedHealth feeds;

    PostgresHealth(Database database) {
        this.database = database;
        this.feeds = new FeedHealth();
    }

    private record Applied(String id, boolean success) {}

    StoreHealth now() {
        try {
            return look(true);
        } catch (StoreClosedException e) {
            return StoreHealth.unreachable(ADAPTER, "the store is closed");
        } catch (StoreUnavailableException e) {
            return e.reason() == Reason.SCHEMA ? ofSchema() : unreachable(e);
        }
    }

    /** Tells what is wrong with a schema that is not the one that is needed. */
    private StoreHealth ofSchema() {
        try {
            return look(false);
        } catch (StoreClosedException e) {
            return StoreHealth.unreachable(ADAPTER, "the store is closed");
        } catch (StoreUnavailableException e) {
            return e.reason() == Reason.SCHEMA
                    ? unready(null, "the schema is missing or was never migrated")
                    : unreachable(e);
        }
    }

    private static @Nullable String both(@Nullable String one, @Nullable String other) {
        return one == null || other == null ? (one == null ? other : one) : one + "; " + other;
    }

    private static StoreHealth unreachable(StoreUnavailableException failure) {
        return StoreHealth.unreachable(ADAPTER, String.valueOf(failure.getMessage()));
    }

    private StoreHealth look(boolean atFeeds) {
        return database.diagnose(tx -> {
            Script script = new Script();
            Script.Rows<Boolean> readOnly = script.query(STANDBY, (row, context) -> row.getBoolean("read_only"));
            Script.Rows<Applied> applied = script.query(
                    HISTORY, (row, context) -> new Applied(Columns.text(row, "id"), row.getBoolean("success")));
            Supplier<@Nullable String> warning = atFeeds ? feeds.look(script) : () -> null;
            tx.execute(script);
            StoreHealth health = health(readOnly.first().orElse(false), database.lacksRoom(), applied.firstOrNull());
            return health.ready()
                    ? new StoreHealth(
                            ADAPTER,
                            true,
                            true,
                            true,
                            health.migrationId(),
                            null,
                            both(database.warning(), warning(warning.get())),
                            List.copyOf(database.unreadable()))
                    : health;
        });
    }

    private @Nullable String warning(@Nullable String ofFeeds) {
        Set<String> unreadable = database.unreadable();
        if (unreadable.isEmpty()) {
            return ofFeeds;
        }
        String ofRecords = "lists leave out " + unreadable.size() + " stored records that cannot be read";
        return ofFeeds == null ? ofRecords : ofFeeds + "; " + ofRecords;
    }

    private static StoreHealth health(boolean readOnly, boolean full, @Nullable Applied applied) {
        String latest = PostgresMigrations.latest();
        if (applied == null) {
            return unready(null, "the schema was never migrated");
        }
        if (!applied.success()) {
            return unready(applied.id(), "a migration has failed half-way and was left so");
        }
        if (!applied.id().equals(latest)) {
            return unready(
                    applied.id(),
                    PostgresMigrations.knows(applied.id())
                            ? "the schema is older than this version needs"
                            : "the schema was migrated by a newer version of this library");
        }
        if (readOnly) {
            return unwritable("the database takes no writes at the moment");
        }
        return full ? unwritable("the database has no space left") : StoreHealth.ready(ADAPTER, latest);
    }

    private static StoreHealth unwritable(String message) {
        return new StoreHealth(
                ADAPTER, false, true, true, PostgresMigrations.latest(), FailureKind.INFRA_FAILED, message);
    }

    private static StoreHealth unready(@Nullable String migrationId, String message) {
        return new StoreHealth(ADAPTER, false, true, false, migrationId, FailureKind.INFRA_FAILED, message);
    }
}
