package io.agentrun.tck.sabotage;

/** One thing that is wrong with a store. It is put into both instances, and may remember something between them. */
interface Defect {

    /** Puts what is wrong in the place of what is right. */
    void into(PassingStore store, SkewedClock clock);
}
