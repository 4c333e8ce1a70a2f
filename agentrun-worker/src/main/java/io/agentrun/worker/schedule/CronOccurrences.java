package io.agentrun.worker.schedule;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import io.agentrun.error.InvalidInputException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.Optional;

/**
 * Reads cron expressions of five fields (minute, hour, day of month, month, day of week), as Unix has them. What they say is the time on
 * the wall: where the clocks go forward, what would have been in the gap is at the first moment after it; where they go back, what is in the
 * hour that comes twice is once, the first time.
 *
 * <p>Needs {@code com.cronutils:cron-utils}, which is optional. Thread-safe.
 */
public final class CronOccurrences implements Occurrences {

    private final CronParser parser = new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));

    @Override
    public Optional<Instant> next(String rule, ZoneId zone, Instant after) {
        ExecutionTime times = read(rule);
        ZoneRules rules = zone.getRules();
        LocalDateTime local = LocalDateTime.ofInstant(after, zone);
        if (isSecondPass(rules, local, after)) {
            // What comes twice was there the first time: the search goes on behind it.
            local = rules.getTransition(local).getDateTimeBefore().minusNanos(1);
        }
        while (true) {
            // In UTC there are neither gaps nor overlaps: the wall's time is what counts.
            Optional<ZonedDateTime> next = times.nextExecution(local.atZone(ZoneOffset.UTC));
            if (next.isEmpty()) {
                return Optional.empty();
            }
            local = next.get().toLocalDateTime();
            Instant at = instant(rules, local);
            if (at.isAfter(after)) {
                return Optional.of(at);
            }
        }
    }

    private static boolean isSecondPass(ZoneRules rules, LocalDateTime local, Instant at) {
        ZoneOffsetTransition transition = rules.getTransition(local);
        return transition != null && transition.isOverlap() && !at.isBefore(transition.getInstant());
    }

    private static Instant instant(ZoneRules rules, LocalDateTime local) {
        ZoneOffsetTransition transition = rules.getTransition(local);
        if (transition == null) {
            return local.toInstant(rules.getOffset(local));
        }
        return transition.isGap() ? transition.getInstant() : local.toInstant(transition.getOffsetBefore());
    }

    private ExecutionTime read(String rule) {
        try {
            return ExecutionTime.forCron(parser.parse(rule));
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException("rule", "must be a cron expression of five fields");
        }
    }
}
