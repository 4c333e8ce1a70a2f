package io.agentrun.tck.sabotage;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Acknowledgement;
import io.agentrun.command.Command;
import io.agentrun.command.FinishedTurn;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.TenantPolicyException;
import io.agentrun.event.EventBatch;
import io.agentrun.event.EventPage;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Heartbeat;
import io.agentrun.model.CancelMode;
import io.agentrun.model.ItemAnswer;
import io.agentrun.model.Owner;
import io.agentrun.model.Page;
import io.agentrun.model.ReadMark;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import io.agentrun.model.WaitSet;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueStats;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.Taken;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.runner.NewRunner;
import io.agentrun.runner.Runner;
import io.agentrun.session.Session;
import io.agentrun.session.SessionUpsert;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** Stores whose tenant views are wrong in one way. */
final class ViewSabotage {

    private ViewSabotage() {}

    /** Puts a defect into each view: given the view, passing every call on, and the store as it is outside of views. */
    private static void views(PassingStore store, BiConsumer<PassingStore, TenantScope> defect) {
        AgentRunStore whole = store.real;
        store.within = scope -> view(whole.within(scope), scope, defect);
    }

    private static AgentRunStore view(
            AgentRunStore real, TenantScope scope, BiConsumer<PassingStore, TenantScope> defect) {
        PassingStore view = new PassingStore(real);
        view.within = inner -> view(real.within(inner), inner, defect);
        defect.accept(view, scope);
        return view;
    }

    static void forgetsCancel(PassingStore store, SkewedClock clock) {
        AgentRunStore whole = store.real;
        views(
                store,
                (view, scope) -> view.runs = new PassingRuns(view.runs) {
                    @Override
                    public Run cancel(String id, String text, CancelMode input) {
                        return whole.runs().cancel(id, text, input);
                    }
                });
    }

    static void keysIgnoreTheScope(PassingStore store, SkewedClock clock) {
        AgentRunStore whole = store.real;
        views(
                store,
                (view, scope) -> view.runs = new PassingRuns(view.runs) {
                    @Override
                    public Run getByKey(Owner owner, String key) {
                        return whole.runs().getByKey(owner, key);
                    }
                });
    }

    static void runsOfATaskIgnoreTheScope(PassingStore store, SkewedClock clock) {
        AgentRunStore whole = store.real;
        views(
                store,
                (view, scope) -> view.runs = new PassingRuns(view.runs) {
                    @Override
                    public Page<Run> listByTask(String taskId, String cursor, int limit) {
                        return whole.runs().listByTask(taskId, cursor, limit);
                    }
                });
    }

    static void forgetsToCheckMarks(PassingStore store, SkewedClock clock) {
        AgentRunStore whole = store.real;
        views(
                store,
                (view, scope) -> view.sessions = new PassingSessions(view.sessions) {
                    @Override
                    public ReadMark markRead(String id, String reader, long version) {
                        return whole.sessions().markRead(id, reader, version);
                    }
                });
    }

    /** A single statement that acts on an id: its guard is the fence, and not the owner. */
    static void shortcutIgnoresTheScope(PassingStore store, SkewedClock clock) {
        AgentRunStore whole = store.real;
        views(
                store,
                (view, scope) -> view.events = new PassingEvents(view.events) {
                    @Override
                    public List<RunEvent> append(Fence fence, List<NewEvent> events) {
                        return whole.events().append(fence, events);
                    }
                });
    }

    static void heartbeatIgnoresTheScope(PassingStore store, SkewedClock clock) {
        AgentRunStore whole = store.real;
        views(
                store,
                (view, scope) -> view.leases = new PassingLeases(view.leases) {
                    @Override
                    public Heartbeat heartbeat(Fence fence, Duration lease) {
                        return whole.leases().heartbeat(fence, lease);
                    }
                });
    }

    static void numberedAppendIgnoresTheScope(PassingStore store, SkewedClock clock) {
        AgentRunStore whole = store.real;
        views(
                store,
                (view, scope) -> view.events = new PassingEvents(view.events) {
                    @Override
                    public List<RunEvent> append(Fence fence, EventBatch batch) {
                        return whole.events().append(fence, batch);
                    }
                });
    }

    static void heartbeatsIgnoreTheScope(PassingStore store, SkewedClock clock) {
        AgentRunStore whole = store.real;
        views(
                store,
                (view, scope) -> view.leases = new PassingLeases(view.leases) {
                    @Override
                    public List<ItemAnswer<Heartbeat>> heartbeatAll(List<Fence> fences, Duration lease) {
                        return whole.leases().heartbeatAll(fences, lease);
                    }
                });
    }

    static void acknowledgementsIgnoreTheScope(PassingStore store, SkewedClock clock) {
        AgentRunStore whole = store.real;
        views(
                store,
                (view, scope) -> view.commands = new PassingCommands(view.commands) {
                    @Override
                    public List<ItemAnswer<Command>> acknowledgeAll(List<Acknowledgement> items) {
                        return whole.commands().acknowledgeAll(items);
                    }
                });
    }

    static void finishTurnIgnoresTheScope(PassingStore store, SkewedClock clock) {
        AgentRunStore whole = store.real;
        views(
                store,
                (view, scope) -> view.runs = new PassingRuns(view.runs) {
                    @Override
                    public FinishedTurn finishTurn(Fence fence, String id, TurnResult input) {
                        return whole.runs().finishTurn(fence, id, input);
                    }
                });
    }

    static void takesForOthers(PassingStore store, SkewedClock clock) {
        AgentRunStore whole = store.real;
        views(
                store,
                (view, scope) -> view.queue = new PassingQueue(view.queue) {
                    @Override
                    public List<Taken> take(TakeRequest input) {
                        return whole.queue().take(input);
                    }
                });
    }

    static void waitsForAnyOutside(PassingStore store, SkewedClock clock) {
        AgentRunStore whole = store.real;
        views(
                store,
                (view, scope) -> view.events = new PassingEvents(view.events) {
                    @Override
                    public Map<String, ItemAnswer<EventPage>> awaitAny(WaitSet<Long> waits, Duration timeout) {
                        return whole.events().awaitAny(waits, Duration.ZERO);
                    }
                });
    }

    /** A fence of an own run is enough for a command of another owner's run. */
    static void acknowledgeLooksOutside(PassingStore store, SkewedClock clock) {
        AgentRunStore whole = store.real;
        views(
                store,
                (view, scope) -> view.commands = new PassingCommands(view.commands) {
                    @Override
                    public Command acknowledge(Fence fence, String commandId) {
                        try {
                            return real.acknowledge(fence, commandId);
                        } catch (NotFoundException unseen) {
                            return whole.commands().get(commandId);
                        }
                    }
                });
    }

    static void waitsOutside(PassingStore store, SkewedClock clock) {
        AgentRunStore whole = store.real;
        views(
                store,
                (view, scope) -> view.events = new PassingEvents(view.events) {
                    @Override
                    public EventPage await(String runId, long after, int limit, Duration timeout) {
                        return whole.events().await(runId, after, limit, Duration.ZERO);
                    }
                });
    }

    /** That a record is another owner's is said, so that its id is known to exist. */
    static void saysThatItIsAnothers(PassingStore store, SkewedClock clock) {
        AgentRunStore whole = store.real;
        views(
                store,
                (view, scope) -> view.runs = new PassingRuns(view.runs) {
                    @Override
                    public Run get(String id) {
                        try {
                            return real.get(id);
                        } catch (NotFoundException unseen) {
                            whole.runs().get(id);
                            throw new TenantPolicyException("run", id);
                        }
                    }
                });
    }

    static void otherWords(PassingStore store, SkewedClock clock) {
        AgentRunStore whole = store.real;
        views(
                store,
                (view, scope) -> view.runs = new PassingRuns(view.runs) {
                    @Override
                    public Run get(String id) {
                        try {
                            return real.get(id);
                        } catch (NotFoundException unseen) {
                            whole.runs().get(id);
                            throw new NotFoundException("run of this tenant", id);
                        }
                    }
                });
    }

    /** The page is cut first, and what is another owner's is left out of it. */
    static void filtersAfterTheCut(PassingStore store, SkewedClock clock) {
        AgentRunStore whole = store.real;
        views(
                store,
                (view, scope) -> view.runs = new PassingRuns(view.runs) {
                    @Override
                    public Page<Run> list(RunQuery input) {
                        Page<Run> page = whole.runs().list(input);
                        return new Page<>(
                                page.items().stream()
                                        .filter(run -> scope.includes(run.owner()))
                                        .toList(),
                                page.nextCursor());
                    }
                });
    }

    /** The scope of the query counts, and the one of the view does not. */
    static void scopesAreNotNarrowed(PassingStore store, SkewedClock clock) {
        AgentRunStore whole = store.real;
        views(
                store,
                (view, scope) -> view.queue = new PassingQueue(view.queue) {
                    @Override
                    public QueueStats stats(QueueScope asked) {
                        return whole.queue().stats(asked);
                    }
                });
    }

    /** The scope of the view counts alone: what was asked for is not narrower, and a foreign scope shows the own records. */
    static void askedScopesAreIgnored(PassingStore store, SkewedClock clock) {
        views(
                store,
                (view, scope) -> view.runs = new PassingRuns(view.runs) {
                    @Override
                    public Page<Run> list(RunQuery input) {
                        return real.list(input == null ? null : input.withScope(scope));
                    }
                });
    }

    static void theLastViewCounts(PassingStore store, SkewedClock clock) {
        AgentRunStore whole = store.real;
        store.within = scope -> {
            PassingStore view = new PassingStore(whole.within(scope));
            view.within = whole::within;
            return view;
        };
    }

    static void closesItsStore(PassingStore store, SkewedClock clock) {
        AgentRunStore whole = store.real;
        store.within = scope -> new PassingStore(whole.within(scope)) {
            @Override
            public void close() {
                whole.close();
            }
        };
    }

    static void createsForOthers(PassingStore store, SkewedClock clock) {
        AgentRunStore whole = store.real;
        views(
                store,
                (view, scope) -> view.runs = new PassingRuns(view.runs) {
                    @Override
                    public Run create(NewRun input) {
                        return whole.runs().create(input);
                    }
                });
    }

    /** What is created is checked, and what is only changed is not. */
    static void changesForOthers(PassingStore store, SkewedClock clock) {
        AgentRunStore whole = store.real;
        views(
                store,
                (view, scope) -> view.sessions = new PassingSessions(view.sessions) {
                    @Override
                    public Session upsert(SessionUpsert input) {
                        return whole.sessions().find(input.sessionId()).isPresent()
                                ? whole.sessions().upsert(input)
                                : real.upsert(input);
                    }
                });
    }

    /** A session of another owner is not seen, and so a run is made without it. */
    static void takesSessionIdsAgain(PassingStore store, SkewedClock clock) {
        views(
                store,
                (view, scope) -> view.runs = new PassingRuns(view.runs) {
                    @Override
                    public Run create(NewRun input) {
                        try {
                            return real.create(input);
                        } catch (TenantPolicyException taken) {
                            return real.create(new NewRun(
                                    input.owner(),
                                    input.spec(),
                                    null,
                                    input.maxAttempts(),
                                    input.idempotencyKey(),
                                    input.deadlines()));
                        }
                    }
                });
    }

    static void registersRunners(PassingStore store, SkewedClock clock) {
        AgentRunStore whole = store.real;
        views(
                store,
                (view, scope) -> view.runners = new PassingRunners(view.runners) {
                    @Override
                    public Runner register(NewRunner runner) {
                        return whole.runners().register(runner);
                    }
                });
    }
}
