package io.agentrun.tck.sabotage;

import io.agentrun.AgentRunStore;
import io.agentrun.json.Redactor;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.tck.SettableClock;
import io.agentrun.tck.StoreFixture;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;

/**
 * Two instances of the reference store with one defect in both. The data outlive them in a third one, which nobody closes
 * before the end.
 */
final class BrokenFixture implements StoreFixture {

    private final SettableClock clock = SettableClock.at(Instant.parse("2026-01-02T03:04:05.123456789Z"));
    private final SkewedClock skewed = new SkewedClock(clock);
    private final Defect defect;
    private final Reopening reopening;
    private final Supplier<InMemoryAgentRunStore> empty;
    private InMemoryAgentRunStore data;
    private AgentRunStore store;
    private AgentRunStore second;
    private volatile boolean cutOff;

    /** What a store does to its data when it is opened again. */
    interface Reopening {
        /** The data that the new instances have. */
        InMemoryAgentRunStore data(InMemoryAgentRunStore before, Supplier<InMemoryAgentRunStore> empty);
    }

    BrokenFixture(Defect defect, Redactor redactor) {
        this(defect, redactor, (before, empty) -> before);
    }

    BrokenFixture(Defect defect, Redactor redactor, Reopening reopening) {
        this.defect = defect;
        this.reopening = reopening;
        empty = () ->
                InMemoryAgentRunStore.builder().clock(skewed).redactor(redactor).build();
        data = empty.get();
        store = broken();
        second = broken();
    }

    private AgentRunStore broken() {
        PassingStore passing = new PassingStore(data.sibling());
        Outage.over(passing, () -> cutOff);
        defect.into(passing, skewed);
        return passing;
    }

    @Override
    public String name() {
        return "broken";
    }

    @Override
    public AgentRunStore store() {
        return store;
    }

    @Override
    public AgentRunStore second() {
        return second;
    }

    @Override
    public void advance(Duration by) {
        clock.advance(by);
    }

    @Override
    public Persistence reopen() {
        second.close();
        store.close();
        data = reopening.data(data, empty);
        store = broken();
        second = broken();
        return Persistence.KEPT;
    }

    @Override
    public Reach cutOff() {
        cutOff = true;
        return Reach.CUT_OFF;
    }

    @Override
    public void restore() {
        cutOff = false;
    }

    /** A store in memory is there at once, and what is broken shall not be waited for. */
    @Override
    public Duration recoversWithin() {
        return Duration.ofSeconds(2);
    }

    @Override
    public void close() {
        second.close();
        store.close();
        data.close();
    }
}
