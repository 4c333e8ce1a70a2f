package io.agentrun.tck.script;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Compares the answers of two stores, whose ids, versions and cursors differ.
 *
 * <p>Everything is compared as it is, except: an id that a store made must stand everywhere for the same id of the other
 * store; versions must be in the same order, sequence by sequence; times must be the same time of the script as far as
 * {@link Timeline} can tell; of cursors and content hashes only whether there is one counts. Messages of exceptions are for
 * people and not looked at. Not thread-safe: one thread at a time.
 */
final class Likeness {

    private static final Set<String> IDS = Set.of(
            "id",
            "runId",
            "commandId",
            "taskId",
            "runnerId",
            "sessionId",
            "subjectId",
            "lastRunId",
            "lastCommandId",
            "activeRunId",
            "activeCommandId",
            "targetCommandId",
            "turnId",
            "questionId",
            "questionIds",
            "waitsFor",
            "expectedCommandId");
    private static final Set<String> OPAQUE = Set.of("cursor", "nextCursor", "contentHash");
    private static final Set<String> VERSIONS = Set.of("version", "readVersion");
    private static final Set<String> MORE_TIMES = Set.of("at", "until", "notBefore", "beginBy", "endBy");

    private final Timeline expectedTime;
    private final Timeline actualTime;
    private final Map<String, String> actualIds = new HashMap<>();
    private final Map<String, String> expectedIds = new HashMap<>();
    private final Map<Step.Versions, NavigableMap<Long, Long>> versions = new HashMap<>();

    Likeness(Timeline expected, Timeline actual, List<String> namesOfTheHost) {
        expectedTime = expected;
        actualTime = actual;
        namesOfTheHost.forEach(name -> pair(name, name));
    }

    /** Where in the answers the first difference is, or {@code null} if there is none. */
    @Nullable
    String difference(Answer expected, Answer actual, Step.Versions sequence) {
        if (expected.tree().has(Answer.CRASHED) || actual.tree().has(Answer.CRASHED)) {
            return Answer.CRASHED;
        }
        return difference("", "", expected.tree(), actual.tree(), sequence);
    }

    private @Nullable String difference(
            String path, String name, JsonNode expected, JsonNode actual, Step.Versions sequence) {
        if (expected.getNodeType() != actual.getNodeType()) {
            return path;
        }
        if (expected.isObject()) {
            return differenceOfObjects(path, expected, actual, sequence);
        }
        if (expected.isArray()) {
            return differenceOfArrays(path, name, expected, actual, sequence);
        }
        return sameLeaf(name, expected, actual, sequence) ? null : path;
    }

    private @Nullable String differenceOfObjects(
            String path, JsonNode expected, JsonNode actual, Step.Versions sequence) {
        for (Map.Entry<String, JsonNode> field : expected.properties()) {
            String below = path + "/" + field.getKey();
            JsonNode other = actual.get(field.getKey());
            String difference =
                    other == null ? below : difference(below, field.getKey(), field.getValue(), other, sequence);
            if (difference != null) {
                return difference;
            }
        }
        for (Iterator<String> names = actual.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!expected.has(name)) {
                return path + "/" + name;
            }
        }
        return null;
    }

    private @Nullable String differenceOfArrays(
            String path, String name, JsonNode expected, JsonNode actual, Step.Versions sequence) {
        int common = Math.min(expected.size(), actual.size());
        for (int i = 0; i < common; i++) {
            String difference = difference(path + "/" + i, name, expected.get(i), actual.get(i), sequence);
            if (difference != null) {
                return difference;
            }
        }
        return expected.size() == actual.size() ? null : path + "/" + common;
    }

    private boolean sameLeaf(String name, JsonNode expected, JsonNode actual, Step.Versions sequence) {
        if (expected.isNumber()) {
            return VERSIONS.contains(name)
                    ? sameVersion(sequence, expected.longValue(), actual.longValue())
                    : expected.decimalValue().compareTo(actual.decimalValue()) == 0;
        }
        if (!expected.isTextual() || OPAQUE.contains(name)) {
            return expected.isTextual() || expected.equals(actual);
        }
        if (IDS.contains(name)) {
            return pair(expected.textValue(), actual.textValue());
        }
        if (name.endsWith("At") || MORE_TIMES.contains(name)) {
            return Timeline.same(
                    expectedTime, Instant.parse(expected.textValue()), actualTime, Instant.parse(actual.textValue()));
        }
        return expected.equals(actual);
    }

    private boolean pair(String expected, String actual) {
        String knownActual = actualIds.putIfAbsent(expected, actual);
        String knownExpected = expectedIds.putIfAbsent(actual, expected);
        return (knownActual == null || knownActual.equals(actual))
                && (knownExpected == null || knownExpected.equals(expected));
    }

    private boolean sameVersion(Step.Versions sequence, long expected, long actual) {
        if (expected == 0 || actual == 0 || sequence == Step.Versions.NONE) {
            return expected == actual;
        }
        NavigableMap<Long, Long> known = versions.computeIfAbsent(sequence, unseen -> new TreeMap<>());
        Long same = known.get(expected);
        if (same != null) {
            return same == actual;
        }
        Map.Entry<Long, Long> before = known.lowerEntry(expected);
        Map.Entry<Long, Long> after = known.higherEntry(expected);
        known.put(expected, actual);
        return (before == null || before.getValue() < actual) && (after == null || actual < after.getValue());
    }
}
