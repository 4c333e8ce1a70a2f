package io.agentrun.k8s.kubectl;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.k8s.object.KubernetesSyntax;
import io.agentrun.k8s.object.ObjectPage;
import io.agentrun.k8s.object.SkippedObject;
import io.agentrun.storage.KubernetesNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which objects of a namespace are listed, one page at a time. Make one with {@link #in}.
 *
 * <p>Immutable.
 *
 * @param namespace where
 * @param labels only objects with every one of these labels; empty for all
 * @param limit at most so many, 1 to 500; 100 unless given
 * @param cursor where the last page ended, null for the first one
 */
public record ListQuery(
        String namespace,
        Map<String, String> labels,
        int limit,
        @Nullable String cursor) {

    /** The size of a page unless another is given. */
    public static final int DEFAULT_LIMIT = 100;

    static final int MAX_LIMIT = 500;

    private static final int MAX_CURSOR = 4_000;

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException naming the component that is missing or not of its shape
     */
    public ListQuery {
        namespace = KubernetesNames.label("namespace", namespace);
        labels = KubernetesSyntax.labels("labels", labels);
        limit = Require.between("limit", limit, 1, MAX_LIMIT);
        if (cursor != null && (cursor.isEmpty() || cursor.length() > MAX_CURSOR)) {
            throw new InvalidInputException("cursor", "must be one that a list gave");
        }
    }

    /** Returns the query for the first 100 objects of the namespace. */
    public static ListQuery in(String namespace) {
        return new ListQuery(namespace, Map.of(), DEFAULT_LIMIT, null);
    }

    /** Returns the same query for objects with every one of these labels. */
    public ListQuery withLabels(Map<String, String> value) {
        return new ListQuery(namespace, value, limit, cursor);
    }

    /** Returns the same query with another size of a page. */
    public ListQuery withLimit(int value) {
        return new ListQuery(namespace, labels, value, cursor);
    }

    /** Returns the same query for the page at the cursor. */
    public ListQuery withCursor(@Nullable String value) {
        return new ListQuery(namespace, labels, limit, value);
    }

    /**
     * Returns the objects of all pages from here on, asking {@code list} for one after the other.
     *
     * @return one page with everything that was read, and everything that could not be
     * @throws KubectlException when a page is refused, or the cursor has become too old on the way
     */
    public <T> ObjectPage<T> all(Function<ListQuery, ObjectPage<T>> list) {
        ObjectPage<T> page = list.apply(this);
        List<T> items = new ArrayList<>(page.items());
        List<SkippedObject> skipped = new ArrayList<>(page.skipped());
        while (page.nextCursor() != null) {
            page = list.apply(withCursor(page.nextCursor()));
            items.addAll(page.items());
            skipped.addAll(page.skipped());
        }
        return new ObjectPage<>(items, null, skipped);
    }
}
