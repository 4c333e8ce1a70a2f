package io.agentrun.doctor;

import io.agentrun.check.Require;
import io.agentrun.rules.Rule;

/**
 * Something that must not be in a store. It names records by their ids and repeats nothing of their content.
 *
 * <p>Immutable.
 *
 * @param rule which rule is broken
 * @param subject the kind of the record that breaks it
 * @param id the id of that record; of a backend its profile, of the whole store {@code "-"}
 * @param what what is wrong, in a sentence
 */
public record Finding(Rule rule, Subject subject, String id, String what) {

    /** The kinds of records that findings are about. */
    public enum Subject {
        RUN,
        COMMAND,
        EVENT,
        SESSION,
        TASK,
        JOB,
        STORE,
        QUESTION
    }

    /**
     * Checks that nothing is missing.
     *
     * @throws io.agentrun.error.InvalidInputException if a component is missing
     */
    public Finding {
        Require.given("rule", rule);
        Require.given("subject", subject);
        Require.given("id", id);
        Require.given("what", what);
    }

    @Override
    public String toString() {
        return rule.number() + " " + subject + " " + id + ": " + what;
    }
}
