package io.agentrun.h2;

import io.agentrun.AgentRunStore;
import io.agentrun.FailureKind;
import io.agentrun.StoreHealth;
import io.agentrun.error.StoreClosedException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.event.EventStore;
import io.agentrun.rules.Intake;

/** The rooms of one database. Thread-safe. */
record Rooms(
        Database database,
        H2Runs runs,
        H2Runs leases,
        EventStore events,
        H2Commands commands,
        H2Commands runners,
        H2Sessions sessions,
        H2Storage storage,
        H2Queue queue)
        implements AgentRunStore {

    private static final String ADAPTER = "h2";

    static Rooms of(Database db, Intake in) {
        H2Runs runs = new H2Runs(db, in);
        H2Commands commands = new H2Commands(db, in);
        H2Sessions sessions = new H2Sessions(db, in);
        return new Rooms(
                db, runs, runs, runs, commands, commands, sessions, new H2Storage(db, in), new H2Queue(db, in));
    }

    @Override
    public StoreHealth health() {
        try {
            long version = database.read(Database::version);
            String id = Long.toString(version);
            return version == Database.VERSION
                    ? StoreHealth.ready(ADAPTER, id)
                    : new StoreHealth(
                            ADAPTER, false, true, false, id, FailureKind.INFRA_FAILED, "the schema was changed");
        } catch (StoreClosedException | StoreUnavailableException e) {
            return StoreHealth.unreachable(ADAPTER, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void close() {
        database.close();
    }
}
