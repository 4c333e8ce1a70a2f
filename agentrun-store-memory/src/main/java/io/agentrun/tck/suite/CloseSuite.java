package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.agentrun.AgentRunStore;
import io.agentrun.Outcome;
import io.agentrun.TurnResult;
import io.agentrun.command.Command;
import io.agentrun.error.StoreClosedException;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Fence;
import io.agentrun.lease.RunLease;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueScope;
import io.agentrun.rules.Rule;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.tck.Proves;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/**
 * The end of a store: every call after it is refused in one way, and the data and the other instance stay.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class CloseSuite extends ConformanceSuite {

    /** For adapters to nest. */
    protected CloseSuite() {}

    @Test
    @Proves({Rule.G_4, Rule.G_3})
    void every_call_after_close_is_refused_and_changes_nothing() {
        RunLease lease = given().claimed(given().runIn(given().name("session")));
        Command turn = given().turn(lease.run());
        Fence fence = lease.fence();
        String id = lease.run().id();
        String session = sessionOf(lease.run()).id();
        AgentRunStore closed = second();
        NewEvent event = new NewEvent(EventType.DIFF, JsonObject.empty());
        List<Callable<?>> calls = List.of(
                () -> closed.runs().create(given().newRun().build()),
                () -> closed.runs().get(id),
                () -> closed.runs().list(RunQuery.in(given().scope())),
                () -> closed.runs().finish(fence, TurnResult.of(Outcome.completed())),
                () -> closed.runs().finishUnclaimed(id, Outcome.completed()),
                () -> closed.runs().cancel(id, "why"),
                () -> closed.runs().purge(PurgeRequest.olderThan(Duration.ZERO)),
                () -> closed.leases().claim(id, Given.RUNNER, Given.LEASE),
                () -> closed.leases().claimNext(ClaimRequest.by(Given.RUNNER, Given.LEASE)),
                () -> closed.leases().heartbeat(fence, Given.LEASE),
                () -> closed.leases().release(fence),
                () -> closed.leases().listExpired(ExpiredQuery.in(given().scope())),
                () -> closed.leases().recover(id, 1),
                () -> closed.commands().create(id, given().newTurn("go")),
                () -> closed.commands().get(turn.id()),
                () -> closed.commands().list(id, 0, 1),
                () -> closed.commands().await(fence, 1, Duration.ofMinutes(1)),
                () -> closed.commands().acknowledge(fence, turn.id()),
                () -> closed.commands().finish(fence, turn.id(), TurnResult.of(Outcome.completed())),
                () -> closed.commands().cancel(turn.id(), "why"),
                () -> closed.events().append(fence, List.of(event)),
                () -> closed.events().appendUnfenced(id, List.of(event)),
                () -> closed.events().list(id, 0, 1),
                () -> closed.events().await(id, 99, 1, Duration.ofMinutes(1)),
                () -> closed.runners().find(Given.RUNNER),
                () -> closed.runners().backends(),
                () -> closed.sessions().find(session),
                () -> closed.sessions().upsert(given().newSession().build()),
                () -> closed.storage().get(session),
                () -> closed.queue().create(given().newTask("queue").build()),
                () -> closed.queue().list(QueueQuery.inQueue("queue")),
                () -> closed.queue().dispatchNext(DispatchRequest.any()),
                () -> closed.queue().stats(new QueueScope(given().scope(), null)));
        Watch watch = watch().run(lease.run());

        closed.close();

        for (Callable<?> call : calls) {
            watch.refuses(StoreClosedException.class, call);
        }
        assertThat(catchThrowable(closed::close)).isNull();
    }

    @Test
    @Proves(Rule.G_4)
    void the_other_instance_and_the_data_stay() {
        Run run = given().run();

        second().close();

        assertThat(store().runs().get(run.id())).isEqualTo(run);
        assertThat(given().claimed(run).fence().epoch()).isEqualTo(1);
    }

    @Test
    @Proves(Rule.G_4)
    void health_answers_after_close_too() {
        assertThat(second().health().ready()).isTrue();

        second().close();

        assertThat(second().health().ready()).isFalse();
        assertThat(store().health().ready()).isTrue();
    }
}
