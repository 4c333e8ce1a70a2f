package io.agentrun.tck.sabotage;

import io.agentrun.error.SessionBusyException;
import io.agentrun.error.StateConflictException;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.session.Session;
import io.agentrun.session.SessionFilter;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionSummary;
import io.agentrun.session.StorageClaim;
import io.agentrun.storage.EvictionCause;
import io.agentrun.storage.SessionStorageException;
import io.agentrun.storage.StorageClaimRequest;
import io.agentrun.storage.StorageContents;
import io.agentrun.storage.StorageIntent;
import io.agentrun.storage.StorageReady;
import io.agentrun.storage.StorageRefresh;
import io.agentrun.storage.StorageState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/** Stores whose volumes are lost or come back (D20). */
final class StorageSabotage {

    private static final Duration JUST_BEFORE = Duration.ofNanos(-1000);

    private StorageSabotage() {}

    /** Everything that has expired is collected, whether it is in use or not. */
    static void usedIsCollected(PassingStore store, SkewedClock clock) {
        store.storage = new PassingStorage(store.storage) {
            @Override
            public List<StorageClaim> claimExpired(StorageClaimRequest request) {
                List<StorageClaim> claims = new ArrayList<>(real.claimExpired(request));
                Instant now = clock.instant();
                for (SessionSummary summary : store.real
                        .sessions()
                        .list(SessionQuery.in(request.scope())
                                .withFilter(SessionFilter.ALL)
                                .withLimit(500))
                        .items()) {
                    Session session = summary.session();
                    boolean expired =
                            session.expiresAt() != null && !session.expiresAt().isAfter(now);
                    if (expired
                            && session.storage().state() == StorageState.READY
                            && claims.stream()
                                    .noneMatch(claim -> claim.session().equals(session))) {
                        claims.add(new StorageClaim(session, request.collectorId(), now.plus(request.lease())));
                    }
                }
                return claims;
            }
        };
    }

    static void usedIsEvicted(PassingStore store, SkewedClock clock) {
        store.storage = new PassingStorage(store.storage) {
            @Override
            public Session beginEviction(String id, long generation, EvictionCause cause) {
                try {
                    return real.beginEviction(id, generation, cause);
                } catch (SessionBusyException used) {
                    return in(StorageState.EVICTING, store.real.sessions().get(id));
                }
            }
        };
    }

    /** The uid of the namespace is not kept: any cluster passes for the volume's. */
    static void namespaceUidForgotten(PassingStore store, SkewedClock clock) {
        store.storage = new PassingStorage(store.storage) {
            @Override
            public Session provision(StorageIntent input) {
                return real.provision(new StorageIntent(input.sessionId(), input.namespace(), input.pvcName()));
            }
        };
    }

    private static Session in(StorageState state, Session session) {
        return session.toBuilder()
                .storage(session.storage().toBuilder().state(state).build())
                .build();
    }

    /** What a refresh does not mention is forgotten. */
    static Defect refreshForgets() {
        Map<String, StorageRefresh> last = new ConcurrentHashMap<>();
        UnaryOperator<Session> lie = session -> {
            StorageRefresh refresh = last.get(session.id());
            return refresh == null
                    ? session
                    : session.toBuilder()
                            .storage(session.storage().toBuilder()
                                    .contents(new StorageContents(
                                            refresh.sizeBytes(),
                                            refresh.filesCount(),
                                            refresh.sha256(),
                                            session.storage().contents().rolloutSubdir()))
                                    .build())
                            .build();
        };
        return (store, clock) -> {
            store.sessions = new LyingSessions(store.sessions, lie);
            store.storage = new LyingStorage(store.storage, lie) {
                @Override
                public Session refresh(StorageRefresh input) {
                    Session session = real.refresh(input);
                    last.put(session.id(), input);
                    return lie.apply(session);
                }
            };
        };
    }

    /** A late refresh brings an evicted volume back. */
    static void refreshRevives(PassingStore store, SkewedClock clock) {
        store.storage = new PassingStorage(store.storage) {
            @Override
            public Session refresh(StorageRefresh input) {
                try {
                    return real.refresh(input);
                } catch (SessionStorageException gone) {
                    return in(StorageState.READY, store.real.sessions().get(input.sessionId()));
                }
            }
        };
    }

    /** A run of a session whose volume is gone is accepted. */
    static void runsWithoutTheirVolume(PassingStore store, SkewedClock clock) {
        store.runs = new PassingRuns(store.runs) {
            @Override
            public Run create(NewRun input) {
                try {
                    return real.create(input);
                } catch (SessionStorageException gone) {
                    return real.create(
                            NewRun.builder(input.owner(), input.spec()).build());
                }
            }
        };
    }

    /** The generation that a call is about is not looked at. */
    static void anyGeneration(PassingStore store, SkewedClock clock) {
        store.storage = new PassingStorage(store.storage) {
            @Override
            public Session confirmEvicted(String id, long generation) {
                return real.confirmEvicted(id, real.get(id).generation());
            }

            @Override
            public Session markMissing(String id, long generation) {
                return real.markMissing(id, real.get(id).generation());
            }
        };
    }

    /** A volume under another uid is taken for ours. */
    static void anyUid(PassingStore store, SkewedClock clock) {
        store.storage = new PassingStorage(store.storage) {
            @Override
            public Session ready(StorageReady input) {
                try {
                    return real.ready(input);
                } catch (StateConflictException other) {
                    return store.real.sessions().get(input.sessionId());
                }
            }
        };
    }

    /** Size, files and digest of an evicted volume stay. */
    static Defect evictedKeepsItsContents() {
        Map<String, StorageContents> kept = new ConcurrentHashMap<>();
        UnaryOperator<Session> lie = session -> session.storage().state() != StorageState.EVICTED
                ? session
                : session.toBuilder()
                        .storage(session.storage().toBuilder()
                                .contents(kept.getOrDefault(
                                        session.id(), session.storage().contents()))
                                .build())
                        .build();
        return (store, clock) -> {
            store.sessions = new LyingSessions(store.sessions, lie);
            store.storage = new LyingStorage(store.storage, lie) {
                @Override
                public Session confirmEvicted(String id, long generation) {
                    kept.putIfAbsent(id, real.get(id).contents());
                    return lie.apply(real.confirmEvicted(id, generation));
                }
            };
        };
    }

    /** A lease of a collector, or an expiry, that ends now has not ended yet. */
    static void endIsExclusive(PassingStore store, SkewedClock clock) {
        store.storage = new PassingStorage(store.storage) {
            @Override
            public List<StorageClaim> claimExpired(StorageClaimRequest request) {
                return clock.off(JUST_BEFORE, () -> real.claimExpired(request));
            }
        };
    }

    /** Every collector gets what another has. */
    static Defect collectorsShareNothing() {
        Map<String, String> holders = new ConcurrentHashMap<>();
        return (store, clock) -> store.storage = new PassingStorage(store.storage) {
            @Override
            public List<StorageClaim> claimExpired(StorageClaimRequest request) {
                holders.forEach(real::releaseClaim);
                List<StorageClaim> claims = real.claimExpired(request);
                claims.forEach(claim -> holders.put(claim.session().id(), claim.collectorId()));
                return claims;
            }
        };
    }
}
