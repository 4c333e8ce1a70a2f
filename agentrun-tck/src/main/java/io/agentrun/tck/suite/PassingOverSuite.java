package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.limit.Limit;
import io.agentrun.limit.LimitKey;
import io.agentrun.limit.LimitKind;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Deadlines;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.Rule;
import io.agentrun.run.SessionRef;
import io.agentrun.tck.Proves;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * A hundred waiting tasks that limits or their session hold: they are passed over, and come in their order when that is over. A store may
 * keep so many in another way than a few.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class PassingOverSuite extends ConformanceSuite {

    private static final int MANY = 100;
    private static final String QUEUE = "queue";
    private static final LimitKey FULL = LimitKey.lane(QUEUE, "full");

    /** For adapters. */
    protected PassingOverSuite() {}

    private NewQueueTask.Builder in(String lane) {
        return given().newTask(QUEUE).lane(lane);
    }

    private NewQueueTask.Builder of(String session) {
        return in("open").session(SessionRef.of(session));
    }

    private List<String> create(int count, IntFunction<NewQueueTask.Builder> task) {
        List<NewQueueTask> tasks =
                IntStream.range(0, count).mapToObj(i -> task.apply(i).build()).toList();
        return store().queue().createAll(tasks).stream().map(QueueTask::id).toList();
    }

    private String create(NewQueueTask.Builder task) {
        return store().queue().create(task.build()).id();
    }

    private Optional<Dispatch> dispatch(DispatchRequest request) {
        return store().queue().dispatchNext(request);
    }

    private Dispatch next() {
        return dispatch(DispatchRequest.any()).orElseThrow();
    }

    private String nextId() {
        return next().task().id();
    }

    private void nothingIsNext() {
        assertThat(dispatch(DispatchRequest.any())).isEmpty();
    }

    private void most(int running) {
        store().limits().set(Limit.running(FULL, running));
    }

    @Test
    @Proves({Rule.M_4, Rule.M_6})
    void of_a_full_lane_nothing_begins_and_then_the_first() {
        most(1);
        List<String> held = create(MANY, i -> in("full"));
        List<String> others = create(3, i -> in("open"));

        Dispatch running = next();
        assertThat(running.task().id()).isEqualTo(held.get(0));
        assertThat(nextId()).isEqualTo(others.get(0));
        assertThat(nextId()).isEqualTo(others.get(1));
        given().completed(running.run());

        assertThat(nextId()).isEqualTo(held.get(1));
        assertThat(nextId()).isEqualTo(others.get(2));
        nothingIsNext();
    }

    @Test
    @Proves({Rule.M_4, Rule.M_5})
    void a_limit_that_is_raised_or_removed_lets_them_begin() {
        most(0);
        List<String> held = create(MANY, i -> in("full"));
        nothingIsNext();

        most(2);
        assertThat(nextId()).isEqualTo(held.get(0));
        assertThat(nextId()).isEqualTo(held.get(1));
        nothingIsNext();
        assertThat(store().limits().remove(FULL, LimitKind.RUNNING)).isTrue();
        List<String> rest = IntStream.range(2, MANY).mapToObj(i -> nextId()).toList();

        assertThat(rest).isEqualTo(held.subList(2, MANY));
        nothingIsNext();
    }

    @Test
    @Proves(Rule.M_4)
    void starts_begin_again_when_the_period_is_over() {
        store().limits().set(Limit.starts(FULL, 1, Duration.ofMinutes(10)));
        List<String> held = create(MANY, i -> in("full"));

        assertThat(nextId()).isEqualTo(held.get(0));
        nothingIsNext();
        advance(Duration.ofMinutes(10));

        assertThat(nextId()).isEqualTo(held.get(1));
        nothingIsNext();
    }

    @Test
    @Proves(Rule.Q_2)
    void of_a_busy_session_nothing_begins_and_then_the_first() {
        String busy = given().name("busy");
        List<String> held = create(MANY, i -> of(busy));
        List<String> others = create(2, i -> of(given().name("other")));

        Dispatch running = next();
        assertThat(running.task().id()).isEqualTo(held.get(0));
        assertThat(nextId()).isEqualTo(others.get(0));
        given().completed(running.run());

        assertThat(nextId()).isEqualTo(held.get(1));
        assertThat(nextId()).isEqualTo(others.get(1));
        nothingIsNext();
    }

    /** They wait for the lane; when it has room, one begins, and the others wait for their session while the lane has room. */
    @Test
    @Proves({Rule.M_4, Rule.Q_2})
    void what_a_limit_has_held_a_session_may_hold_afterwards() {
        most(0);
        String busy = given().name("busy");
        List<String> held = create(MANY, i -> in("full").session(SessionRef.of(busy)));
        List<String> alone = create(3, i -> in("full"));
        nothingIsNext();

        most(10);
        Dispatch first = next();
        assertThat(first.task().id()).isEqualTo(held.get(0));
        assertThat(nextId()).isEqualTo(alone.get(0));
        assertThat(nextId()).isEqualTo(alone.get(1));
        given().completed(first.run());
        assertThat(nextId()).isEqualTo(held.get(1));
        assertThat(nextId()).isEqualTo(alone.get(2));
        nothingIsNext();
    }

    /** And the other way round: the session is free while the lane is full. */
    @Test
    @Proves({Rule.M_4, Rule.Q_2})
    void what_a_session_has_held_a_limit_may_hold_afterwards() {
        String busy = given().name("busy");
        List<String> held = create(MANY, i -> in("full").session(SessionRef.of(busy)));
        Dispatch first = next();
        nothingIsNext();

        most(0);
        given().completed(first.run());
        nothingIsNext();
        most(1);

        assertThat(nextId()).isEqualTo(held.get(1));
    }

    @Test
    @Proves(Rule.M_4)
    void each_of_two_limits_holds_them() {
        most(1);
        store().limits().set(Limit.running(LimitKey.label("model", "large"), 0));
        List<String> held = create(MANY, i -> in("full").limitLabels(Map.of("model", i < 60 ? "large" : "small")));

        Dispatch running = next();
        assertThat(running.task().id()).isEqualTo(held.get(60));
        nothingIsNext();
        store().limits().remove(LimitKey.label("model", "large"), LimitKind.RUNNING);
        nothingIsNext();
        given().completed(running.run());

        assertThat(nextId()).isEqualTo(held.get(0));
        nothingIsNext();
    }

    @Test
    @Proves({Rule.Q_2, Rule.M_4})
    void priority_and_age_count_among_all() {
        most(0);
        List<String> held = create(MANY, i -> in("full").priority(i % 2));
        nothingIsNext();
        String urgent = create(in("full").priority(3));
        String between = create(in("open").priority(1));
        String last = create(in("open"));
        most(MANY);

        assertThat(nextId()).isEqualTo(urgent);
        List<String> first = IntStream.range(0, 50).mapToObj(i -> nextId()).toList();
        assertThat(first)
                .isEqualTo(held.stream().filter(id -> held.indexOf(id) % 2 == 1).toList());
        assertThat(nextId()).isEqualTo(between);
        assertThat(nextId()).isEqualTo(held.get(0));
        assertThat(last).isNotEqualTo(nextId());
    }

    @Test
    @Proves({Rule.M_4, Rule.Q_2})
    void a_request_finds_those_that_it_asks_for() {
        store().limits().set(Limit.running(LimitKey.eachQueue(), 0));
        Map<String, List<String>> held = new HashMap<>();
        Owner other = new Owner(given().name("tenant"), "project");
        RunSpec spec = RunSpec.of(BackendProfile.CODEX);
        for (String queue : List.of("a", "b")) {
            held.put(
                    queue,
                    create(
                            MANY,
                            i -> i == 70
                                    ? NewQueueTask.builder(other, queue, "another's", spec)
                                    : given().newTask(queue).lane(i == 80 ? "fast" : "slow")));
            assertThat(dispatch(DispatchRequest.fromQueue(queue))).isEmpty();
        }

        store().limits().set(Limit.running(LimitKey.queue("b"), MANY));

        assertThat(dispatch(DispatchRequest.fromQueue("a"))).isEmpty();
        List<String> ofB = held.getOrDefault("b", List.of());
        assertThat(idOf(DispatchRequest.fromQueue("b").withLane("fast"))).isEqualTo(ofB.get(80));
        assertThat(idOf(DispatchRequest.fromQueue("b").withScope(TenantScope.tenant(other.tenantId()))))
                .isEqualTo(ofB.get(70));
        assertThat(idOf(DispatchRequest.any())).isEqualTo(ofB.get(0));
    }

    private String idOf(DispatchRequest request) {
        return dispatch(request).orElseThrow().task().id();
    }

    @Test
    @Proves({Rule.Q_18, Rule.M_4})
    void a_task_that_is_replaced_has_what_it_was_given() {
        most(0);
        List<String> held = IntStream.range(0, MANY)
                .mapToObj(i -> create(in("full").replaceKey("key_" + i)))
                .toList();
        nothingIsNext();

        String moved = create(in("open").replaceKey("key_50"));
        Instant later = store().queue().get(moved).updatedAt().plus(Duration.ofMinutes(5));
        String delayed = create(in("open").replaceKey("key_60").notBefore(later));

        assertThat(moved).isEqualTo(held.get(50));
        assertThat(delayed).isEqualTo(held.get(60));
        assertThat(nextId()).isEqualTo(moved);
        nothingIsNext();
        advance(Duration.ofMinutes(5));
        assertThat(nextId()).isEqualTo(delayed);
        nothingIsNext();
    }

    @Test
    @Proves(Rule.M_4)
    void what_was_cancelled_or_is_too_late_does_not_begin() {
        most(0);
        Instant soon = given().task("elsewhere").createdAt().plus(Duration.ofMinutes(5));
        store().queue().dispatchNext(DispatchRequest.fromQueue("elsewhere"));
        List<String> held = create(MANY, i -> i == 0 ? in("full").deadlines(Deadlines.beginBy(soon)) : in("full"));
        nothingIsNext();

        store().queue().cancel(held.get(1), "not needed", CancelMode.FORCE);
        advance(Duration.ofMinutes(6));
        most(1);

        assertThat(nextId()).isEqualTo(held.get(2));
    }

    @Test
    @Proves(Rule.M_4)
    void a_delay_that_has_ended_does_not_make_a_held_task_begin() {
        most(0);
        Instant later = given().task("elsewhere").createdAt().plus(Duration.ofMinutes(5));
        store().queue().dispatchNext(DispatchRequest.fromQueue("elsewhere"));
        List<String> held = create(MANY, i -> in("full").notBefore(later));
        nothingIsNext();
        advance(Duration.ofMinutes(5));
        nothingIsNext();

        most(1);

        assertThat(nextId()).isEqualTo(held.get(0));
        nothingIsNext();
    }
}
