package io.agentrun.doctor;

import io.agentrun.inspect.Finding;
import io.agentrun.inspect.Finding.Subject;
import io.agentrun.rules.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Collects findings. Not thread-safe: one thread at a time. */
final class Findings {

    private final List<Finding> found = new ArrayList<>();

    /** Adds a finding unless the condition holds. */
    void require(boolean holds, Rule rule, Subject subject, String id, String what) {
        if (!holds) {
            found.add(new Finding(rule.number(), subject, id, what));
        }
    }

    void requireSame(@Nullable Object a, @Nullable Object b, Rule rule, Subject subject, String id, String what) {
        require(Objects.equals(a, b), rule, subject, id, what);
    }

    void addAll(Findings others) {
        found.addAll(others.found);
    }

    /** Adds that the record cannot be read. */
    void addUnreadable(Subject subject, String id, String what) {
        require(false, Rule.X_2, subject, id, what);
    }

    boolean isEmpty() {
        return found.isEmpty();
    }

    List<Finding> list() {
        return List.copyOf(found);
    }
}
