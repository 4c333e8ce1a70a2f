package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.inspect.NextStep;
import io.agentrun.inspect.Reason;
import io.agentrun.limit.Limit;
import io.agentrun.limit.LimitHolder;
import io.agentrun.limit.LimitKey;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.Taken;
import io.agentrun.rules.Rule;
import io.agentrun.run.SessionRef;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Limits: what they count, and that they are never exceeded.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class LimitSuite extends LimitedTasks {

    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration MICRO = Duration.ofNanos(1_000);

    /** For adapters. */
    protected LimitSuite() {}

    @Test
    @Proves({Rule.M_2, Rule.M_6})
    void no_more_attempts_run_than_a_limit_allows() {
        store().limits().set(Limit.running(LimitKey.queue(QUEUE), 2));
        tasks(4);

        List<Dispatch> first = drain();
        assertThat(first).hasSize(2);
        assertThat(second().queue().dispatchNext(DispatchRequest.any())).isEmpty();
        end(first.get(1));
        List<Dispatch> next = drain();

        assertThat(next).hasSize(1);
        assertThat(second().limits().holders(LimitKey.queue(QUEUE)))
                .extracting(LimitHolder::runId)
                .containsExactlyInAnyOrder(
                        first.get(0).run().id(), next.get(0).run().id());
    }

    @Test
    @Proves({Rule.M_2, Rule.M_6})
    void a_take_takes_no_more_than_a_limit_allows() {
        store().limits().set(Limit.running(LimitKey.eachTenant(), 3));
        tasks(5);

        List<Taken> first = take(10);
        assertThat(first).hasSize(3);
        assertThat(take(10)).isEmpty();
        store().runs().finish(first.get(0).lease().fence(), DONE);
        store().runs().finish(first.get(2).lease().fence(), DONE);

        assertThat(take(10)).hasSize(2);
        assertThat(take(10)).isEmpty();
    }

    @Test
    @Proves(Rule.M_1)
    void a_limit_for_each_value_counts_each_by_itself() {
        store().limits().set(Limit.running(LimitKey.eachTenant(), 1));
        tasks(2);
        Owner other = given().stranger();
        store().queue()
                .create(NewQueueTask.builder(other, QUEUE, "theirs", given().spec())
                        .build());

        List<Dispatch> all = drain();

        assertThat(all).extracting(each -> each.task().owner()).containsExactly(given().owner(), other);
    }

    @Test
    @Proves(Rule.M_1)
    void the_limit_of_one_value_stands_in_place_of_the_one_for_each() {
        store().limits().set(Limit.running(LimitKey.eachLabel("repo"), 2));
        store().limits().set(Limit.running(LimitKey.label("repo", "large"), 3));
        store().limits().set(Limit.running(LimitKey.label("repo", "small"), 1));
        for (int i = 0; i < 4; i++) {
            labelled("repo", "large");
            labelled("repo", "small");
            labelled("repo", "usual");
        }

        drain();

        assertThat(store().limits().holders(LimitKey.label("repo", "large"))).hasSize(3);
        assertThat(store().limits().holders(LimitKey.label("repo", "small"))).hasSize(1);
        assertThat(store().limits().holders(LimitKey.label("repo", "usual"))).hasSize(2);
    }

    @Test
    @Proves(Rule.M_1)
    void lanes_of_two_queues_and_projects_of_two_tenants_are_two_values() {
        store().limits().set(Limit.running(LimitKey.eachLane(), 1));
        store().limits().set(Limit.running(LimitKey.eachProject(), 1));
        String project = given().owner().projectId();
        for (String queue : List.of("a", "b")) {
            Owner owner = new Owner("tenant-" + queue, project);
            for (int i = 0; i < 2; i++) {
                store().queue()
                        .create(NewQueueTask.builder(owner, queue, "a task", given().spec())
                                .lane("same")
                                .build());
            }
        }

        assertThat(drain()).extracting(each -> each.task().place().queue()).containsExactly("a", "b");
        assertThat(store().limits().holders(LimitKey.lane("a", "same"))).hasSize(1);
        assertThat(store().limits().holders(LimitKey.project(new Owner("tenant-b", project))))
                .hasSize(1);
    }

    @Test
    @Proves({Rule.M_1, Rule.M_7})
    void what_no_limit_counts_is_not_held_back() {
        store().limits().set(Limit.running(LimitKey.eachLabel("repo"), 0));
        store().limits().set(Limit.running(LimitKey.queue("unknown"), 0));
        tasks(2);
        labelled("other", "x");
        labelled("repo", "x");

        assertThat(drain()).hasSize(3);
        assertThat(store().limits().holders(LimitKey.queue("unknown"))).isEmpty();
    }

    @Test
    @Proves(Rule.M_3)
    void no_window_has_more_starts_than_a_limit_allows() {
        store().limits().set(Limit.starts(LimitKey.queue(QUEUE), 2, MINUTE));
        tasks(6);

        end(next().orElseThrow());
        advance(MINUTE.dividedBy(2));
        end(next().orElseThrow());
        assertThat(next()).isEmpty();
        advance(MINUTE.dividedBy(2).minus(MICRO));
        assertThat(next()).isEmpty();
        assertThat(take(1)).isEmpty();
        advance(MICRO);

        assertThat(take(5)).hasSize(1);
        assertThat(next()).isEmpty();
        advance(MINUTE.dividedBy(2));
        assertThat(drain()).hasSize(1);
    }

    @Test
    @Proves(Rule.M_4)
    void others_go_before_a_task_whose_limit_is_full() {
        store().limits().set(Limit.running(LimitKey.label("repo", "x"), 1));
        QueueTask first = labelled("repo", "x");
        labelled("repo", "x");
        labelled("repo", "x");
        QueueTask free = given().task(QUEUE);

        assertThat(drain()).extracting(each -> each.task().id()).containsExactly(first.id(), free.id());
    }

    @Test
    @Proves(Rule.M_4)
    void a_task_takes_of_all_its_limits_or_of_none() {
        store().limits().set(Limit.running(tenant(), 1));
        store().limits().set(Limit.running(LimitKey.label("repo", "x"), 1));
        store().limits().set(Limit.running(LimitKey.label("api", "y"), 1));
        store().queue()
                .create(given().newTask(QUEUE).limitLabels(Map.of("repo", "x")).build());
        Taken holder = take(1).get(0);
        store().limits().set(Limit.running(tenant(), 5));
        store().queue()
                .create(given().newTask(QUEUE)
                        .limitLabels(Map.of("api", "y", "repo", "x"))
                        .build());
        QueueTask other = labelled("api", "y");

        List<Taken> taken = take(5);

        assertThat(taken).extracting(each -> each.task().id()).containsExactly(other.id());
        assertThat(store().limits().holders(LimitKey.label("repo", "x")))
                .extracting(LimitHolder::runId)
                .containsExactly(holder.lease().run().id());
        assertThat(store().limits().holders(tenant())).hasSize(2);
    }

    @Test
    @Proves(Rule.M_4)
    void a_task_that_its_session_refuses_takes_nothing() {
        store().limits().set(Limit.running(LimitKey.queue(QUEUE), 1));
        String sessionId = given().evicting(given().session()).id();
        store().queue()
                .create(given().newTask(QUEUE).session(SessionRef.of(sessionId)).build());
        QueueTask free = given().task(QUEUE);

        assertThat(drain()).extracting(each -> each.task().id()).containsExactly(free.id());
    }

    @Test
    @Proves(Rule.M_6)
    void a_run_that_is_given_back_or_recovered_for_another_try_keeps_counting() {
        LimitKey key = LimitKey.queue(QUEUE);
        store().limits().set(Limit.running(key, 1));
        tasks(2);
        Taken taken = take(1).get(0);
        String runId = taken.lease().run().id();

        store().leases().release(taken.lease().fence());
        assertThat(next()).isEmpty();
        Taken again = take(1).get(0);
        assertThat(again.lease().run().id()).isEqualTo(runId);
        advance(Given.PAST_LEASE);
        store().leases().recover(runId, again.lease().fence().epoch());

        assertThat(next()).isEmpty();
        assertThat(store().limits().holders(key)).extracting(LimitHolder::runId).containsExactly(runId);
        given().claimed(store().runs().get(runId));
        assertThat(store().limits().holders(key)).hasSize(1);
    }

    @Test
    @Proves(Rule.M_6)
    void every_end_of_a_run_gives_back_what_it_counted() {
        LimitKey key = LimitKey.queue(QUEUE);
        store().limits().set(Limit.running(key, 1));
        tasks(6);

        Taken taken = take(1).get(0);
        given().acknowledged(taken.lease().fence(), taken.turns().get(0));
        store().runs().finishTurn(taken.lease().fence(), taken.turns().get(0).id(), DONE);
        store().runs().cancel(next().orElseThrow().run().id(), "no more");
        store().queue().cancel(next().orElseThrow().task().id(), "no more");
        store().runs().finishUnclaimed(next().orElseThrow().run().id(), Outcome.completed());
        Taken lost = take(1).get(0);
        given().acknowledged(lost.lease().fence(), lost.turns().get(0));
        advance(Given.PAST_LEASE);
        store().leases().recover(lost.lease().run().id(), lost.lease().fence().epoch());

        assertThat(store().limits().holders(key)).isEmpty();
        assertThat(drain()).hasSize(1);
    }

    @Test
    @Proves({Rule.M_1, Rule.I_1})
    void limit_labels_are_kept_and_are_part_of_what_a_key_stands_for() {
        Map<String, String> labels = Map.of("repo", "org/app", "api", "x");
        NewQueueTask input =
                given().newTask(QUEUE).limitLabels(labels).idempotencyKey("key").build();
        QueueTask task = store().queue().create(input);

        assertThat(second().queue().get(task.id()).limitLabels()).isEqualTo(labels);
        assertThat(store().queue().createAll(List.of(input)).get(0)).isEqualTo(task);
        NewQueueTask other = given().newTask(QUEUE).idempotencyKey("key").build();
        assertThat(other.contentHash()).isNotEqualTo(input.contentHash());
        List<QueueTask> many = store().queue()
                .createAll(List.of(
                        given().newTask(QUEUE).limitLabels(Map.of("a", "1")).build(),
                        given().newTask(QUEUE).build()));
        assertThat(second().queue().get(many.get(0).id()).limitLabels()).containsExactly(Map.entry("a", "1"));
        assertThat(second().queue().get(many.get(1).id()).limitLabels()).isEmpty();
    }

    @Test
    @Proves({Rule.M_1, Rule.Q_18})
    void a_task_that_is_replaced_counts_by_its_new_labels() {
        store().limits().set(Limit.running(LimitKey.label("repo", "full"), 0));
        store().queue()
                .create(given().newTask(QUEUE)
                        .replaceKey("key")
                        .limitLabels(Map.of("repo", "free"))
                        .build());

        QueueTask replaced = store().queue()
                .create(given().newTask(QUEUE)
                        .replaceKey("key")
                        .limitLabels(Map.of("repo", "full"))
                        .build());

        assertThat(second().queue().get(replaced.id()).limitLabels()).containsExactly(Map.entry("repo", "full"));
        assertThat(next()).isEmpty();
        assertThat(take(1)).isEmpty();
    }

    @Test
    @Proves({Rule.X_1, Rule.M_4})
    void an_explanation_names_the_limit_that_is_full() {
        Limit limit = Limit.running(LimitKey.eachLabel("repo"), 1);
        store().limits().set(limit);
        labelled("repo", "x");
        QueueTask waiting = labelled("repo", "x");
        assertThat(store().inspect().task(waiting.id()).reason()).isInstanceOf(Reason.Due.class);
        Dispatch dispatch = next().orElseThrow();

        Reason reason = store().inspect().task(waiting.id()).reason();

        assertThat(reason).isEqualTo(new Reason.LimitFull(limit, LimitKey.label("repo", "x")));
        assertThat(reason.next()).isEqualTo(NextStep.LIMIT);
        assertThat(reason.text()).isEqualTo("the limit of 1 running for label \"repo\" with the value \"x\" is full");
        end(dispatch);
        assertThat(store().inspect().task(waiting.id()).reason()).isInstanceOf(Reason.Due.class);
    }

    @Test
    @Proves({Rule.M_2, Rule.M_3, Rule.M_4})
    void callers_who_take_at_the_same_moment_never_exceed_a_limit() {
        store().limits().set(Limit.running(LimitKey.queue(QUEUE), 3));
        store().limits().set(Limit.starts(LimitKey.eachTenant(), 5, MINUTE));
        tasks(20);

        for (int round = 0; round < 3; round++) {
            List<Taken> taken = new ArrayList<>();
            Race.values(Race.of(
                            6,
                            i -> () -> (i % 2 == 0 ? store() : second())
                                    .queue()
                                    .take(TakeRequest.by("runner-" + i, DispatchRequest.any())
                                            .withLease(Given.LEASE)
                                            .withN(2))))
                    .forEach(taken::addAll);
            List<LimitHolder> holders = store().limits().holders(LimitKey.queue(QUEUE));
            assertThat(holders).hasSize(taken.size()).hasSizeLessThanOrEqualTo(3);
            taken.forEach(each -> store().runs().finish(each.lease().fence(), DONE));
        }

        assertThat(store().limits().holders(LimitKey.queue(QUEUE))).isEmpty();
        assertThat(next()).isEmpty();
        advance(MINUTE);
        assertThat(next()).isPresent();
    }

    @Test
    @Proves({Rule.M_1, Rule.M_2})
    void a_take_of_many_gives_each_of_many_values_its_own() {
        store().limits().set(Limit.running(LimitKey.eachLabel("repo"), 1));
        List<NewQueueTask> many = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            many.add(given().newTask(QUEUE)
                    .limitLabels(Map.of("repo", "repo-" + i % 40))
                    .build());
        }
        store().queue().createAll(many);

        List<Taken> taken = new ArrayList<>(take(30));
        taken.addAll(take(30));

        assertThat(taken)
                .extracting(each -> each.task().limitLabels().get("repo"))
                .hasSize(40)
                .doesNotHaveDuplicates();
        assertThat(take(30)).isEmpty();
    }

    @Test
    @Proves({Rule.M_2, Rule.V_1})
    void takes_in_a_tenant_view_obey_the_limits() {
        store().limits().set(Limit.running(LimitKey.queue(QUEUE), 1));
        tasks(2);
        store().queue()
                .create(NewQueueTask.builder(given().stranger(), QUEUE, "theirs", given().spec())
                        .build());

        var view = store().within(given().scope());
        assertThat(view.queue().dispatchNext(DispatchRequest.any())).isPresent();

        assertThat(view.queue().dispatchNext(DispatchRequest.any())).isEmpty();
        assertThat(next()).isEmpty();
    }
}
