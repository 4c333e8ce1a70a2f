package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.error.InvalidInputException;
import io.agentrun.limit.Limit;
import io.agentrun.limit.LimitHolder;
import io.agentrun.limit.LimitKey;
import io.agentrun.limit.LimitKind;
import io.agentrun.model.Owner;
import io.agentrun.model.Page;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.Taken;
import io.agentrun.rules.Rule;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import io.agentrun.tck.StoreFixture.Persistence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Limits that are set, changed, lowered, removed and listed while attempts are under way.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class LimitChangeSuite extends LimitedTasks {

    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration MICRO = Duration.ofNanos(1_000);

    /** For adapters. */
    protected LimitChangeSuite() {}

    @Test
    @Proves({Rule.M_3, Rule.M_5})
    void another_period_counts_the_starts_that_there_were() {
        store().limits().set(Limit.starts(LimitKey.queue(QUEUE), 1, MINUTE));
        tasks(2);
        end(next().orElseThrow());

        store().limits().set(Limit.starts(LimitKey.queue(QUEUE), 1, MINUTE.multipliedBy(2)));
        advance(MINUTE);
        assertThat(next()).isEmpty();
        store().limits().set(Limit.starts(LimitKey.queue(QUEUE), 1, MINUTE));

        assertThat(next()).isPresent();
    }

    @Test
    @Proves(Rule.M_5)
    void attempts_under_way_count_towards_a_limit_that_is_set_now() {
        tasks(6);
        List<Dispatch> before = List.of(next().orElseThrow(), next().orElseThrow(), next().orElseThrow());

        store().limits().set(Limit.running(LimitKey.eachTenant(), 2));

        assertThat(store().limits().holders(tenant()))
                .extracting(LimitHolder::runId)
                .containsExactlyInAnyOrderElementsOf(
                        before.stream().map(each -> each.run().id()).toList());
        assertThat(next()).isEmpty();
        end(before.get(0));
        assertThat(next()).isEmpty();
        end(before.get(1));
        assertThat(drain()).hasSize(1);
        assertThat(store().runs().get(before.get(2).run().id()).isTerminal()).isFalse();
    }

    @Test
    @Proves(Rule.M_5)
    void nothing_begins_before_fewer_are_left_than_a_lowered_limit_allows() {
        LimitKey key = LimitKey.queue(QUEUE);
        store().limits().set(Limit.running(key, 5));
        tasks(10);
        List<Dispatch> five = drain();

        store().limits().set(Limit.running(key, 2));

        for (Dispatch each : five.subList(0, 3)) {
            assertThat(drain()).isEmpty();
            end(each);
        }
        assertThat(drain()).isEmpty();
        end(five.get(3));
        assertThat(drain()).hasSize(1);
        store().limits().set(Limit.running(key, 4));
        assertThat(drain()).hasSize(2);
        store().limits().set(Limit.running(key, 0));
        end(five.get(4));
        assertThat(drain()).isEmpty();
        assertThat(store().limits().holders(key)).hasSize(3);
    }

    @Test
    @Proves({Rule.M_2, Rule.M_6, Rule.M_7})
    void what_is_left_of_a_lowered_limit_counts_wherever_it_stands() {
        LimitKey key = LimitKey.queue(QUEUE);
        store().limits().set(Limit.running(key, 5));
        tasks(10);
        List<Taken> five = take(10);
        store().limits().set(Limit.running(key, 2));

        five.subList(0, 4).forEach(taken -> store().runs().finish(taken.lease().fence(), DONE));

        assertThat(take(10)).hasSize(1);
        assertThat(take(10)).isEmpty();
        assertThat(store().limits().holders(key)).hasSize(2);
    }

    @Test
    @Proves(Rule.M_7)
    void the_limit_of_the_other_kind_stays_when_one_is_removed() {
        LimitKey key = LimitKey.queue(QUEUE);
        Limit starts = Limit.starts(key, 3, MINUTE);
        store().limits().set(Limit.running(key, 1));
        store().limits().set(starts);

        store().limits().remove(key, LimitKind.RUNNING);

        assertThat(store().limits().get(key, LimitKind.RUNNING)).isEmpty();
        assertThat(second().limits().get(key, LimitKind.STARTS)).contains(starts);
    }

    @Test
    @Proves({Rule.M_5, Rule.M_7})
    void a_limit_that_is_removed_holds_nothing_back_and_counts_again_when_it_is_set() {
        LimitKey key = LimitKey.queue(QUEUE);
        store().limits().set(Limit.running(key, 1));
        tasks(5);
        Dispatch first = drain().get(0);

        assertThat(store().limits().remove(key, LimitKind.RUNNING)).isTrue();
        assertThat(store().limits().remove(key, LimitKind.RUNNING)).isFalse();
        Dispatch second = next().orElseThrow();
        store().limits().set(Limit.running(key, 3));

        assertThat(store().limits().holders(key))
                .extracting(LimitHolder::runId)
                .containsExactlyInAnyOrder(first.run().id(), second.run().id());
        assertThat(drain()).hasSize(1);
    }

    @Test
    @Proves({Rule.M_7, Rule.G_8})
    void limits_are_listed_by_key_and_kind() {
        List<Limit> all = List.of(
                Limit.running(LimitKey.eachLabel("repo"), 1),
                Limit.running(LimitKey.label("repo", "\ud83d\ude00"), 4),
                Limit.starts(LimitKey.label("repo", "\ud83d\ude00"), 4, MINUTE),
                Limit.running(LimitKey.lane("q", "l"), 2),
                Limit.running(LimitKey.project(given().owner()), 2),
                Limit.running(LimitKey.eachQueue(), 3),
                Limit.running(LimitKey.queue("\ufffd"), 3),
                Limit.running(LimitKey.queue("\ud83d\ude00"), 3),
                Limit.starts(LimitKey.eachTenant(), 5, Duration.ofDays(31)));
        new ArrayList<>(all)
                .stream().sorted((a, b) -> b.hashCode() - a.hashCode()).forEach(store().limits()::set);

        List<Limit> listed = new ArrayList<>();
        Page<Limit> page = store().limits().list(null, 1);
        listed.addAll(page.items());
        while (page.nextCursor() != null) {
            page = second().limits().list(page.nextCursor(), 1);
            listed.addAll(page.items());
        }

        assertThat(listed).containsExactlyElementsOf(all);
        for (Limit limit : all) {
            assertThat(store().limits().get(limit.key(), limit.kind())).contains(limit);
        }
        assertThat(store().limits().get(LimitKey.eachQueue(), LimitKind.STARTS)).isEmpty();
        assertThat(store().limits().get(LimitKey.eachTenant(), LimitKind.RUNNING))
                .isEmpty();
    }

    @Test
    @Proves({Rule.M_7, Rule.G_1})
    void what_is_no_limit_is_refused() {
        LimitKey key = LimitKey.eachQueue();
        refused("most", () -> Limit.running(key, -1));
        refused("most", () -> Limit.running(key, 1_001));
        refused("period", () -> Limit.starts(key, 1, Duration.ofMillis(999)));
        refused("period", () -> Limit.starts(key, 1, Duration.ofDays(31).plus(MICRO)));
        refused("value", () -> LimitKey.queue(" "));
        refused("value", () -> store().limits().holders(key));
        refused("limit", () -> store().limits().list(null, 0));
        refused("cursor", () -> store().limits().list("no cursor", 10));
        refused(
                "limitLabels",
                () -> given().newTask(QUEUE)
                        .limitLabels(Map.of("a", "1", "b", "1", "c", "1", "d", "1", "e", "1"))
                        .build());
        refused(
                "limitLabels",
                () -> given().newTask(QUEUE).limitLabels(Map.of("a", "")).build());

        assertThat(store().limits().list(null, 10).items()).isEmpty();
    }

    private static void refused(String field, Runnable call) {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(call::run)
                .satisfies(error -> assertThat(error.field()).isEqualTo(field));
    }

    @Test
    @Proves({Rule.M_5, Rule.M_7})
    void two_hosts_who_change_one_limit_leave_one_of_both() {
        LimitKey key = LimitKey.queue(QUEUE);
        tasks(8);
        drain();

        Race.values(Race.of(
                4, i -> () -> (i % 2 == 0 ? store() : second()).limits().set(Limit.running(key, 2 + i))));

        int most = store().limits().get(key, LimitKind.RUNNING).orElseThrow().most();
        assertThat(most).isBetween(2, 5);
        assertThat(store().limits().list(null, 10).items()).hasSize(1);
        assertThat(store().limits().holders(key)).hasSize(8);
    }

    @Test
    @Proves({Rule.M_5, Rule.M_6})
    void limits_and_what_they_count_outlive_their_store() {
        LimitKey key = LimitKey.queue(QUEUE);
        store().limits().set(Limit.running(key, 1));
        store().limits().set(Limit.starts(LimitKey.eachTenant(), 1, MINUTE));
        store().limits().set(Limit.running(LimitKey.eachQueue(), 7));
        store().limits().remove(LimitKey.eachQueue(), LimitKind.RUNNING);
        tasks(2);
        Dispatch dispatch = next().orElseThrow();

        if (reopen() == Persistence.NOTHING_KEPT) {
            return;
        }

        assertThat(store().limits().list(null, 10).items()).hasSize(2);
        assertThat(store().limits().holders(key))
                .extracting(LimitHolder::runId)
                .containsExactly(dispatch.run().id());
        assertThat(next()).isEmpty();
        end(dispatch);
        assertThat(next()).isEmpty();
        advance(MINUTE);
        assertThat(next()).isPresent();
    }

    @Test
    @Proves(Rule.M_7)
    void to_remove_a_limit_says_whether_there_was_one_of_its_kind() {
        LimitKey key = LimitKey.queue(QUEUE);
        store().limits().set(Limit.running(key, 1));

        assertThat(store().limits().remove(key, LimitKind.STARTS)).isFalse();
        assertThat(second().limits().remove(key, LimitKind.RUNNING)).isTrue();
        assertThat(store().limits().remove(key, LimitKind.RUNNING)).isFalse();
    }

    @Test
    @Proves({Rule.M_1, Rule.M_7})
    void a_limit_of_each_kind_holds_where_there_is_no_other() {
        Owner owner = given().owner();
        for (LimitKey key : List.of(
                LimitKey.queue(QUEUE),
                LimitKey.lane(QUEUE, "default"),
                tenant(),
                LimitKey.project(owner),
                LimitKey.label("repo", "large"))) {
            store().limits().set(Limit.running(key, 1));
            labelled("repo", "large");
            labelled("repo", "large");

            List<Dispatch> begun = drain();

            assertThat(begun).as(key.text()).hasSize(1);
            assertThat(second().limits().holders(key)).hasSize(1);
            store().limits().remove(key, LimitKind.RUNNING);
            begun.forEach(this::end);
            drain().forEach(this::end);
        }
    }
}
