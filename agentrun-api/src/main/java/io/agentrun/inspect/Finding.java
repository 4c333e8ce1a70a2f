package io.agentrun.inspect;

import com.fasterxml.jackson.annotation.JsonValue;
import io.agentrun.check.Require;
import io.agentrun.check.Texts;

/**
 * Something that must not be in a store. It names records by their ids and repeats nothing of their content.
 *
 * <p>Immutable.
 *
 * @param rule the number of the rule that is broken, such as {@code L-2}
 * @param subject the kind of the record that breaks it
 * @param id the id of that record; of a backend its profile, of the whole store {@code "-"}
 * @param what what is wrong, in a sentence
 */
public record Finding(String rule, Subject subject, String id, String what) {

    /** The kinds of records that findings are about. */
    public enum Subject {
        /** A run. */
        RUN("run"),
        /** A command. */
        COMMAND("command"),
        /** An event. */
        EVENT("event"),
        /** A session. */
        SESSION("session"),
        /** A queue task. */
        TASK("task"),
        /** A question. */
        QUESTION("question"),
        /** A runner job. */
        JOB("job"),
        /** The store as a whole. */
        STORE("store");

        private final String wire;

        Subject(String wire) {
            this.wire = wire;
        }

        /** Returns the string in JSON. */
        @JsonValue
        public String wire() {
            return wire;
        }

        /**
         * Returns the constant with the given wire string.
         *
         * @param field the name of the field that the text came from, for the exception
         * @throws io.agentrun.error.InvalidInputException if the text is null or no constant has it
         */
        public static Subject fromWire(String field, String wire) {
            return Texts.wire(field, wire, values(), Subject::wire);
        }
    }

    /**
     * Checks that nothing is missing.
     *
     * @throws io.agentrun.error.InvalidInputException if a component is null
     */
    public Finding {
        Require.given("rule", rule);
        Require.given("subject", subject);
        Require.given("id", id);
        Require.given("what", what);
    }

    @Override
    public String toString() {
        return rule + " " + subject + " " + id + ": " + what;
    }
}
