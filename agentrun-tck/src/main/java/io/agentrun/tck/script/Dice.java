package io.agentrun.tck.script;

import io.agentrun.error.FailureKind;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/**
 * Every choice that a script is made of. Most choices of a run fall on one for a while, so that runs get somewhere.
 *
 * <p>Durations are whole hours: see {@link Timeline} for why.
 */
final class Dice {

    static final Owner ONE = new Owner("t-1", "p-1");
    static final Owner TWO = new Owner("t-2", "p-1");
    static final List<String> RUNS = List.of("r1", "r2", "r3", "r4");
    static final List<String> TASKS = List.of("q1", "q2", "q3", "q4");
    static final List<String> SESSIONS = List.of("s-1", "s-2", "s-3", "s-4");

    private final Random random;
    private String run = RUNS.get(0);

    Dice(long seed) {
        random = new Random(seed);
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    boolean percent(int chance) {
        return random.nextInt(100) < chance;
    }

    <T> T of(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    /** The run of the hour, or any. */
    String run() {
        if (percent(12)) {
            run = of(RUNS);
        }
        return percent(80) ? run : of(RUNS);
    }

    /** A command of the run of that variable, or now and then of another. */
    String command(String run) {
        return (percent(92) ? run : of(RUNS)) + (percent(65) ? ".a" : ".b");
    }

    String task() {
        return of(TASKS);
    }

    String session() {
        return of(SESSIONS);
    }

    /** A session of the owner, or now and then another's. */
    String session(Owner owner) {
        if (percent(15)) {
            return session();
        }
        return owner.equals(TWO) ? "s-2" : percent(65) ? "s-1" : "s-3";
    }

    Owner owner() {
        return percent(75) ? ONE : TWO;
    }

    TenantScope scope() {
        return switch (below(5)) {
            case 0 -> TenantScope.tenant("t-1");
            case 1 -> TenantScope.project("t-2", "p-1");
            default -> TenantScope.all();
        };
    }

    BackendProfile profile() {
        return percent(80) ? BackendProfile.CODEX : BackendProfile.DEEPSEEK;
    }

    String runner() {
        return percent(70) ? "w-1" : "w-2";
    }

    Duration hours(int most) {
        return Duration.ofHours(1L + below(most));
    }

    String key() {
        return "k-" + (1 + below(2));
    }

    /** A small page, so that lists have several. */
    int page() {
        return 1 + below(3);
    }

    Outcome outcome() {
        return switch (below(6)) {
            case 0, 1, 2 -> Outcome.completed();
            case 3 -> Outcome.failed(FailureKind.BACKEND_FAILED, "it broke");
            case 4 -> Outcome.blocked(FailureKind.INFRA_FAILED, "no way on");
            default -> Outcome.cancelled("given up");
        };
    }

    TurnResult result() {
        TurnResult result = TurnResult.of(outcome());
        return percent(25) ? result.withThread("th-" + below(3), "tu-" + below(3)) : result;
    }
}
