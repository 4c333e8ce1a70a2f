package io.agentrun.postgres;

import io.agentrun.id.IdSource;
import io.agentrun.postgres.internal.db.Database;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Settings;
import io.agentrun.postgres.internal.table.Columns;
import io.agentrun.engine.Intake;
import java.time.Instant;

/**
 * What every role works with: where its steps run, what the host chose, how changes are written.
 *
 * <p>Thread-safe.
 */
record Engine(Database database, Settings settings, ChangeWriter writer) {

    /** The time of a step; it stands behind the locks of the step in their script. */
    private static final String CLOCK = "SELECT {schema}.agentrun_now() AS now";

    Engine(Database database, Settings settings) {
        this(database, settings, new ChangeWriter(settings.ids()));
    }

    Intake intake() {
        return settings.intake();
    }

    IdSource ids() {
        return settings.ids();
    }

    /** Adds the reading of the clock to a script, behind its locks. */
    static Script.Rows<Instant> clock(Script script) {
        return script.query(CLOCK, (row, context) -> Columns.instant(row, "now"));
    }
}
