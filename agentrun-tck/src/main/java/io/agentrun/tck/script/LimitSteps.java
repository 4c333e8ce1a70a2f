package io.agentrun.tck.script;

import io.agentrun.limit.Limit;
import io.agentrun.limit.LimitKey;
import io.agentrun.limit.LimitKind;
import io.agentrun.model.Page;
import java.time.Duration;
import java.util.List;

/** Steps that set, remove and read limits of the queue. */
final class LimitSteps {

    private static final List<LimitKey> KEYS = List.of(
            LimitKey.eachTenant(),
            LimitKey.tenant("t-1"),
            LimitKey.queue("queue-1"),
            LimitKey.eachLane(),
            LimitKey.lane("queue-1", "fast"),
            LimitKey.eachProject());

    private final Dice dice;

    LimitSteps(Dice dice) {
        this.dice = dice;
    }

    Step next() {
        LimitKey key = dice.of(KEYS);
        int roll = dice.below(100);
        if (roll < 50) {
            Limit limit = dice.percent(70)
                    ? Limit.running(key, dice.below(4))
                    : Limit.starts(key, 1 + dice.below(3), Duration.ofHours(1));
            return Step.of("set " + limit, side -> side.store().limits().set(limit));
        } else if (roll < 75) {
            LimitKind kind = dice.percent(70) ? LimitKind.RUNNING : LimitKind.STARTS;
            return Step.of(
                    "remove " + kind + " of " + key,
                    side -> side.store().limits().remove(key, kind));
        } else if (roll < 85) {
            return Step.of(
                    "count what runs of queue-1",
                    side -> side.store()
                            .limits()
                            .holders(LimitKey.queue("queue-1"))
                            .size());
        }
        int size = dice.page();
        return Step.of("next page of limits", side -> {
            Page<Limit> page = side.store().limits().list(side.cursor("limits"), size);
            side.keepCursor("limits", page.nextCursor());
            return page;
        });
    }
}
