package io.agentrun.postgres.soak;

import java.util.List;

/**
 * Something that the store acknowledged to a process, as the process wrote it down.
 *
 * <p>Immutable.
 *
 * @param kind what was acknowledged
 * @param fields to whom and with what, in the order that the kind says
 */
record Fact(Kind kind, List<String> fields) {

    private static final String SEPARATOR = "\t";

    /** What a process writes down. */
    enum Kind {
        /** Task id, its key. */
        TASK,
        /** Run id, its key. */
        RUN,
        /** Session id, version. */
        SESSION,
        /** Run id, epoch. */
        CLAIM,
        /** Run id, epoch, command id. */
        ACKNOWLEDGED,
        /** Run id, command id, its key. */
        COMMAND,
        /** Run id, epoch, text, number of the first event, how many. */
        EVENTS,
        /** Run id, command id. */
        TURN_ENDED,
        /** Run id, epoch, status. */
        ENDED,
        /** Run id, epoch. */
        RELEASED,
        /** Task id. */
        CANCELLED,
        /** Run id, outcome. */
        RECOVERED,
        /** How many runs. */
        PURGED,
        /** Run id. */
        LEASE_LOST,
        /** Why a call had to be repeated. */
        REPEATED,
        /** What no call may come to. */
        UNEXPECTED
    }

    static Fact of(Kind kind, Object... fields) {
        return new Fact(kind, List.of(fields).stream().map(String::valueOf).toList());
    }

    static Fact parse(String line) {
        List<String> parts = List.of(line.split(SEPARATOR, -1));
        return new Fact(Kind.valueOf(parts.get(0)), parts.subList(1, parts.size()));
    }

    String line() {
        return kind + SEPARATOR + String.join(SEPARATOR, fields) + "\n";
    }

    String get(int field) {
        return fields.get(field);
    }

    long number(int field) {
        return Long.parseLong(fields.get(field));
    }
}
