package io.agentrun.tck.sabotage;

import static io.agentrun.rules.Rule.X_1;
import static io.agentrun.rules.Rule.X_2;

import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.inspect.Bounds;
import io.agentrun.inspect.Diagnosis;
import io.agentrun.inspect.Explanation;
import io.agentrun.inspect.Reason;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.tck.suite.InspectSuite;
import java.util.List;
import java.util.Set;

/** Stores whose explanations are wrong. */
final class InspectSabotages {

    static final List<Sabotage> ALL = List.of(
            Sabotage.of(
                    "an explanation writes an event", Set.of(X_1), InspectSabotages::writesAnEvent, InspectSuite.class),
            Sabotage.of(
                    "every lease that is over is given to another runner",
                    Set.of(X_1),
                    InspectSabotages::alwaysRequeued,
                    InspectSuite.class),
            Sabotage.of("a task is always due", Set.of(X_1), InspectSabotages::alwaysDue, InspectSuite.class),
            Sabotage.of(
                    "an examination looks at nothing", Set.of(X_2), InspectSabotages::looksAway, InspectSuite.class),
            Sabotage.of(
                    "an examination knows no bounds", Set.of(X_2), InspectSabotages::boundless, InspectSuite.class));

    private InspectSabotages() {}

    private static void writesAnEvent(PassingStore store, SkewedClock clock) {
        store.inspect = new PassingInspect(store.inspect) {
            @Override
            public Explanation run(String runId) {
                store.events.appendUnfenced(runId, new NewEvent(EventType.DIFF, JsonObject.empty()));
                return real.run(runId);
            }
        };
    }

    private static void alwaysRequeued(PassingStore store, SkewedClock clock) {
        store.inspect = new PassingInspect(store.inspect) {
            @Override
            public Explanation run(String runId) {
                Explanation seen = real.run(runId);
                return seen.reason() instanceof Reason.LeaseOver over
                        ? with(seen, new Reason.LeaseOver(over.runnerId(), over.expiredAt(), RecoveryOutcome.REQUEUED))
                        : seen;
            }
        };
    }

    private static void alwaysDue(PassingStore store, SkewedClock clock) {
        store.inspect = new PassingInspect(store.inspect) {
            @Override
            public Explanation task(String taskId) {
                Explanation seen = real.task(taskId);
                return seen.reason() instanceof Reason.BehindTurn
                        ? with(
                                seen,
                                new Reason.Due(
                                        "queue", store.queue.get(taskId).spec().backendProfile()))
                        : seen;
            }
        };
    }

    private static void looksAway(PassingStore store, SkewedClock clock) {
        store.inspect = new PassingInspect(store.inspect) {
            @Override
            public Diagnosis doctor(Bounds bounds) {
                return new Diagnosis(List.of(), List.of(), 0, 0, 0, true);
            }
        };
    }

    private static void boundless(PassingStore store, SkewedClock clock) {
        store.inspect = new PassingInspect(store.inspect) {
            @Override
            public Diagnosis doctor(Bounds bounds) {
                return real.doctor(Bounds.DEFAULTS);
            }
        };
    }

    private static Explanation with(Explanation seen, Reason reason) {
        return new Explanation(seen.kind(), seen.id(), seen.state(), seen.since(), reason);
    }
}
