package io.agentrun.postgres.soak;

import io.agentrun.postgres.testing.ServerPair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * What is done to the processes and the servers, one fault after the other, in shuffled rounds that have each kind.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class SoakFaults {

    /** What is done. */
    enum Kind {
        /** A process is killed with SIGKILL. */
        KILL,
        /** Backends of the primary are ended, all of them or about half. */
        END_BACKENDS,
        /** The primary and all its processes are killed with SIGKILL, and it starts again. */
        RESTART,
        /** The primary is killed, the synchronous standby promoted, and the killed server becomes its standby. */
        PROMOTE
    }

    private static final List<Kind> ROUND =
            List.of(Kind.KILL, Kind.KILL, Kind.KILL, Kind.END_BACKENDS, Kind.END_BACKENDS, Kind.RESTART, Kind.PROMOTE);
    private static final int SHORTEST_PAUSE_MILLIS = 500;
    private static final int LONGEST_PAUSE_MILLIS = 4_000;

    private final ServerPair servers;
    private final List<SoakChild> children;
    private final Random random;
    private final Map<Kind, Integer> done = new EnumMap<>(Kind.class);

    SoakFaults(ServerPair servers, List<SoakChild> children, Random random) {
        this.servers = servers;
        this.children = children;
        this.random = random;
    }

    /** Goes on until the time is over, and to the end of the first round in any case. */
    void goOn(Duration time) throws Exception {
        long end = System.nanoTime() + time.toNanos();
        boolean first = true;
        while (first || System.nanoTime() < end) {
            List<Kind> round = new ArrayList<>(ROUND);
            Collections.shuffle(round, random);
            for (Kind kind : round) {
                if (first || System.nanoTime() < end) {
                    pause();
                    // What was visible without the standby, before the fault, must not be lost by the next one.
                    servers.awaitStandby();
                    hurt(kind);
                    done.merge(kind, 1, Integer::sum);
                }
            }
            first = false;
        }
    }

    private void pause() {
        long millis = (long) SHORTEST_PAUSE_MILLIS + random.nextInt(LONGEST_PAUSE_MILLIS - SHORTEST_PAUSE_MILLIS);
        long end = System.nanoTime() + Duration.ofMillis(millis).toNanos();
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private void hurt(Kind kind) throws Exception {
        switch (kind) {
            case KILL -> {
                SoakChild child = children.get(random.nextInt(children.size()));
                child.awaitWork();
                child.kill();
            }
            case END_BACKENDS ->
                servers.onPrimary("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                        + " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
                        + (random.nextBoolean() ? "" : " AND pid % 2 = 0"));
            case RESTART -> {
                servers.killPrimary();
                servers.startPrimary();
                servers.awaitSynchronous();
            }
            case PROMOTE -> {
                servers.killPrimary();
                servers.promote();
                servers.rebuildStandby();
                servers.makeSynchronous();
            }
        }
    }

    Map<Kind, Integer> done() {
        return done;
    }
}
