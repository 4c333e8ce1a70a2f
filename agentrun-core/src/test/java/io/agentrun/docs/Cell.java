package io.agentrun.docs;

import io.agentrun.error.AgentRunException;
import io.agentrun.question.Question;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.Change;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.Emission;
import io.agentrun.rules.RunHead;
import io.agentrun.session.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;

/** What a rule answers, in the few words that fit into a table. */
final class Cell {

    /** An empty change: the caller gets the record as it is stored. */
    static final String STORED = "stored";

    private Cell() {}

    /** The next state of a run, what became of its lease, and the events. */
    static String run(RunHead before, Supplier<Change> rule) {
        return cell(rule, change -> change.run(before.id()), (change, next) -> runWords(before, next));
    }

    private static String runWords(RunHead before, RunHead next) {
        List<String> words = new ArrayList<>();
        boolean longer = next.epoch() == before.epoch() && !next.claim().equals(before.claim());
        if (next.status() != before.status()) {
            words.add("**" + next.status().wire() + "**");
        } else if (longer) {
            words.add("lease extended");
        }
        if (next.epoch() != before.epoch()) {
            words.add("epoch +" + (next.epoch() - before.epoch()));
        }
        int spent =
                next.claim().attempts().current() - before.claim().attempts().current();
        if (spent != 0) {
            words.add("attempt +" + spent);
        }
        int starts =
                next.claim().attempts().starts() - before.claim().attempts().starts();
        if (starts != 0) {
            words.add("start +" + starts);
        }
        if (next.cancelRequest() != null && before.cancelRequest() == null && !next.isTerminal()) {
            words.add("cancel asked for");
        }
        return String.join(", ", words);
    }

    static String command(CommandHead before, Supplier<Change> rule) {
        return cell(rule, change -> change.command(before.id()), (change, next) -> {
            String run = change.run(before.runId())
                    .map(head -> ", run " + head.status().wire())
                    .orElse("");
            return "**" + next.state().wire() + "**" + run;
        });
    }

    static String session(Session before, Supplier<Change> rule) {
        return cell(rule, change -> change.session(before.id()), (change, next) -> {
            boolean moved = next.activity().state() != before.activity().state();
            return moved
                    ? "**" + next.activity().state().wire() + "**"
                    : next.activity().state().wire();
        });
    }

    static String storage(Session before, Supplier<Change> rule) {
        return cell(rule, change -> change.session(before.id()), (change, next) -> {
            boolean moved = next.storage().state() != before.storage().state();
            boolean renewed = next.storage().generation() != before.storage().generation();
            return (moved ? "**" + next.storage().state().wire() + "**" : "changed")
                    + (renewed ? ", generation +1" : "");
        });
    }

    static String task(QueueTask before, Supplier<Change> rule) {
        return cell(rule, change -> change.task(before.id()), (change, next) -> {
            List<String> words = new ArrayList<>();
            words.add(
                    next.state() == before.state()
                            ? next.state().wire()
                            : "**" + next.state().wire() + "**");
            if (next.attempts() != before.attempts()) {
                words.add("attempt " + next.attempts());
            }
            if (next.cancelRequest() != null
                    && before.cancelRequest() == null
                    && !next.state().terminal()) {
                words.add("cancel asked for");
            }
            return String.join(", ", words);
        });
    }

    static String question(Question before, Supplier<Change> rule) {
        return cell(
                rule,
                change -> change.questions().replaced().stream().findFirst(),
                (change, next) -> "**" + next.state().wire() + "**");
    }

    /** Only whether it is allowed. */
    static String allowed(Runnable rule) {
        try {
            rule.run();
            return "allowed";
        } catch (AgentRunException refusal) {
            return refused(refusal);
        }
    }

    private static <T> String cell(
            Supplier<Change> rule, Function<Change, Optional<T>> pick, BiFunction<Change, T, String> words) {
        Change change;
        try {
            change = rule.get();
        } catch (AgentRunException refusal) {
            return refused(refusal);
        }
        if (change.isEmpty()) {
            return STORED;
        }
        String first = pick.apply(change).map(next -> words.apply(change, next)).orElse("unchanged");
        List<String> events =
                change.events().stream().map(Cell::event).distinct().toList();
        return events.isEmpty() ? first : first + "; " + String.join(", ", events);
    }

    private static String event(Emission event) {
        return "`" + event.payload().string("phase").orElse(event.type().wire()) + "`";
    }

    /** The exception, its failure kind where that is not the common one, and whether a retry makes sense. */
    static String refused(AgentRunException refusal) {
        String kind = refusal.failureKind().wire();
        boolean telling = kind.startsWith("session-stor");
        return "✗ " + refusal.getClass().getSimpleName().replace("Exception", "")
                + (telling ? " `" + kind + "`" : "")
                + (refusal.retryable() ? " (retry)" : "");
    }
}
