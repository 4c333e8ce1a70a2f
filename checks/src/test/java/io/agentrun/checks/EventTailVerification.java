package io.agentrun.checks;

import io.agentrun.AgentRunStore;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TurnResult;
import io.agentrun.run.NewRun;
import io.agentrun.worker.stream.EventTail;
import java.time.Duration;
import java.util.Collections;
import java.util.concurrent.Flow;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;

/** The rules of Reactive Streams for publishers, applied to the events of a run that has ended. */
public final class EventTailVerification extends FlowPublisherVerification<RunEvent> implements AutoCloseable {

    /** How long the kit waits for a signal, and how long for one that must not come. */
    private static final long SIGNAL_MILLIS = 5_000;

    private static final long SILENCE_MILLIS = 100;

    /** The kit asks for more in one test, which ends after ten events. */
    private static final int MOST = 2_000;

    private final AgentRunStore store = InMemoryAgentRunStore.create();
    private final EventTail tail =
            EventTail.builder(store.events()).ringBytes(10_000).build();

    /** A store and a tail of its own. */
    public EventTailVerification() {
        super(new TestEnvironment(SIGNAL_MILLIS, SILENCE_MILLIS));
    }

    @Override
    public long maxElementsFromPublisher() {
        return Integer.MAX_VALUE;
    }

    @Override
    public Flow.Publisher<RunEvent> createFlowPublisher(long elements) {
        Owner owner = new Owner("acme", "website");
        String runId = store.runs()
                .create(NewRun.builder(owner, RunSpec.of(BackendProfile.CODEX)).build())
                .id();
        Fence fence = store.leases().claim(runId, "runner", Duration.ofHours(1)).fence();
        NewEvent event = new NewEvent(EventType.COMMAND_OUTPUT, JsonObject.of("text", "line"));
        int wanted = (int) Math.min(elements, MOST);
        for (int left = wanted; left > 0; left -= 500) {
            store.events().append(fence, Collections.nCopies(Math.min(left, 500), event));
        }
        store.runs().finish(fence, TurnResult.of(Outcome.completed()));
        return tail.from(runId, last(runId) - wanted);
    }

    private long last(String runId) {
        long last = 0;
        for (boolean ended = false; !ended; ) {
            var page = store.events().list(runId, last, 500);
            last = page.nextAfterSeq();
            ended = page.ended();
        }
        return last;
    }

    @Override
    public Flow.Publisher<RunEvent> createFailedFlowPublisher() {
        return tail.from("run_unknown", 0);
    }

    @Override
    public void close() {
        tail.close();
        store.close();
    }
}
