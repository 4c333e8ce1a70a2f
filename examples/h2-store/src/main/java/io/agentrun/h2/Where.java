package io.agentrun.h2;

import io.agentrun.BackendProfile;
import io.agentrun.Owner;
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
    private final List<@Nullable Object> values = new ArrayList<>();

    Where and(String condition, @Nullable Object... more) {
        text.append(" AND ").append(condition);
        values.addAll(Arrays.asList(more));
        return this;
    }

    /** Demands the value of the column, unless it is null. */
    Where is(String column, @Nullable String value) {
        return value == null ? this : and(column + " = ?", value);
    }

    <V> Where is(String column, @Nullable V value, Function<V, String> wire) {
        return value == null ? this : is(column, wire.apply(value));
    }

    Where in(TenantScope scope) {
        return is("tenant", scope.tenantId()).is("project", scope.projectId());
    }

    Where of(Owner owner) {
        return is("tenant", owner.tenantId()).is("project", owner.projectId());
    }

    /** Demands one of the backends; any if none is named. */
    Where on(Set<BackendProfile> backends) {
        Object[] wires = backends.stream().map(BackendProfile::wire).toArray(String[]::new);
        return wires.length == 0 ? this : and("backend = ANY(?)", (Object) wires);
    }

    Where by(String order) {
        text.append(" ORDER BY ").append(order);
        return this;
    }

    Where first(int limit, String order) {
        by(order).text.append(" LIMIT ?");
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
