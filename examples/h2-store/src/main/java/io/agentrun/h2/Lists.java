package io.agentrun.h2;

import io.agentrun.ChangePage;
import io.agentrun.Page;
import io.agentrun.Require;
import io.agentrun.TenantScope;
import io.agentrun.rules.Cursors;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Pages of lists and feeds. */
final class Lists {

    private Lists() {}

    /** The page of what was read with one row too many, which only tells that there is a next page. */
    static <T> Page<T> page(List<T> read, int limit, String kind, String fingerprint, Function<T, List<String>> keys) {
        if (read.size() <= limit) {
            return new Page<>(read, null);
        }
        List<T> shown = read.subList(0, limit);
        return new Page<>(shown, Cursors.encode(kind, fingerprint, keys.apply(shown.get(limit - 1))));
    }

    /** What changed, by version. Versions are taken under the writers' lock: who sees one sees every lower one too. */
    static <T> ChangePage<T> changes(
            Database db,
            Table<T> table,
            ToLongFunction<T> version,
            TenantScope givenScope,
            @Nullable String cursor,
            int limit) {
        TenantScope scope = Require.given("scope", givenScope);
        String kind = table.name() + "-changes";
        long after = cursor == null
                ? 0
                : Cursors.number(
                        Cursors.decode(kind, scope.fingerprint(), 1, cursor).get(0));
        Where newer = new Where().and("version > ?", after).in(scope).first(limit + 1, "version");
        List<T> read = db.read(tx -> table.list(tx, newer));
        List<T> shown = read.subList(0, Math.min(limit, read.size()));
        long last = shown.isEmpty() ? after : version.applyAsLong(shown.get(shown.size() - 1));
        String next = Cursors.encode(kind, scope.fingerprint(), List.of(Cursors.key(last)));
        return new ChangePage<>(shown, next, read.size() > limit);
    }
}
