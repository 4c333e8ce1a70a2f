package io.agentrun.tck.script;

import org.jspecify.annotations.Nullable;

/**
 * One operation of a script. It names records by variables of the script ({@code r2} is the run that was last
 * assigned to it), so that the same step can be taken on any store, and in a script that has lost other steps.
 *
 * @param text what it does, for people
 * @param versions which sequence the versions in its answer are from
 * @param instance which of the two instances of the store it goes to
 */
record Step(String text, Versions versions, Instance instance, Call call) {

    /** The sequences that versions come from. */
    enum Versions {
        NONE,
        SESSIONS,
        TASKS,
        QUESTIONS
    }

    /** The instances on the same data. */
    enum Instance {
        FIRST,
        SECOND
    }

    /** What a step does with one of the two stores. */
    interface Call {
        @Nullable
        Object on(Side side);
    }

    Step {
        text = text.replaceAll("\\w+=null(, )?", "").replace(", ]", "]");
    }

    static Step of(String text, Call call) {
        return new Step(text, Versions.NONE, Instance.FIRST, call);
    }

    static Step ofSessions(String text, Call call) {
        return new Step(text, Versions.SESSIONS, Instance.FIRST, call);
    }

    static Step ofTasks(String text, Call call) {
        return new Step(text, Versions.TASKS, Instance.FIRST, call);
    }

    static Step ofQuestions(String text, Call call) {
        return new Step(text, Versions.QUESTIONS, Instance.FIRST, call);
    }

    /** The same step, taken on the second instance. */
    Step onSecond() {
        return new Step(text, versions, Instance.SECOND, call);
    }

    @Override
    public String toString() {
        return instance == Instance.SECOND ? text + "   (second instance)" : text;
    }
}
