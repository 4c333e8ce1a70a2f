package io.agentrun.worker;

import io.agentrun.AgentRunStore;
import io.agentrun.check.Require;
import io.agentrun.error.AgentRunException;
import io.agentrun.error.InvalidInputException;
import io.agentrun.lease.ExpiredLease;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.TenantScope;
import io.agentrun.model.Upkeep;
import io.agentrun.run.PurgeRequest;
import io.agentrun.worker.time.Scheduler;
import io.agentrun.worker.time.ThreadScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Does what must be done every now and then: recovers runs whose runner is gone, ends those that nobody claims in their time, the upkeep of
 * the store, deletes what is old, and the tasks of the host. Each pass begins a tenth earlier or later than its time, so that many hosts do not do the same at the same moment; any number of them may run it.
 * One pass that fails stops neither the others nor the next.
 *
 * <p>Thread-safe.
 */
public final class Maintenance implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger("io.agentrun.worker");

    private final Scheduler scheduler;
    private final MaintenanceListener listener;
    private final Runnable afterClose;
    private final SplittableRandom random = new SplittableRandom();
    private volatile boolean closed;

    private Maintenance(Scheduler scheduler, MaintenanceListener listener, Runnable afterClose) {
        this.scheduler = scheduler;
        this.listener = listener;
        this.afterClose = afterClose;
    }

    /**
     * Returns the options of maintenance of the store, which it does not close.
     *
     * @throws InvalidInputException if the store is null
     */
    public static Builder builder(AgentRunStore store) {
        return new Builder(store);
    }

    private void plan(MaintenanceTask task) {
        if (!closed) {
            scheduler.schedule(jittered(task.every()), () -> pass(task));
        }
    }

    private synchronized Duration jittered(Duration every) {
        long tenth = Math.max(1, every.toNanos() / 10);
        return every.plusNanos(random.nextLong(-tenth, tenth));
    }

    private void pass(MaintenanceTask task) {
        if (closed) {
            return;
        }
        try {
            long changed = task.run();
            tell(to -> to.passed(task.name(), changed));
        } catch (RuntimeException e) {
            tell(to -> to.failed(task.name(), e));
        }
        plan(task);
    }

    private void tell(Consumer<MaintenanceListener> what) {
        try {
            what.accept(listener);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "a listener of maintenance failed", e);
        }
    }

    /** Begins no pass any more; one that is under way ends by itself. A second call does nothing. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            afterClose.run();
        }
    }

    /**
     * Options of {@link Maintenance}.
     *
     * <p>Not thread-safe: one thread at a time.
     */
    public static final class Builder {

        private static final int MOST_RECOVERED = 100;

        private final AgentRunStore store;
        private final List<MaintenanceTask> tasks = new ArrayList<>();
        private final Set<BackendProfile> witnessed = new HashSet<>();
        private Duration recoverEvery = Duration.ofSeconds(15);
        private @Nullable Duration upkeepEvery = Duration.ofSeconds(15);
        private TenantScope scope = TenantScope.all();
        private @Nullable Witness witness;
        private @Nullable Scheduler scheduler;
        private MaintenanceListener listener = MaintenanceListener.NONE;

        private Builder(AgentRunStore store) {
            this.store = Require.given("store", store);
        }

        /** How often expired leases, and runs that nobody has claimed in their time, are looked for; every 15 seconds unless set. */
        public Builder recoverEvery(Duration value) {
            recoverEvery = positive("recoverEvery", value);
            return this;
        }

        /** How often the upkeep of the store is done, which judges deadlines and the times of questions; every 15 seconds unless set. */
        public Builder upkeepEvery(Duration value) {
            upkeepEvery = positive("upkeepEvery", value);
            return this;
        }

        /** Leaves the upkeep of the store to others, as maintenance of a tenant view must, which refuses it. */
        public Builder withoutUpkeep() {
            upkeepEvery = null;
            return this;
        }

        /** Whose runs are recovered or ended; everybody's unless set. */
        public Builder scope(TenantScope value) {
            scope = Require.given("scope", value);
            return this;
        }

        /**
         * What recovers the runs of its backends, in place of this maintenance.
         *
         * @throws InvalidInputException if it is null, has no backends, or another one was given
         */
        public Builder witness(Witness value) {
            Set<BackendProfile> profiles = Require.given("witness", value).profiles();
            if (profiles.isEmpty() || witness != null) {
                throw new InvalidInputException("witness", "must be one, with at least one backend");
            }
            witness = value;
            witnessed.addAll(profiles);
            return this;
        }

        /** Deletes ended runs as the request says, at these intervals; nothing is deleted unless set. */
        public Builder purge(Duration every, PurgeRequest request) {
            PurgeRequest given = Require.given("request", request);
            return task("purge", every, () -> store.runs().purge(given).purged());
        }

        /**
         * Deletes ended tasks of which no run is left as the request says, at these intervals; nothing is deleted unless set. A purge of
         * runs with the same age makes them free.
         */
        public Builder purgeTasks(Duration every, PurgeRequest request) {
            PurgeRequest given = Require.given("request", request);
            return task("purge-tasks", every, () -> store.queue().purge(given).purged());
        }

        /** Deletes sessions that are not in use as the request says, at these intervals; nothing is deleted unless set. */
        public Builder purgeSessions(Duration every, PurgeRequest request) {
            PurgeRequest given = Require.given("request", request);
            return task(
                    "purge-sessions", every, () -> store.sessions().purge(given).purged());
        }

        /** Adds a task of the host, such as the collection of volumes. */
        public Builder task(MaintenanceTask value) {
            positive("every", Require.given("task", value).every());
            tasks.add(value);
            return this;
        }

        private Builder task(String name, Duration every, LongSupplier pass) {
            return task(new MaintenanceTask() {
                @Override
                public String name() {
                    return name;
                }

                @Override
                public Duration every() {
                    return every;
                }

                @Override
                public long run() {
                    return pass.getAsLong();
                }
            });
        }

        private static Duration positive(String field, Duration value) {
            if (Require.given(field, value).isNegative() || value.isZero()) {
                throw new InvalidInputException(field, "must be longer than zero");
            }
            return value;
        }

        /** What tells the time and runs the passes; it stays open. One thread of its own unless set. */
        public Builder scheduler(Scheduler value) {
            scheduler = Require.given("scheduler", value);
            return this;
        }

        /** Who is told of each pass; nobody unless set. */
        public Builder listener(MaintenanceListener value) {
            listener = Require.given("listener", value);
            return this;
        }

        /** Returns maintenance that goes on until it is closed. */
        public Maintenance start() {
            ThreadScheduler own = scheduler == null ? ThreadScheduler.ofThreads(1) : null;
            Scheduler used = scheduler == null ? Require.given("scheduler", own) : scheduler;
            Maintenance maintenance = new Maintenance(used, listener, () -> {
                if (own != null) {
                    own.close();
                }
            });
            task("recover", recoverEvery, () -> recover(maintenance));
            task("unclaimed", recoverEvery, this::endUnclaimed);
            if (upkeepEvery != null) {
                task("upkeep", upkeepEvery, () -> upkeep(store.upkeep()));
            }
            Witness second = witness;
            if (second != null) {
                task("witness", recoverEvery, () -> second.recover(query()).size());
            }
            tasks.forEach(maintenance::plan);
            return maintenance;
        }

        private static long upkeep(Upkeep done) {
            return (long) done.overdue() + done.questionsExpired() + (done.feedsMarked() ? 1 : 0);
        }

        private ExpiredQuery query() {
            return new ExpiredQuery(scope, MOST_RECOVERED);
        }

        /** By time alone, on every backend: a witness ends what it knows of earlier. */
        private long endUnclaimed() {
            return store.leases().endUnclaimed(query()).stream()
                    .filter(ended -> ended.outcome() == RecoveryOutcome.UNCLAIMED)
                    .count();
        }

        /** One run that cannot be recovered does not stop the others. */
        private long recover(Maintenance maintenance) {
            long recovered = 0;
            for (ExpiredLease expired : store.leases().listExpired(query())) {
                if (!witnessed.contains(expired.run().spec().backendProfile())) {
                    try {
                        RecoveryOutcome outcome = store.leases()
                                .recover(expired.run().id(), expired.run().epoch())
                                .outcome();
                        recovered += outcome == RecoveryOutcome.NOT_NEEDED ? 0 : 1;
                    } catch (AgentRunException e) {
                        maintenance.tell(to -> to.failed("recover", e));
                    }
                }
            }
            return recovered;
        }
    }
}
