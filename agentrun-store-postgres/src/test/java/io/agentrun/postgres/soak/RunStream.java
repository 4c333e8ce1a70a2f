package io.agentrun.postgres.soak;

import io.agentrun.event.EventType;
import io.agentrun.event.RunEvent;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The events of one run, and what they must look like: numbers without a gap, what was written under a fence only while it held,
 * the end last.
 *
 * <p>Immutable.
 */
final class RunStream {

    private final Map<String, List<Long>> byText;
    private final Map<String, Long> epochOfText;
    private final Set<Long> claims;
    private final Set<String> phases;
    private final List<String> faults;

    private RunStream(
            Map<String, List<Long>> byText,
            Map<String, Long> epochOfText,
            Set<Long> claims,
            Set<String> phases,
            List<String> faults) {
        this.byText = byText;
        this.epochOfText = epochOfText;
        this.claims = claims;
        this.phases = phases;
        this.faults = faults;
    }

    static RunStream of(List<RunEvent> events) {
        Map<String, List<Long>> byText = new HashMap<>();
        Map<String, Long> epochOfText = new HashMap<>();
        Set<Long> claims = new HashSet<>();
        Set<String> phases = new HashSet<>();
        List<String> faults = new ArrayList<>();
        long number = 0;
        long holder = 0;
        for (RunEvent event : events) {
            number++;
            if (event.seq() != number) {
                faults.add("event " + event.seq() + " where " + number + " belongs");
            }
            String phase = event.payload().string("phase").orElse("");
            phases.add(phase);
            if (event.type() == EventType.ASSISTANT_MESSAGE) {
                String text = event.payload().string("text").orElse("");
                long epoch = event.payload()
                        .number("epoch")
                        .map(BigDecimal::longValue)
                        .orElse(-1L);
                byText.computeIfAbsent(text, t -> new ArrayList<>()).add(event.seq());
                epochOfText.put(text, epoch);
                if (epoch != 0 && epoch != holder) {
                    faults.add("event " + event.seq() + " was written under epoch " + epoch + " while " + holder
                            + " held");
                }
            } else if (event.type() == EventType.TERMINAL_STATUS && number != events.size()) {
                faults.add("its end is event " + number + " of " + events.size());
            }
            holder = switch (phase) {
                case "run-claimed" ->
                    event.payload().number("epoch").map(BigDecimal::longValue).orElse(-1L);
                case "run-released", "run-recovered" -> 0;
                default -> holder;
            };
            if (phase.equals("run-claimed") && !claims.add(holder)) {
                faults.add("epoch " + holder + " begins twice");
            }
        }
        if (events.isEmpty() || events.get(events.size() - 1).type() != EventType.TERMINAL_STATUS) {
            faults.add("it has no end");
        }
        return new RunStream(byText, epochOfText, claims, phases, faults);
    }

    /** What is not as it must be. */
    List<String> faults() {
        return faults;
    }

    boolean hasClaim(long epoch) {
        return claims.contains(epoch);
    }

    boolean hasPhase(String phase) {
        return phases.contains(phase);
    }

    /** Whether a batch is there once, with these numbers, under this epoch. */
    boolean has(String text, long epoch, long first, long count) {
        List<Long> numbers = byText.getOrDefault(text, List.of());
        return numbers.size() == count
                && numbers.get(0) == first
                && numbers.get(numbers.size() - 1) == first + count - 1
                && epochOfText.getOrDefault(text, -1L) == epoch;
    }
}
