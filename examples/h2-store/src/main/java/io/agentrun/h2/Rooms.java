package io.agentrun.h2;

import io.agentrun.AgentRunStore;
import io.agentrun.FailureKind;
import io.agentrun.StoreHealth;
import io.agentrun.command.CommandStore;
import io.agentrun.error.StoreClosedException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.event.EventStore;
import io.agentrun.lease.LeaseStore;
import io.agentrun.queue.QueueStore;
import io.agentrun.rules.Intake;
import io.agentrun.run.RunStore;
import io.agentrun.runner.RunnerStore;
import io.agentrun.session.SessionStore;
import io.agentrun.storage.StorageStore;

/** The rooms of one database. Thread-safe. */
record Rooms(
        Database database,
        RunStore runs,
        LeaseStore leases,
        CommandStore commands,
        EventStore events,
        RunnerStore runners,
        SessionStore sessions,
        StorageStore storage,
        QueueStore queue)
        implements AgentRunStore {

    private static final String ADAPTER = "h2";

    static Rooms of(Database db, Intake in) {
        return new Rooms(
                db,
                new H2Runs(db, in),
                new H2Leases(db, in),
                new H2Commands(db, in),
                new H2Events(db, in),
                new H2Runners(db, in),
                new H2Sessions(db, in),
                new H2Storage(db, in),
                new H2Queue(db, in));
    }

    @Override
    public StoreHealth health() {
        try {
            long version = database.read(Schema::version);
            String id = Long.toString(version);
            return version == Schema.VERSION
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
