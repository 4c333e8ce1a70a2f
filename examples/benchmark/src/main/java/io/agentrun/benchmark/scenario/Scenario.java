package io.agentrun.benchmark.scenario;

/** Something that is measured. */
public interface Scenario {

    /** What the command line calls it. */
    String key();

    /** What it measures, for people. */
    String what();

    /** Measures, and reports each line as soon as it is there. */
    void run(Lab lab) throws Exception;

    /** Whether it runs only where it is named, because it takes long. */
    default boolean onlyByName() {
        return false;
    }
}
