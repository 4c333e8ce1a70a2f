package io.agentrun.k8s.kubectl;

import io.agentrun.error.InvalidInputException;
import io.agentrun.k8s.kubectl.KubectlRunner.Answer;
import io.agentrun.k8s.kubectl.KubectlRunner.Size;
import io.agentrun.k8s.kubectl.Requests.Kind;
import io.agentrun.k8s.object.EventView;
import io.agentrun.k8s.object.ObjectPage;
import io.agentrun.k8s.object.SkippedObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads lists page by page. A page that is longer than an answer may be is asked for again with half as many objects; one
 * object that is too long by itself is passed over. The size that fits is remembered for the next page and list.
 *
 * <p>Thread-safe.
 */
final class PagedLists {

    // A server writes a list's metadata before its items, and an item's name first. Names and tokens need no escapes.
    private static final Pattern BEGIN = Pattern.compile(
            "\\s*\\{\\s*(?:\"(?:kind|apiVersion)\":\\s*\"[^\"]*\",\\s*)*\"metadata\":\\s*\\{([^{}]*)\\}");
    private static final Pattern CONTINUE = Pattern.compile("\"continue\":\\s*\"([^\"\\\\]*)\"");
    private static final Pattern FIRST_NAME = Pattern.compile(
            "\\G,\\s*\"items\":\\s*\\[\\s*\\{\\s*\"metadata\":\\s*\\{\\s*\"name\":\\s*\"([^\"\\\\]+)\"");

    private final KubectlRunner runner;
    private final Map<String, Integer> fitting = new ConcurrentHashMap<>();

    PagedLists(KubectlRunner runner) {
        this.runner = runner;
    }

    <T> ObjectPage<T> page(Kind kind, ListQuery query, Function<LenientJson, T> reader) {
        return page(kind, query, limit -> Requests.list(kind, query.withLimit(limit)), reader);
    }

    /** Returns the Events about an object, at most as many as fit into one page. */
    List<EventView> events(String namespace, String uid) {
        ListQuery query = ListQuery.in(namespace);
        return page(Kind.EVENT, query, limit -> Requests.events(namespace, uid, limit), ObjectReader::event)
                .items();
    }

    private <T> ObjectPage<T> page(
            Kind kind, ListQuery query, IntFunction<String> path, Function<LenientJson, T> reader) {
        String operation = "list " + kind.plural + " " + query.namespace();
        String key = kind.plural + " " + query.namespace();
        int limit = Math.min(query.limit(), fitting.getOrDefault(key, query.limit()));
        while (true) {
            Answer answer = runner.get(operation, path.apply(limit));
            if (answer.size() == Size.WHOLE) {
                grow(key, limit, answer.text().length());
                return runner.read(operation, answer.text(), kind.skipped(), json -> page(json, kind, reader));
            }
            if (limit == 1) {
                return withoutTheOnlyOne(operation, answer.text());
            }
            limit = limit / 2;
            fitting.put(key, limit);
        }
    }

    /** Lets pages grow again once they are small. */
    private void grow(String key, int limit, int length) {
        if (length < runner.maxOutputBytes() / 4) {
            fitting.computeIfPresent(key, (same, known) -> known == limit ? doubled(limit) : known);
        }
    }

    private static @Nullable Integer doubled(int limit) {
        return limit * 2 >= ListQuery.MAX_LIMIT ? null : (Integer) (limit * 2);
    }

    private static <T> ObjectPage<T> page(LenientJson list, Kind kind, Function<LenientJson, T> reader) {
        ObjectReader.requireKind(list, kind.kind + "List");
        List<T> items = new ArrayList<>();
        List<SkippedObject> skipped = new ArrayList<>();
        for (LenientJson item : list.objects("items")) {
            try {
                items.add(reader.apply(item));
            } catch (InvalidInputException e) {
                String name = item.child("metadata").string("name").orElse(null);
                skipped.add(new SkippedObject(name, String.valueOf(e.getMessage())));
            }
        }
        return new ObjectPage<>(items, ObjectReader.next(list), skipped);
    }

    /** Returns a page whose only object is too long: where the list goes on stands before the object. */
    private <T> ObjectPage<T> withoutTheOnlyOne(String operation, String beginning) {
        Matcher begin = BEGIN.matcher(beginning);
        if (!begin.lookingAt()) {
            throw runner.tooLong(operation);
        }
        Matcher next = CONTINUE.matcher(begin.group(1));
        String cursor = next.find() && !next.group(1).isEmpty() ? next.group(1) : null;
        Matcher first = FIRST_NAME.matcher(beginning);
        String name = first.find(begin.end()) ? first.group(1) : null;
        SkippedObject skipped =
                new SkippedObject(name, "is longer than " + runner.maxOutputBytes() + " bytes by itself");
        return new ObjectPage<>(List.of(), cursor, List.of(skipped));
    }
}
