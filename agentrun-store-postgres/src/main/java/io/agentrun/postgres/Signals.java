package io.agentrun.postgres;

/** What waiting calls wait for, by name; names travel between stores. */
final class Signals {

    private Signals() {}

    /** Something was added to the run's stream, or the run ended. */
    static String events(String runId) {
        return "e " + runId;
    }

    /** The run, or one of its commands, has changed. */
    static String commands(String runId) {
        return "c " + runId;
    }
}
