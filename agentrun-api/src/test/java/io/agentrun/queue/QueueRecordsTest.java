package io.agentrun.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.agentrun.error.FailureKind;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TerminalStatus;
import io.agentrun.run.SessionRef;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class QueueRecordsTest {

    private static final Owner OWNER = new Owner("t", "p");
    private static final RunSpec SPEC = RunSpec.of(BackendProfile.CODEX);
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void wire_strings_go_both_ways_and_unknown_ones_are_refused() {
        for (TaskState state : TaskState.values()) {
            assertThat(TaskState.fromWire("state", state.wire())).isSameAs(state);
        }
        for (String unknown : new String[] {"", "PENDING", "done", null}) {
            assertRefused("state", () -> TaskState.fromWire("state", unknown));
        }
        assertThat(TaskState.values())
                .filteredOn(state -> !state.terminal())
                .containsExactly(TaskState.PENDING, TaskState.RUNNING);
        for (TerminalStatus status : TerminalStatus.values()) {
            assertThat(TaskState.of(status).wire()).isEqualTo(status.wire());
        }
    }

    @Test
    void a_new_task_has_defaults() {
        NewQueueTask task = task().build();

        assertThat(task)
                .isEqualTo(new NewQueueTask(
                        OWNER,
                        new TaskPlace("q", "default", 0),
                        "title",
                        SPEC,
                        new TaskContent(JsonObject.empty(), List.of(), JsonObject.empty(), null, null),
                        new RetryPolicy(1, Duration.ZERO),
                        null,
                        null,
                        null,
                        null,
                        Map.of()));
    }

    @Test
    void a_new_task_is_checked() {
        assertRefused("owner", () -> NewQueueTask.builder(null, "q", "t", SPEC).build());
        assertRefused(
                "queue", () -> NewQueueTask.builder(OWNER, null, "t", SPEC).build());
        assertRefused(
                "queue",
                () -> NewQueueTask.builder(OWNER, "x".repeat(201), "t", SPEC).build());
        assertRefused(
                "title", () -> NewQueueTask.builder(OWNER, "q", null, SPEC).build());
        assertRefused("spec", () -> NewQueueTask.builder(OWNER, "q", "t", null).build());
        assertRefused("lane", () -> task().lane("").build());
        assertRefused("priority", () -> task().priority(1_000_001).build());
        assertRefused("priority", () -> task().priority(-1_000_001).build());
        assertRefused("payload", () -> task().payload(null).build());
        assertRefused("references", () -> task().references(null).build());
        assertRefused(
                "references[]",
                () -> task().references(Collections.singletonList(null)).build());
        assertRefused(
                "references",
                () -> task().references(Collections.nCopies(1_001, JsonObject.empty()))
                        .build());
        assertRefused("retry", () -> task().retry(null).build());
        assertRefused("notBefore", () -> task().notBefore(Instant.MAX).build());
        assertRefused(
                "idempotencyKey", () -> task().idempotencyKey("x".repeat(256)).build());
        assertRefused(
                "sessionPath",
                () -> new NewQueueTask(
                        OWNER,
                        TaskPlace.in("q"),
                        "t",
                        SPEC,
                        TaskContent.of(JsonObject.empty()).withSessionPath("/s"),
                        RetryPolicy.none(),
                        null,
                        null,
                        null,
                        null,
                        Map.of()));
    }

    @Test
    void a_retry_policy_is_within_its_bounds() {
        assertThat(RetryPolicy.of(100, Duration.ofDays(30)).maxAttempts()).isEqualTo(100);
        assertThat(RetryPolicy.of(2, Duration.ofNanos(1_999)).delay()).isEqualTo(Duration.ofNanos(1_000));
        assertRefused("maxAttempts", () -> RetryPolicy.of(0, Duration.ZERO));
        assertRefused("maxAttempts", () -> RetryPolicy.of(101, Duration.ZERO));
        assertRefused("delay", () -> RetryPolicy.of(1, null));
        assertRefused("delay", () -> RetryPolicy.of(1, Duration.ofNanos(-1)));
        assertRefused("delay", () -> RetryPolicy.of(1, Duration.ofDays(30).plusNanos(1)));
    }

    @Test
    void the_content_hash_knows_every_field_but_the_key() {
        NewQueueTask task = task().build();

        assertThat(task().idempotencyKey("k").build().contentHash()).isEqualTo(task.contentHash());
        assertThat(List.of(
                        NewQueueTask.builder(new Owner("t", "p2"), "q", "title", SPEC)
                                .build(),
                        NewQueueTask.builder(OWNER, "q2", "title", SPEC).build(),
                        NewQueueTask.builder(OWNER, "q", "title 2", SPEC).build(),
                        NewQueueTask.builder(OWNER, "q", "title", RunSpec.of(BackendProfile.DEEPSEEK))
                                .build(),
                        task().lane("l").build(),
                        task().priority(1).build(),
                        task().payload(JsonObject.of("a", 1)).build(),
                        task().metadata(JsonObject.of("a", 1)).build(),
                        task().references(List.of(JsonObject.of("a", 1))).build(),
                        task().session(SessionRef.of("s")).build(),
                        task().retry(RetryPolicy.of(2, Duration.ZERO)).build(),
                        task().retry(RetryPolicy.of(1, Duration.ofSeconds(1))).build(),
                        task().notBefore(NOW).build()))
                .extracting(NewQueueTask::contentHash)
                .doesNotHaveDuplicates()
                .doesNotContain(task.contentHash());
    }

    @Test
    void a_report_says_one_thing() {
        assertThat(AttemptReport.running("qt_1", 1, "a").outcome()).isNull();
        assertThat(AttemptReport.ended("qt_1", 1, "a", Outcome.failed(FailureKind.BACKEND_FAILED, "x"))
                        .state())
                .isEqualTo(TaskState.FAILED);
        assertThat(report(TaskState.COMPLETED, null).outcome()).isEqualTo(Outcome.completed());
        assertThat(report(TaskState.CANCELLED, null).outcome().status()).isEqualTo(TerminalStatus.CANCELLED);
        assertRefused("state", () -> report(TaskState.PENDING, null));
        assertRefused("state", () -> report(null, null));
        assertRefused("outcome", () -> report(TaskState.RUNNING, Outcome.completed()));
        assertRefused("outcome", () -> report(TaskState.FAILED, Outcome.completed()));
        assertRefused("outcome", () -> report(TaskState.FAILED, null));
        assertRefused("outcome", () -> AttemptReport.ended("qt_1", 1, "a", null));
        assertRefused("attempt", () -> AttemptReport.running("qt_1", 0, "a"));
        assertRefused("attemptId", () -> AttemptReport.running("qt_1", 1, ""));
        assertRefused("details", () -> AttemptReport.running("qt_1", 1, "a").withDetails(null));
    }

    @Test
    void queries_and_requests_are_checked() {
        QueueQuery query = QueueQuery.inQueue("q");

        assertThat(query).isEqualTo(new QueueQuery(TenantScope.all(), "q", null, null, null, 50));
        assertRefused("queue", () -> QueueQuery.inQueue(null));
        assertRefused("scope", () -> QueueQuery.in(null));
        assertRefused("limit", () -> query.withLimit(0));
        assertRefused("lane", () -> query.withLane(" "));
        assertRefused("queue", () -> DispatchRequest.fromQueue(null));
        assertRefused("backendProfiles", () -> DispatchRequest.any().withBackendProfiles(null));
        assertRefused(
                "backendProfiles[]",
                () -> DispatchRequest.any().withBackendProfiles(new HashSet<>(Collections.singletonList(null))));
        assertThat(DispatchRequest.any()
                        .withBackendProfiles(Set.of(BackendProfile.CODEX))
                        .backendProfiles())
                .containsExactly(BackendProfile.CODEX);
        assertRefused("queue", () -> QueueScope.inQueue(""));
        assertRefused("scope", () -> QueueScope.all().withScope(null));
    }

    @Test
    void the_time_to_be_claimed_is_from_a_second_to_thirty_days_or_none() {
        DispatchRequest request = DispatchRequest.any().withLane("l");
        for (Duration bad : List.of(
                Duration.ZERO,
                Duration.ofSeconds(-1),
                Duration.ofSeconds(1).minusNanos(1),
                Duration.ofDays(30).plusNanos(1),
                Duration.ofSeconds(Long.MAX_VALUE))) {
            assertRefused("claimWithin", () -> request.withClaimWithin(bad));
        }

        assertThat(request.claimWithin()).isNull();
        assertThat(request.withClaimWithin(Duration.ofSeconds(1).plusNanos(1_001)))
                .isEqualTo(new DispatchRequest(
                        TenantScope.all(),
                        null,
                        "l",
                        Set.of(),
                        Duration.ofSeconds(1).plusNanos(1_000)));
        assertThat(request.withClaimWithin(Duration.ofDays(30)).withClaimWithin(null))
                .isEqualTo(request);
    }

    @Test
    void what_is_spent_are_the_attempts_that_have_ended_but_for_unclaimed_ones() {
        TaskAttempt third = TaskAttempt.dispatched(3, "run_3", "cmd_3", NOW).withUnclaimed(1, 1);
        QueueTask.Builder task = QueueTask.builder(
                        "qt_1",
                        new Owner("t", "p"),
                        new TaskPlace("q", "l", 0),
                        "a task",
                        RunSpec.of(BackendProfile.CODEX))
                .createdAt(NOW)
                .updatedAt(NOW);

        assertThat(task.build().spent()).isZero();
        assertThat(task.latestAttempt(third).build().spent()).isEqualTo(1);
        assertThat(task.latestAttempt(third.ended(Outcome.completed(), NOW))
                        .build()
                        .spent())
                .isEqualTo(2);
        assertRefused("unclaimedInRow", () -> third.withUnclaimed(1, 2));
    }

    @Test
    void the_fingerprint_tells_filters_apart_and_not_pages() {
        QueueQuery query = QueueQuery.in(TenantScope.all());

        assertThat(query.withCursor("c").withLimit(7).fingerprint()).isEqualTo(query.fingerprint());
        assertThat(List.of(
                        query,
                        query.withScope(TenantScope.tenant("a")),
                        query.withScope(TenantScope.project("a", "a")),
                        query.withQueue("a"),
                        query.withLane("a"),
                        query.withState(TaskState.PENDING)))
                .extracting(QueueQuery::fingerprint)
                .doesNotHaveDuplicates();
    }

    @Test
    void statistics_name_every_state_and_sort_lanes() {
        QueueStats stats = new QueueStats(
                QueueScope.all(),
                Map.of(TaskState.FAILED, 2L),
                Map.of("b", Map.of(TaskState.FAILED, 1L), "a", Map.of(TaskState.FAILED, 1L)),
                0,
                0,
                null,
                NOW);

        assertThat(stats.byState())
                .hasSize(6)
                .containsEntry(TaskState.FAILED, 2L)
                .containsEntry(TaskState.PENDING, 0L);
        assertThat(stats.byLane().keySet()).containsExactly("a", "b");
        assertThat(stats.byLane().get("a")).hasSize(6);
        assertRefused("byLane", () -> new QueueStats(QueueScope.all(), Map.of(), null, 0, 0, null, NOW));
    }

    @Test
    void a_task_and_statistics_are_plain_json() throws Exception {
        ObjectMapper mapper = new ObjectMapper();
        QueueTask task = stored().latestAttempt(
                        TaskAttempt.dispatched(1, "run_1", "cmd_1", NOW).ended(Outcome.completed(), NOW))
                .retry(RetryPolicy.of(3, Duration.ofMinutes(5)))
                .state(TaskState.COMPLETED)
                .build();

        JsonNode json = mapper.readTree(mapper.writeValueAsString(task));
        JsonNode stats = mapper.readTree(
                mapper.writeValueAsString(new QueueStats(QueueScope.inQueue("q"), Map.of(), Map.of(), 0, 0, NOW, NOW)));

        assertThat(mapper.treeToValue(json, QueueTask.class)).isEqualTo(task);
        assertThat(json.size()).isEqualTo(QueueTask.class.getRecordComponents().length);
        assertThat(json.at("/place/lane").asText()).isEqualTo("default");
        assertThat(json.at("/state").asText()).isEqualTo("completed");
        assertThat(json.at("/retry/delay").asText()).isEqualTo("PT5M");
        assertThat(json.at("/latestAttempt/number").asInt()).isEqualTo(1);
        assertThat(json.at("/latestAttempt/endedAt").asText()).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(json.at("/content/references").isArray()).isTrue();
        assertThat(json.at("/notBefore").isNull()).isTrue();
        assertThat(stats.at("/byState/pending").asLong(-1)).isZero();
        assertThat(stats.at("/oldestPendingAt").asText()).isEqualTo("2026-01-01T00:00:00Z");
    }

    @Test
    void a_builder_begins_with_what_the_record_holds() {
        QueueTask task = stored().build();

        assertThat(task.toBuilder().build()).isEqualTo(task);
        assertThat(task.attempts()).isZero();
        assertThat(task.toBuilder()
                        .latestAttempt(TaskAttempt.reported(2, "a", JsonObject.empty(), NOW))
                        .build()
                        .attempts())
                .isEqualTo(2);
        assertRefused("createdAt", () -> task.toBuilder().createdAt(null).build());
    }

    private static NewQueueTask.Builder task() {
        return NewQueueTask.builder(OWNER, "q", "title", SPEC);
    }

    private static QueueTask.Builder stored() {
        return QueueTask.builder("qt_1", OWNER, TaskPlace.in("q"), "title", SPEC)
                .version(1)
                .createdAt(NOW)
                .updatedAt(NOW);
    }

    private static AttemptReport report(TaskState state, Outcome outcome) {
        return new AttemptReport("qt_1", 1, "a", state, outcome, JsonObject.empty(), null);
    }

    private static void assertRefused(String field, ThrowingCallable call) {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(call)
                .matches(e -> e.field().equals(field), "names " + field);
    }
}
