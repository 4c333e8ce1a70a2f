package io.agentrun.postgres.testing;

import io.agentrun.AgentRunStore;
import io.agentrun.event.EventPage;

/**
 * A process of its own that reads all events of a run in pages that are as long as may be asked for, and says how many there were.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class EventReader {

    private EventReader() {}

    /** Begins, with the URL of the database and the id of the run. */
    public static void main(String[] args) {
        ChildStore.use(args[0], store -> readAll(store, args[1]));
    }

    private static void readAll(AgentRunStore store, String runId) {
        long after = 0;
        int events = 0;
        EventPage page;
        do {
            page = store.events().list(runId, after, 300);
            events += page.items().size();
            after = page.nextAfterSeq();
        } while (!page.items().isEmpty());
        System.out.println("events " + events + " ready " + store.health().ready());
    }
}
