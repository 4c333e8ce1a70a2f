package io.agentrun.memory;

import io.agentrun.AgentRunStore;
import io.agentrun.tck.SettableClock;
import io.agentrun.tck.StoreFixture;
import java.time.Duration;
import java.time.Instant;

/** The in-memory store on a clock that stands still, and a sibling of it. */
final class MemoryFixture implements StoreFixture {

    private final SettableClock clock = SettableClock.at(Instant.parse("2026-01-02T03:04:05.123456789Z"));
    private InMemoryAgentRunStore store =
            InMemoryAgentRunStore.builder().clock(clock).build();
    private InMemoryAgentRunStore second = store.sibling();

    @Override
    public String name() {
        return "memory";
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
        close();
        store = InMemoryAgentRunStore.builder().clock(clock).build();
        second = store.sibling();
        return Persistence.NOTHING_KEPT;
    }

    @Override
    public Reach cutOff() {
        return Reach.ALWAYS_THERE;
    }

    @Override
    public void close() {
        second.close();
        store.close();
    }
}
