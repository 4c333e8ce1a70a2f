package io.agentrun.tck.sabotage;

import io.agentrun.command.Command;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.StateConflictException;
import io.agentrun.error.TenantPolicyException;
import io.agentrun.lease.Fence;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Page;
import io.agentrun.model.ReadMark;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.session.ExecutionState;
import io.agentrun.session.Session;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionSummary;
import io.agentrun.session.SessionText;
import io.agentrun.session.SessionUpsert;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;

/** Stores whose sessions show what is not so (D5, D6, D16, D17, D18, D22). */
final class SessionSabotage {

    private SessionSabotage() {}

    private static void show(PassingStore store, UnaryOperator<Session> lie) {
        store.sessions = new LyingSessions(store.sessions, lie);
        store.storage = new LyingStorage(store.storage, lie);
    }

    /** A session counts its own changes: 1, 2, 3. */
    static Defect ownVersions() {
        Map<String, Map<Long, Long>> counted = new ConcurrentHashMap<>();
        UnaryOperator<Session> own = session -> {
            Map<Long, Long> seen = counted.computeIfAbsent(session.id(), id -> new ConcurrentHashMap<>());
            long version = seen.computeIfAbsent(session.version(), unseen -> seen.size() + 1L);
            return session.toBuilder().version(version).build();
        };
        return (store, clock) -> show(store, own);
    }

    /** A version is drawn before the change can be seen: a feed that has passed it never shows the change. */
    static Defect lateCommits() {
        Set<String> uncommitted = ConcurrentHashMap.newKeySet();
        return (store, clock) -> store.sessions = new PassingSessions(store.sessions) {
            @Override
            public Session upsert(SessionUpsert input) {
                boolean mine = input != null && uncommitted.add(input.sessionId());
                try {
                    Session session = real.upsert(input);
                    LockSupport.parkNanos(500_000);
                    return session;
                } finally {
                    if (mine) {
                        uncommitted.remove(input.sessionId());
                    }
                }
            }

            @Override
            public ChangePage<Session> changes(TenantScope scope, String cursor, int limit) {
                ChangePage<Session> page = real.changes(scope, cursor, limit);
                return new ChangePage<>(
                        page.items().stream()
                                .filter(session -> !uncommitted.contains(session.id()))
                                .toList(),
                        page.cursor(),
                        page.more(),
                        page.restarted());
            }
        };
    }

    /** Remembers that a session looked wrong at a version, until it has another. */
    private static UnaryOperator<Session> until(Map<String, Session> wrong) {
        return session -> {
            Session lie = wrong.get(session.id());
            return lie != null && lie.version() == session.version() ? lie : session;
        };
    }

    private static Session terminal(Session session, TurnResult result) {
        return session.toBuilder()
                .activity(session.activity().toBuilder()
                        .state(ExecutionState.TERMINAL)
                        .activeRunId(null)
                        .activeCommandId(null)
                        .outcome(result.outcome())
                        .build())
                .build();
    }

    /** The end of any run makes its session terminal, also while another run of it is at work. */
    static Defect endOfAnOldRun() {
        Map<String, Session> wrong = new ConcurrentHashMap<>();
        return (store, clock) -> {
            show(store, until(wrong));
            store.runs = new PassingRuns(store.runs) {
                @Override
                public Run finish(Fence fence, TurnResult result) {
                    Run run = real.finish(fence, result);
                    if (run.sessionId() != null) {
                        wrong.put(
                                run.sessionId(), terminal(store.real.sessions().get(run.sessionId()), result));
                    }
                    return run;
                }
            };
        };
    }

    /** The end of one turn makes the session terminal, also while others wait. */
    static Defect endOfOneTurn() {
        Map<String, Session> wrong = new ConcurrentHashMap<>();
        return (store, clock) -> {
            show(store, until(wrong));
            store.commands = new PassingCommands(store.commands) {
                @Override
                public Command finish(Fence fence, String id, TurnResult result) {
                    Command command = real.finish(fence, id, result);
                    String session = store.real.runs().get(command.runId()).sessionId();
                    if (session != null) {
                        wrong.put(session, terminal(store.real.sessions().get(session), result));
                    }
                    return command;
                }
            };
        };
    }

    /** A run gives its session its own backend. */
    static void backendOfTheRun(PassingStore store, SkewedClock clock) {
        store.runs = new PassingRuns(store.runs) {
            @Override
            public Run create(NewRun input) {
                Run run = real.create(input);
                if (run.sessionId() != null) {
                    store.real
                            .sessions()
                            .upsert(SessionUpsert.builder(
                                            run.sessionId(),
                                            run.owner(),
                                            run.spec().backendProfile())
                                    .build());
                }
                return run;
            }
        };
    }

    /** A reported thread is stored with everything else as it was when the run was created. */
    static Defect staleWriteBack() {
        Map<String, Session> atCreation = new ConcurrentHashMap<>();
        Map<String, Session> wrong = new ConcurrentHashMap<>();
        return (store, clock) -> {
            show(store, until(wrong));
            store.runs = new PassingRuns(store.runs) {
                @Override
                public Run create(NewRun input) {
                    Run run = real.create(input);
                    if (run.sessionId() != null) {
                        atCreation.putIfAbsent(run.id(), store.real.sessions().get(run.sessionId()));
                    }
                    return run;
                }

                @Override
                public Run finish(Fence fence, TurnResult result) {
                    Run run = real.finish(fence, result);
                    Session old = atCreation.get(run.id());
                    if (old != null && result.threadId() != null) {
                        Session now = store.real.sessions().get(old.id());
                        wrong.put(
                                now.id(),
                                now.toBuilder()
                                        .title(old.title())
                                        .metadata(old.metadata())
                                        .expiresAt(old.expiresAt())
                                        .build());
                    }
                    return run;
                }
            };
        };
    }

    /** What is read beyond the session's version counts as read up to it. */
    static void markReadBeyond(PassingStore store, SkewedClock clock) {
        store.sessions = new PassingSessions(store.sessions) {
            @Override
            public ReadMark markRead(String id, String reader, long version) {
                try {
                    return real.markRead(id, reader, version);
                } catch (InvalidInputException beyond) {
                    return real.markRead(id, reader, real.get(id).version());
                }
            }
        };
    }

    /** A mark moves back. */
    static void markReadBack(PassingStore store, SkewedClock clock) {
        store.sessions = new PassingSessions(store.sessions) {
            @Override
            public ReadMark markRead(String id, String reader, long version) {
                ReadMark mark = real.markRead(id, reader, version);
                return new ReadMark(mark.subjectId(), mark.readerId(), version, mark.readAt());
            }
        };
    }

    /** A write is done whatever version its writer has read. */
    static void anyVersion(PassingStore store, SkewedClock clock) {
        store.sessions = new PassingSessions(store.sessions) {
            @Override
            public Session upsert(SessionUpsert input) {
                return real.upsert(
                        input == null || !real.find(input.sessionId()).isPresent()
                                ? input
                                : input.toBuilder().expectedVersion(null).build());
            }
        };
    }

    /** What a session remembers is forgotten, whatever it is. */
    static void anyText(PassingStore store, SkewedClock clock) {
        store.sessions = new PassingSessions(store.sessions) {
            @Override
            public Session forget(String id, SessionText text, String expected) {
                try {
                    return real.forget(id, text, expected);
                } catch (StateConflictException another) {
                    return real.forget(id, text, String.valueOf(text.of(real.get(id))));
                }
            }
        };
    }

    /** Whoever names a session may change it. */
    static void takeover(PassingStore store, SkewedClock clock) {
        store.sessions = new PassingSessions(store.sessions) {
            @Override
            public Session upsert(SessionUpsert input) {
                try {
                    return real.upsert(input);
                } catch (TenantPolicyException foreign) {
                    return real.upsert(input.toBuilder()
                            .owner(real.get(input.sessionId()).owner())
                            .build());
                }
            }
        };
    }

    static void noTenantInLists(PassingStore store, SkewedClock clock) {
        store.sessions = new PassingSessions(store.sessions) {
            @Override
            public Page<SessionSummary> list(SessionQuery query) {
                return real.list(new SessionQuery(
                        TenantScope.all(),
                        query.filter(),
                        query.backendProfile(),
                        query.readerId(),
                        query.cursor(),
                        query.limit()));
            }
        };
    }
}
