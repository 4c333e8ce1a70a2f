package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.model.TenantScope;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.Taken;
import io.agentrun.rules.Rule;
import io.agentrun.tck.Proves;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Which of the runs that were given back a take finds, and which comes first.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class GivenBackSuite extends ConformanceSuite {

    private static final String QUEUE = "queue";

    /** More than a take looks at with a few to spare. */
    private static final int MANY = 40;

    /** For adapters. */
    protected GivenBackSuite() {}

    private static TakeRequest request(int n) {
        return TakeRequest.by(Given.RUNNER, DispatchRequest.fromQueue(QUEUE))
                .withLease(Given.LEASE)
                .withN(n);
    }

    private QueueTask task(int priority) {
        return store().queue().create(given().newTask(QUEUE).priority(priority).build());
    }

    /** Takes the next, which is the first of those that wait. */
    private Taken one() {
        List<Taken> taken = store().queue().take(request(1));
        assertThat(taken).hasSize(1);
        return taken.get(0);
    }

    private void giveBack(Taken taken) {
        store().leases().release(taken.lease().fence());
    }

    @Test
    @Proves({Rule.Q_11, Rule.G_6, Rule.V_1})
    void it_is_taken_in_its_own_project_only() {
        QueueTask task = task(0);
        giveBack(one());
        TenantScope beside = TenantScope.project(given().owner().tenantId(), given().name("project"));

        assertThat(store().queue()
                        .take(TakeRequest.by(
                                Given.RUNNER, DispatchRequest.fromQueue(QUEUE).withScope(beside))))
                .isEmpty();
        assertThat(store().within(beside).queue().take(request(1))).isEmpty();
        assertThat(second().within(given().scope()).queue().take(request(1)))
                .extracting(taken -> taken.task().id())
                .containsExactly(task.id());
    }

    @Test
    @Proves(Rule.Q_11)
    void the_most_urgent_is_first_although_it_is_the_youngest_of_many() {
        List<Taken> taken = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            task(1);
            taken.add(one());
            advance(Duration.ofMillis(1));
        }
        QueueTask urgent = task(5);
        taken.add(one());

        taken.forEach(this::giveBack);

        assertThat(one().task().id()).isEqualTo(urgent.id());
        assertThat(one().task().id()).isEqualTo(taken.get(0).task().id());
        assertThat(store().queue().take(request(2)))
                .extracting(next -> next.task().id())
                .containsExactly(taken.get(1).task().id(), taken.get(2).task().id());
    }
}
