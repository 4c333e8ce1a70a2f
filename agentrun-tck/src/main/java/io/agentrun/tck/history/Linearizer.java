package io.agentrun.tck.history;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a history is linearizable: whether there is an order of its calls in which each gives the answer that it gave,
 * and no call stands before one that had ended when it began.
 *
 * <p>The search of Wing and Gong: of the calls that are left, one that began before any other of them had ended may come next. A
 * set of calls that has led to a state in vain is not tried again (Lowe). States are compared by {@code equals}.
 *
 * <p>Not thread-safe: one thread at a time.
 *
 * @param <S> the state of the model, immutable
 */
public final class Linearizer<S> {

    /** More than any history of the kit needs; a history that needs more is refused rather than passed. */
    private static final int MOST_VISITS = 2_000_000;

    private record Visited(BitSet done, Object state) {}

    private final List<Call<S>> calls;
    private final Set<Visited> inVain = new HashSet<>();
    private final List<Call<S>> order = new ArrayList<>();
    private List<Call<S>> longest = List.of();
    private final int closed;
    private int visits;

    private Linearizer(List<Call<S>> history) {
        calls = history.stream().sorted(Comparator.comparingLong(Call::invoked)).toList();
        closed = (int) calls.stream().filter(call -> !call.isOpen()).count();
    }

    /**
     * Returns an order that explains the history; null if there is none.
     *
     * @throws IllegalArgumentException if the history is too large to be decided
     */
    public static <S> @Nullable List<Call<S>> order(S initial, List<Call<S>> history) {
        Linearizer<S> search = new Linearizer<>(history);
        return search.explains(initial, new BitSet()) ? List.copyOf(search.order) : null;
    }

    /**
     * Fails unless an order explains the history.
     *
     * @throws AssertionError with the history, and the longest order that was found
     * @throws IllegalArgumentException if the history is too large to be decided
     */
    public static <S> void check(S initial, List<Call<S>> history) {
        Linearizer<S> search = new Linearizer<>(history);
        if (!search.explains(initial, new BitSet())) {
            throw new AssertionError(search.report(initial));
        }
    }

    private boolean explains(S state, BitSet done) {
        if (done.cardinality() >= closed && allClosedAreDone(done)) {
            return true;
        }
        if (!inVain.add(new Visited((BitSet) done.clone(), state))) {
            return false;
        }
        if (++visits > MOST_VISITS) {
            throw new IllegalArgumentException("a history of " + calls.size() + " calls is too large to be decided");
        }
        long firstEnd = firstEnd(done);
        for (int i = 0; i < calls.size(); i++) {
            Call<S> call = calls.get(i);
            if (done.get(i) || call.invoked() > firstEnd) {
                continue;
            }
            S next = call.transition().apply(state);
            if (next != null) {
                done.set(i);
                order.add(call);
                if (order.size() > longest.size()) {
                    longest = List.copyOf(order);
                }
                if (explains(next, done)) {
                    return true;
                }
                order.remove(order.size() - 1);
                done.clear(i);
            }
        }
        return false;
    }

    private boolean allClosedAreDone(BitSet done) {
        for (int i = 0; i < calls.size(); i++) {
            if (!done.get(i) && !calls.get(i).isOpen()) {
                return false;
            }
        }
        return true;
    }

    /** Returns when the first of the calls that are left ended: what began later cannot come before it. */
    private long firstEnd(BitSet done) {
        long first = Call.OPEN;
        for (int i = 0; i < calls.size(); i++) {
            if (!done.get(i)) {
                first = Math.min(first, calls.get(i).returned());
            }
        }
        return first;
    }

    private String report(S initial) {
        StringBuilder text = new StringBuilder("No order of these calls explains their answers. It began with ")
                .append(initial)
                .append(System.lineSeparator());
        calls.forEach(call -> text.append(line(call)));
        text.append("The longest order found:").append(System.lineSeparator());
        longest.forEach(call -> text.append(line(call)));
        return text.toString();
    }

    private static String line(Call<?> call) {
        String end = call.isOpen() ? "?" : String.valueOf(call.returned());
        return "  [" + call.invoked() + " to " + end + "] " + call.what() + System.lineSeparator();
    }
}
