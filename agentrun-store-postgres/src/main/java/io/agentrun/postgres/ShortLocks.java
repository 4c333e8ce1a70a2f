package io.agentrun.postgres;

import java.sql.SQLException;
import java.sql.Statement;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;

/**
 * Lets no migration wait for a table for longer than a second: whoever comes for the table later waits behind a migration that
 * waits. Nor does it say what it did not have to drop. The settings are those of the migration's transaction. Thread-safe.
 */
final class ShortLocks implements Callback {

    private static final String SETTINGS = "SET LOCAL lock_timeout = '1s'; SET LOCAL client_min_messages = warning";

    @Override
    public boolean supports(Event event, Context context) {
        return event == Event.BEFORE_EACH_MIGRATE;
    }

    @Override
    public boolean canHandleInTransaction(Event event, Context context) {
        return true;
    }

    @Override
    public void handle(Event event, Context context) {
        try (Statement statement = context.getConnection().createStatement()) {
            statement.execute(SETTINGS);
        } catch (SQLException e) {
            throw new FlywayException("the settings of a migration cannot be made", e);
        }
    }

    @Override
    public String getCallbackName() {
        return "agentrun short locks";
    }
}
