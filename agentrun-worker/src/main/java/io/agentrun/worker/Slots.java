package io.agentrun.worker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The runs of a worker: those that have a slot and its thread, and those that wait for one, because they were taken while the last turns
 * of others were being stored. Agents never work in more slots than there are.
 *
 * <p>Confined to the mailbox of the worker.
 *
 * @param <R> a run
 */
final class Slots<R> {

    private final int size;

    /** All whose thread has not ended, also those that are lost. */
    private final Set<R> running = new LinkedHashSet<>();

    /** Of these, the ones whose agent has ended, and whose turn is being stored. */
    private final Set<R> ending = new HashSet<>();

    /** Those that are given back without having had a slot. */
    private final Set<R> leaving = new LinkedHashSet<>();

    private final Deque<R> ready = new ArrayDeque<>();
    private boolean more;

    Slots(int size) {
        this.size = size;
    }

    /** Notes how many tasks a take asked for, and how many it got: as many mean that more may wait. */
    void took(int asked, int got) {
        more = asked == got;
    }

    /** Returns how many slots are free. */
    int free() {
        return size - running.size() - ready.size();
    }

    /**
     * Returns how many slots are free or about to be, so that one take serves them all. Zero unless more tasks may wait, and a slot is free
     * or no agent is at work: tasks that were taken should not wait long.
     */
    int freeSoon() {
        int soon = free() + ending.size();
        return more && (free() > 0 || soon == size) ? soon : 0;
    }

    /** Adds a run that was taken. */
    void add(R run) {
        ready.add(run);
    }

    /** Gives a slot to the run that was taken first; null if none waits, or no slot is free. */
    @Nullable
    R next() {
        if (running.size() >= size) {
            return null;
        }
        R next = ready.poll();
        if (next != null) {
            running.add(next);
        }
        return next;
    }

    /** Takes all that wait for a slot, so that they are given back. */
    List<R> withoutSlot() {
        return withoutSlot(ready.size());
    }

    /** Takes those that no slot will soon be free for, so that they are given back: another run has kept its slot. */
    List<R> tooMany() {
        return withoutSlot(Math.min(ready.size(), -free() - ending.size()));
    }

    private List<R> withoutSlot(int count) {
        List<R> last = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            last.add(ready.removeLast());
        }
        leaving.addAll(last);
        return last;
    }

    /** Notes that the run's agent has ended its turn. */
    void ending(R run) {
        ending.add(run);
    }

    /** Notes that the run keeps its slot for another turn. */
    void goesOn(R run) {
        ending.remove(run);
    }

    /** Notes that the run's thread has ended. */
    void gone(R run) {
        running.remove(run);
        ending.remove(run);
        leaving.remove(run);
    }

    /** Returns those that have a slot. */
    List<R> running() {
        return List.copyOf(running);
    }

    /** Returns whether nothing is held. */
    boolean isEmpty() {
        return running.isEmpty() && ready.isEmpty() && leaving.isEmpty();
    }
}
