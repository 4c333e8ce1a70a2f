package io.agentrun.benchmark.report;

import java.util.Locale;

/** The names of the lines that have goals, or that are made in more than one place. */
public final class Names {

    /** Each client appends to runs of its own. */
    public static final String APPEND_SPREAD = "append 1 event, spread over 64 runs";

    /** All clients append to one run. */
    public static final String APPEND_ONE_RUN = "append 1 event, all on one run";

    /** Counted in events. */
    public static final String APPEND_50_SPREAD = "append 50 events, spread over 64 runs";

    /** Counted in events. */
    public static final String APPEND_50_ONE_RUN = "append 50 events, all on one run";

    /** Each client extends a lease of its own. */
    public static final String HEARTBEAT = "heartbeat";

    /** Each claim is of another run. */
    public static final String CLAIM = "claim";

    /** All that happens to one run. */
    public static final String LIFE = "whole life of a run";

    /** The same in memory. */
    public static final String MEMORY_LIFE = "memory: whole life of a run";

    /** From its creation; the threads are slots of one worker. */
    public static final String BEGIN = "an idle worker begins a task";

    /** Counted in tasks; the threads are slots of one worker. */
    public static final String DRAIN = "drain of tasks that have nothing to do";

    /** Counted in lines; the threads are writers. */
    public static final String WRITER = "lines through event writers";

    /** The threads are subscribers. */
    public static final String TAIL = "an event reaches a subscriber of its run";

    /** What was appended meanwhile, counted in events. */
    public static final String TAIL_RATE = "events while subscribers read along";

    /** Beside the same store without an observation. */
    public static final String OBSERVED = "append 1 event, observed, against not observed";

    /** Beginning and ending an observation that has a timer. */
    public static final String OBSERVATION = "an observation of a call, without the call";

    /** The threads are agents. */
    public static final String WORKER = "tasks of 20 lines over a second, by one worker";

    /** Claiming the next of 10,000 waiting runs, by more callers than usual. */
    public static final String CLAIM_NEXT_CROWDED = "claimNext, 32 callers, against 8";

    /** Dispatching the next of 10,000 waiting tasks, by more callers than usual. */
    public static final String DISPATCH_NEXT_CROWDED = "dispatchNext, 32 callers, against 8";

    private Names() {}

    /** Appending to a run that has so many events, compared with a young one. */
    public static String appendAfter(int events) {
        return numbered("append 1 event after %,d, against none", events);
    }

    /** Claiming the next of so many waiting runs, compared with 100. */
    public static String claimNext(int waiting) {
        return numbered("claimNext, %,d waiting, against 100", waiting);
    }

    /** Dispatching the next of so many waiting tasks, compared with 100. */
    public static String dispatchNext(int waiting) {
        return numbered("dispatchNext, %,d waiting, against 100", waiting);
    }

    /** Dispatching and ending a task that so many limits count, compared with none. */
    public static String limited(int limits) {
        return numbered("a task begins and ends, %,d limits, against none", limits);
    }

    /** Masking so much of the text, of many made to keep the redactor busy, that takes longest. */
    public static String redact(int mib) {
        return numbered("redact %,d MiB of hostile text", mib);
    }

    /** Counting so many tasks. */
    public static String statistics(int tasks) {
        return numbered("queue statistics, %,d tasks", tasks);
    }

    /** The snapshot of so many tasks. */
    public static String snapshot(int tasks) {
        return numbered("queue snapshot, %,d tasks", tasks);
    }

    /** The first page of so many sessions. */
    public static String sessionPage(int sessions) {
        return numbered("first page of %,d sessions", sessions);
    }

    /** The first page of an inbox of so many open questions. */
    public static String inbox(int questions) {
        return numbered("first page of %,d open questions", questions);
    }

    /** The first page of so many tasks. */
    public static String taskPage(int tasks) {
        return numbered("first page of %,d tasks", tasks);
    }

    /** How soon a waiting call returns. */
    public static String wakeUp(int waiting, String store) {
        return numbered("await wakes, %,d waiting, append by " + store + " store", waiting);
    }

    /** The same on a store that has been at work for days, compared with a young one. */
    public static String grown(String operation) {
        return "after three days: " + operation;
    }

    private static String numbered(String format, int number) {
        return String.format(Locale.ROOT, format, number);
    }
}
