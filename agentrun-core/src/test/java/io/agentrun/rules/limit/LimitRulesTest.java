package io.agentrun.rules.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.limit.Limit;
import io.agentrun.limit.LimitKey;
import io.agentrun.limit.LimitKind;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskPlace;
import io.agentrun.rules.limit.LimitRules.Grant;
import io.agentrun.rules.limit.LimitRules.Need;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LimitRulesTest {

    private static final Instant NOW = Instant.parse("2026-01-31T09:15:00Z");
    private static final LimitKey QUEUE = LimitKey.queue("q");
    private static final QueueTask TASK = task("qt_1", Map.of("repo", "x"));

    private static QueueTask task(String id, Map<String, String> labels) {
        return QueueTask.builder(id, new Owner("t", "p"), TaskPlace.in("q"), "a task", RunSpec.of(BackendProfile.CODEX))
                .createdAt(NOW)
                .updatedAt(NOW)
                .limitLabels(labels)
                .build();
    }

    private static LimitSlot slot(int number, String runId) {
        return new LimitSlot(QUEUE, LimitKind.RUNNING, number, NOW, runId);
    }

    @Test
    void a_task_counts_by_its_place_its_owner_and_its_labels() {
        assertThat(LimitRules.values(TASK))
                .containsExactly(
                        QUEUE,
                        LimitKey.lane("q", "default"),
                        LimitKey.tenant("t"),
                        LimitKey.project(new Owner("t", "p")),
                        LimitKey.label("repo", "x"));
    }

    @Test
    void the_limit_of_a_value_stands_in_place_of_the_one_for_each_of_its_kind() {
        Limit own = Limit.running(LimitKey.tenant("t"), 9);
        Limit each = Limit.running(LimitKey.eachTenant(), 2);
        Limit starts = Limit.starts(LimitKey.eachTenant(), 2, Duration.ofMinutes(1));
        Limit others = Limit.running(LimitKey.tenant("u"), 1);

        assertThat(LimitRules.needs(TASK, List.of(each, own, starts, others)))
                .containsExactly(new Need(LimitKey.tenant("t"), own), new Need(LimitKey.tenant("t"), starts));
    }

    @Test
    void a_start_no_longer_counts_exactly_a_period_after_it() {
        Limit limit = Limit.starts(QUEUE, 1, Duration.ofMinutes(1));
        LimitSlot taken = new LimitSlot(QUEUE, LimitKind.STARTS, 1, NOW, null);

        assertThat(LimitRules.isFree(taken, limit, NOW.plusSeconds(60).minusNanos(1_000)))
                .isFalse();
        assertThat(LimitRules.isFree(taken, limit, NOW.plusSeconds(60))).isTrue();
    }

    @Test
    void slots_above_a_lowered_limit_leave_fewer_below_it() {
        Limit two = Limit.running(QUEUE, 2);

        assertThat(LimitRules.free(two, List.of(), NOW)).containsExactly(1, 2);
        assertThat(LimitRules.free(two, List.of(slot(1, null), slot(5, "run_5")), NOW))
                .containsExactly(1);
        assertThat(LimitRules.free(two, List.of(slot(4, "run_4"), slot(5, "run_5")), NOW))
                .isEmpty();
        assertThat(LimitRules.free(Limit.running(QUEUE, 0), List.of(), NOW)).isEmpty();
    }

    @Test
    void tasks_get_all_their_slots_or_none_in_their_order() {
        Need queue = new Need(QUEUE, Limit.running(QUEUE, 3));
        Need repo = new Need(LimitKey.label("repo", "x"), Limit.running(LimitKey.eachLabel("repo"), 1));
        Map<String, List<Need>> needs = new LinkedHashMap<>();
        needs.put("a", List.of(queue, repo));
        needs.put("b", List.of(queue, repo));
        needs.put("c", List.of(queue));
        needs.put("d", List.of(queue));
        needs.put("e", List.of());

        Map<String, Grant> grants = LimitRules.assign(needs, need -> need.equals(queue) ? List.of(2, 3) : List.of(1));

        assertThat(grants.get("a").slots()).extracting(LimitSlot::number).containsExactly(2, 1);
        assertThat(grants.get("b")).isEqualTo(new Grant(List.of(), repo));
        assertThat(grants.get("c").slots()).extracting(LimitSlot::number).containsExactly(3);
        assertThat(grants.get("d")).isEqualTo(new Grant(List.of(), queue));
        assertThat(grants.get("e")).isEqualTo(Grant.UNLIMITED);
    }

    @Test
    void attempts_under_way_get_the_lowest_numbers_that_nobody_has() {
        assertThat(LimitRules.occupied(QUEUE, List.of("run_a", "run_b"), List.of(slot(1, null), slot(2, "run_2")), NOW))
                .containsExactly(slot(1, "run_a"), slot(3, "run_b"));
    }

    /** Whatever begins, ends and changes: what begins finds fewer than the limit allows, and what could begin is offered. */
    @Test
    void whatever_happens_nothing_begins_beside_as_many_as_the_limit_allows() {
        Random random = new Random(7);
        Map<Integer, LimitSlot> slots = new TreeMap<>();
        int most = 3;
        for (int step = 0; step < 5_000; step++) {
            List<LimitSlot> taken =
                    slots.values().stream().filter(slot -> slot.runId() != null).toList();
            switch (random.nextInt(5)) {
                case 0 -> most = random.nextInt(7);
                case 1 -> {
                    if (!taken.isEmpty()) {
                        LimitSlot ended = taken.get(random.nextInt(taken.size()));
                        slots.put(ended.number(), ended.freed());
                    }
                }
                default -> {
                    List<Integer> free =
                            LimitRules.free(Limit.running(QUEUE, most), new ArrayList<>(slots.values()), NOW);
                    assertThat(free).hasSize(Math.max(0, most - taken.size()));
                    if (!free.isEmpty()) {
                        int number = free.get(random.nextInt(free.size()));
                        slots.put(number, slot(number, "run_" + step));
                    }
                }
            }
        }
    }
}
