package io.agentrun.postgres.soak;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a soak came to.
 *
 * <p>Immutable.
 *
 * @param plan what was asked for
 * @param done how often each fault was made
 * @param facts how many of each kind the processes wrote down
 * @param events how many events were acknowledged
 * @param restarts how often a reader of a feed went back after a server had taken over
 * @param longestGapMillis how long a reader was without an answer at most
 * @param records how many runs, sessions and tasks are stored in the end
 * @param faults what is not as it must be; none after a good soak
 */
public record SoakReport(
        SoakPlan plan,
        Map<SoakFaults.Kind, Integer> done,
        Map<Fact.Kind, Long> facts,
        long events,
        int restarts,
        long longestGapMillis,
        long records,
        List<String> faults) {

    /** The figures in one line. */
    public String line() {
        return String.format(
                "soak: %d s, seed %d: %d processes killed, backends ended %d times, %d restarts, %d promotions;"
                        + " acknowledged: %d tasks, %d runs, %d claims, %d turns, %d batches with %d events, %d ends of runs,"
                        + " %d cancels, %d releases, %d recoveries; %d leases lost, %d calls repeated, purged %d times;"
                        + " feeds restarted %d times, longest time without an answer %d ms; %d records stored; %d faults",
                plan.time().toSeconds(),
                plan.seed(),
                done(SoakFaults.Kind.KILL),
                done(SoakFaults.Kind.END_BACKENDS),
                done(SoakFaults.Kind.RESTART),
                done(SoakFaults.Kind.PROMOTE),
                facts(Fact.Kind.TASK),
                facts(Fact.Kind.RUN),
                facts(Fact.Kind.CLAIM),
                facts(Fact.Kind.ACKNOWLEDGED),
                facts(Fact.Kind.EVENTS),
                events,
                facts(Fact.Kind.ENDED),
                facts(Fact.Kind.CANCELLED),
                facts(Fact.Kind.RELEASED),
                facts(Fact.Kind.RECOVERED),
                facts(Fact.Kind.LEASE_LOST),
                facts(Fact.Kind.REPEATED),
                facts(Fact.Kind.PURGED),
                restarts,
                longestGapMillis,
                records,
                faults.size());
    }

    /** What must have happened and did not: a soak in which nothing was hurt, or nobody worked, says nothing. */
    public List<String> idle() {
        List<String> idle = new ArrayList<>();
        for (SoakFaults.Kind kind : SoakFaults.Kind.values()) {
            if (done(kind) == 0) {
                idle.add("never " + kind);
            }
        }
        // Whether a lease outlasts what happens to its process is up to the machine.
        for (Fact.Kind kind : Fact.Kind.values()) {
            if (facts(kind) == 0 && kind != Fact.Kind.UNEXPECTED && kind != Fact.Kind.LEASE_LOST) {
                idle.add("never " + kind);
            }
        }
        return idle;
    }

    private int done(SoakFaults.Kind kind) {
        return done.getOrDefault(kind, 0);
    }

    private long facts(Fact.Kind kind) {
        return facts.getOrDefault(kind, 0L);
    }
}
