package io.agentrun.tck.script;

import java.util.ArrayList;
import java.util.List;

/**
 * A list of operations over a small world: two tenants, four sessions, a few runs and tasks, two runners.
 *
 * <p>Immutable.
 */
public final class Script {

    private final long seed;
    private final List<Step> steps;

    private Script(long seed, List<Step> steps) {
        this.seed = seed;
        this.steps = List.copyOf(steps);
    }

    /** The script of a seed; the same seed and length always give the same script. */
    public static Script random(long seed, int length) {
        return new Script(seed, new ScriptWriter(new Dice(seed)).write(length));
    }

    /** What the script was made from. */
    public long seed() {
        return seed;
    }

    /** The number of operations. */
    public int length() {
        return steps.size();
    }

    List<Step> steps() {
        return steps;
    }

    Script prefix(int length) {
        return new Script(seed, steps.subList(0, length));
    }

    Script without(int from, int count) {
        List<Step> rest = new ArrayList<>(steps);
        rest.subList(from, Math.min(from + count, rest.size())).clear();
        return new Script(seed, rest);
    }

    /** The operations, one in a line, for people. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < steps.size(); i++) {
            text.append(String.format("%4d  %s%n", i + 1, steps.get(i)));
        }
        return text.toString();
    }
}
