package io.agentrun.worker.stream;

import io.agentrun.AgentRunStore;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.worker.testing.Leased;
import io.agentrun.worker.testing.ManualScheduler;
import io.agentrun.worker.testing.WatchedEvents;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;

/** A leased run, and a writer of its events whose time a test moves. Not thread-safe: one test at a time. */
abstract class EventWriterScenario {

    final AgentRunStore store = InMemoryAgentRunStore.create();
    final Leased run = new Leased(store);
    final WatchedEvents events = new WatchedEvents(store.events());
    final ManualScheduler time = new ManualScheduler();

    @AfterEach
    void closeStore() {
        store.close();
    }

    EventWriterBuilder writer() {
        return EventWriter.builder(events, run.fence()).scheduler(time);
    }

    void pass(long millis) {
        time.advance(Duration.ofMillis(millis));
    }
}
