package io.agentrun.tck.sabotage;

import io.agentrun.AgentRunStore;
import io.agentrun.json.Redactor;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.tck.SettableClock;
import io.agentrun.tck.StoreFixture;
import java.time.Duration;
import java.time.Instant;

/** Two instances of the reference store with one defect in both. */
final class BrokenFixture implements StoreFixture {

    private final SettableClock clock = SettableClock.at(Instant.parse("2026-01-02T03:04:05.123456789Z"));
    private final SkewedClock skewed = new SkewedClock(clock);
    private final AgentRunStore store;
    private final AgentRunStore second;

    BrokenFixture(Defect defect, Redactor redactor) {
        InMemoryAgentRunStore first =
                InMemoryAgentRunStore.builder().clock(skewed).redactor(redactor).build();
        store = broken(first, defect);
        second = broken(first.sibling(), defect);
    }

    private AgentRunStore broken(AgentRunStore real, Defect defect) {
        PassingStore passing = new PassingStore(real);
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
    public void close() {
        second.close();
        store.close();
    }
}
