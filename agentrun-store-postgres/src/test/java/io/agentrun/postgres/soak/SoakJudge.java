package io.agentrun.postgres.soak;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.error.NotFoundException;
import io.agentrun.event.RunEvent;
import io.agentrun.postgres.soak.Fact.Kind;
import io.agentrun.postgres.testing.Everything;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.run.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Compares what the processes wrote down with what is stored, when all is over.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class SoakJudge {

    private final AgentRunStore store;
    private final EventTail tail;
    private final Map<String, List<Fact>> ofRuns = new HashMap<>();
    private final List<Fact> ofRecords = new ArrayList<>();
    private final Map<Kind, Long> counts = new EnumMap<>(Kind.class);
    private final Set<List<String>> claims = new HashSet<>();
    private final Set<String> purgeable = new HashSet<>();
    private final List<String> faults = new ArrayList<>();
    private long events;

    SoakJudge(AgentRunStore store, EventTail tail) {
        this.store = store;
        this.tail = tail;
    }

    /** Reads what a process wrote down. */
    void read(Path journal) throws IOException {
        SoakJournal.read(journal, fact -> {
            counts.merge(fact.kind(), 1L, Long::sum);
            switch (fact.kind()) {
                case RUN, COMMAND, ACKNOWLEDGED, TURN_ENDED, ENDED, RELEASED, RECOVERED -> ofRun(fact);
                case EVENTS -> {
                    events += fact.number(4);
                    ofRun(fact);
                }
                case CLAIM -> {
                    if (!claims.add(List.of(fact.get(0), fact.get(1)))) {
                        faults.add("two were given epoch " + fact.get(1) + " of " + fact.get(0));
                    }
                    ofRun(fact);
                }
                case TASK, SESSION, CANCELLED -> ofRecords.add(fact);
                case PURGED, LEASE_LOST, REPEATED -> {
                    // Counted.
                }
                case UNEXPECTED -> faults.add("unexpected in " + journal.getFileName() + ": " + fact.fields());
            }
        });
    }

    private void ofRun(Fact fact) {
        ofRuns.computeIfAbsent(fact.get(0), id -> new ArrayList<>()).add(fact);
        if ((fact.kind() == Kind.CLAIM || fact.kind() == Kind.RUN)
                && fact.get(2).equals(SoakLife.PURGED.projectId())) {
            purgeable.add(fact.get(0));
        }
    }

    /** Says what was acknowledged and is not so. */
    List<String> judge() {
        Set<String> runs = new TreeSet<>(ofRuns.keySet());
        Map<String, Run> stored = new HashMap<>();
        for (Run run : new Everything(store).runs()) {
            stored.put(run.id(), run);
            runs.add(run.id());
        }
        for (String runId : runs) {
            List<Fact> facts = ofRuns.getOrDefault(runId, List.of());
            Run run = stored.get(runId);
            if (run != null) {
                judge(run, facts);
            } else if (!purgeable.contains(runId) && facts.stream().anyMatch(fact -> fact.kind() != Kind.RECOVERED)) {
                faults.add(runId + " is lost: " + facts);
            }
        }
        ofRecords.forEach(this::judge);
        return faults;
    }

    private void judge(Fact fact) {
        try {
            boolean kept = switch (fact.kind()) {
                case TASK -> isKept(fact.get(1), store.queue().get(fact.get(0)));
                case CANCELLED -> isCancelled(store.queue().get(fact.get(0)));
                default -> store.sessions().get(fact.get(0)).version() >= fact.number(1);
            };
            require(kept, fact);
        } catch (NotFoundException e) {
            require(false, fact);
        }
    }

    private static boolean isKept(String key, QueueTask task) {
        return task.idempotency() != null && task.idempotency().key().equals(key);
    }

    private static boolean isCancelled(QueueTask task) {
        return task.cancelRequest() != null || task.state() == TaskState.CANCELLED;
    }

    private void judge(Run run, List<Fact> facts) {
        List<RunEvent> all = new Everything(store).events(run.id());
        tail.compare(run.id(), all);
        RunStream stream = RunStream.of(all);
        stream.faults().forEach(fault -> faults.add(run.id() + ": " + fault));
        Map<String, Command> commands = new HashMap<>();
        new Everything(store).commands(run.id()).forEach(command -> commands.put(command.id(), command));
        for (Fact fact : facts) {
            require(
                    switch (fact.kind()) {
                        case RUN ->
                            run.idempotency() != null && run.idempotency().key().equals(fact.get(1));
                        case CLAIM -> stream.hasClaim(fact.number(1));
                        case ACKNOWLEDGED -> isOver(commands.get(fact.get(2)));
                        case COMMAND, TURN_ENDED -> isOver(commands.get(fact.get(1)));
                        case EVENTS -> stream.has(fact.get(2), fact.number(1), fact.number(3), fact.number(4));
                        case ENDED -> run.status().wire().equals(fact.get(2)) && run.epoch() == fact.number(1);
                        case RELEASED -> stream.hasPhase("run-released") || run.isTerminal();
                        case RECOVERED -> stream.hasPhase("run-recovered") || run.isTerminal();
                        default -> throw new IllegalStateException(fact.toString());
                    },
                    fact);
        }
    }

    /** Every run has ended, and with it every command. */
    private static boolean isOver(@org.jspecify.annotations.Nullable Command command) {
        return command != null && command.state().terminal();
    }

    private void require(boolean holds, Fact fact) {
        if (!holds) {
            faults.add("acknowledged and not so: " + fact);
        }
    }

    /** How many of each kind were written down. */
    Map<Kind, Long> counts() {
        return counts;
    }

    /** How many events were acknowledged. */
    long events() {
        return events;
    }
}
