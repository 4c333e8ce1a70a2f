package io.agentrun.memory;

import io.agentrun.model.ChangePage;
import io.agentrun.model.Owner;
import io.agentrun.model.TenantScope;
import io.agentrun.engine.Cursors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** The changes of one kind of record, by version: here a version is visible only when all before it are. */
final class Feed<T> {

    private final String kind;
    private final Function<MemoryState, NavigableMap<Long, T>> byVersion;
    private final Function<T, Owner> owner;
    private final ToLongFunction<T> version;

    Feed(
            String kind,
            Function<MemoryState, NavigableMap<Long, T>> byVersion,
            Function<T, Owner> owner,
            ToLongFunction<T> version) {
        this.kind = kind;
        this.byVersion = byVersion;
        this.owner = owner;
        this.version = version;
    }

    /** The version that the cursor stands for, 0 for none. */
    long after(TenantScope scope, @Nullable String cursor) {
        return cursor == null
                ? 0
                : Cursors.number(
                        Cursors.decode(kind, scope.fingerprint(), 1, cursor).get(0));
    }

    ChangePage<T> page(MemoryState state, TenantScope scope, long after, int limit) {
        List<T> items = new ArrayList<>();
        long seen = after;
        boolean more = false;
        for (Map.Entry<Long, T> change :
                byVersion.apply(state).tailMap(after, false).entrySet()) {
            if (scope.includes(owner.apply(change.getValue()))) {
                if (items.size() == limit) {
                    more = true;
                    break;
                }
                items.add(change.getValue());
            }
            seen = version.applyAsLong(change.getValue());
        }
        return new ChangePage<>(items, Cursors.encode(kind, scope.fingerprint(), List.of(Cursors.key(seen))), more);
    }
}
