package io.agentrun.h2;

import io.agentrun.BackendProfile;
import io.agentrun.TenantScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Conditions, order and limit of a query; values go in as parameters only. Not thread-safe: one thread at a time. */
final class Where {

    private final StringBuilder text = new StringBuilder("TRUE");
    private final List<@Nullable Object> values;

    /** With the values for what stands before the conditions. */
    Where(@Nullable Object... before) {
        values = new ArrayList<>(Arrays.asList(before));
    }

    Where and(String condition, @Nullable Object... more) {
        text.append(" AND ").append(condition);
        values.addAll(Arrays.asList(more));
        return this;
    }

    /** Demands the condition unless its value is null. */
    <V> Where ifGiven(String condition, @Nullable V value, Function<V, Object> column) {
        return value == null ? this : and(condition, column.apply(value));
    }

    Where ifGiven(String condition, @Nullable String value) {
        return ifGiven(condition, value, text -> text);
    }

    Where in(TenantScope scope) {
        return ifGiven("tenant = ?", scope.tenantId()).ifGiven("project = ?", scope.projectId());
    }

    /** Demands one of the backends; any if none is named. */
    Where of(Set<BackendProfile> backends) {
        Object[] wires = backends.stream().map(BackendProfile::wire).toArray(String[]::new);
        return wires.length == 0 ? this : and("backend = ANY(?)", (Object) wires);
    }

    Where first(int limit, String order) {
        text.append(" ORDER BY ").append(order).append(" LIMIT ?");
        values.add(limit);
        return this;
    }

    String text() {
        return text.toString();
    }

    @Nullable
    Object[] values() {
        return values.toArray();
    }
}
