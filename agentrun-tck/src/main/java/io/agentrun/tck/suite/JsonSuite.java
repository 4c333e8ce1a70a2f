package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.agentrun.command.Command;
import io.agentrun.command.NewCommand;
import io.agentrun.error.IdempotencyConflictException;
import io.agentrun.error.InvalidInputException;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.RunLease;
import io.agentrun.model.Limits;
import io.agentrun.model.RunSpec;
import io.agentrun.queue.AttemptReport;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.Rule;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import io.agentrun.runner.JobPlacement;
import io.agentrun.runner.NewBackend;
import io.agentrun.runner.NewRunner;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.runner.RunnerInfo;
import io.agentrun.session.Session;
import io.agentrun.session.SessionUpsert;
import io.agentrun.tck.Proves;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/**
 * JSON objects: kept as they are, equal where their values are, refused where a store could not keep them.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class JsonSuite extends ConformanceSuite {

    private static final int MAX = Limits.DEFAULTS.maxPayloadBytes();

    /** For adapters. */
    protected JsonSuite() {}

    /** D12: a NUL was a raw database error, and half an emoji another. */
    @Test
    @Proves(Rule.G_1)
    void what_no_database_could_keep_never_becomes_an_object() {
        for (String bad : List.of("a\u0000b", "half \uD83D", "\uDE00 half")) {
            refused(() -> JsonObject.of("key", bad));
            refused(() -> JsonObject.of(bad, "value"));
            refused(() -> JsonObject.of("key", List.of(Map.of("deep", bad))));
        }
        refused(() -> JsonObject.parse("{\"key\":\"a\\u0000b\"}"));
        refused(() -> JsonObject.parse("{\"key\":\"\\ud83d\"}"));
        for (String bad : List.of("", "[1]", "1", "null", "\"text\"", "{", "{} {}", "{'a':1}", "{\"a\":NaN}")) {
            refused(() -> JsonObject.parse(bad));
        }
    }

    @Test
    @Proves(Rule.G_1)
    void an_object_may_be_so_deep_and_so_large_and_no_more() {
        refused(() -> JsonObject.parse(nested(JsonObject.MAX_DEPTH + 1)));
        refused(() -> JsonObject.of("key", "x".repeat(JsonObject.MAX_BYTES)));
        JsonObject deepest = JsonObject.parse(nested(JsonObject.MAX_DEPTH));
        JsonObject largest = ofSize(MAX);

        for (JsonObject payload : List.of(deepest, largest, ofWideSize(MAX))) {
            Run run = given().run();
            Command turn = store().commands().create(run.id(), NewCommand.turn(payload));
            RunEvent event = store().events().appendUnfenced(run.id(), new NewEvent(EventType.DIFF, payload));

            assertThat(second().commands().get(turn.id()).payload()).isEqualTo(payload);
            assertThat(second().events().list(run.id(), event.seq() - 1, 1).items())
                    .containsExactly(event);
        }
    }

    /** D13: there was no limit; 200 MB were accepted. */
    @Test
    @Proves({Rule.G_1, Rule.G_3})
    void an_object_over_the_store_s_limit_is_refused_by_every_operation_that_takes_one() {
        Operations.Ids ids = Operations.known(given());
        Run run = store().runs().get(ids.run());

        tooLarge(ids).forEach((name, call) -> {
            InvalidInputException refusal = watch().run(run)
                    .session(ids.session())
                    .task(ids.task())
                    .refuses(InvalidInputException.class, () -> {
                        call.call();
                        return name;
                    });
            assertThat(refusal.field()).as(name).isEqualTo(name.substring(0, name.indexOf(' ')));
        });
    }

    /** A call as AssertJ takes it, without its checked Throwable. */
    private interface Call {
        void call();
    }

    /** Every operation that takes an object; the first word is the field. */
    private Map<String, Call> tooLarge(Operations.Ids ids) {
        JsonObject large = ofSize(MAX + 1);
        Map<String, Call> calls = new LinkedHashMap<>();
        RunSpec spec = given().spec();
        Map.of(
                        "workspaceRef", spec.toBuilder().workspaceRef(large).build(),
                        "executionPolicy",
                                spec.toBuilder().executionPolicy(large).build(),
                        "resourceBundleRef",
                                spec.toBuilder().resourceBundleRef(large).build(),
                        "traceSink", spec.toBuilder().traceSink(large).build())
                .forEach((field, bad) -> calls.put(
                        field + " of a run",
                        () -> store().runs()
                                .create(NewRun.builder(given().owner(), bad).build())));
        SessionRef ref = SessionRef.of("session_new").withMetadata(large);
        calls.put(
                "metadata of a run's session",
                () -> store().runs().create(given().newRun().session(ref).build()));
        calls.put("payload of a command", () -> store().commands().create(ids.run(), NewCommand.turn(large)));
        NewEvent event = new NewEvent(EventType.DIFF, large);
        calls.put("payload of an event", () -> store().events().appendUnfenced(ids.run(), event));
        SessionUpsert upsert = given().newSession().metadata(large).build();
        calls.put("metadata of a session", () -> store().sessions().upsert(upsert));
        calls.put(
                "payload of a task",
                () -> store().queue().create(given().newTask("q").payload(large).build()));
        calls.put(
                "metadata of a task",
                () -> store().queue()
                        .create(given().newTask("q").metadata(large).build()));
        calls.put(
                "references of a task",
                () -> store().queue()
                        .create(given().newTask("q").references(List.of(large)).build()));
        calls.put(
                "details of an attempt",
                () -> store().queue()
                        .updateAttempt(
                                AttemptReport.running(ids.task(), 1, "a-1").withDetails(large)));
        RunnerInfo info = RunnerInfo.builder().metadata(large).build();
        calls.put("metadata of a runner", () -> store().runners().register(NewRunner.withoutId(info)));
        NewBackend backend = NewBackend.of(Given.PROFILE);
        calls.put("capabilities of a backend", () -> store().runners().saveBackend(backend.withCapabilities(large)));
        calls.put("capacity of a backend", () -> store().runners().saveBackend(backend.withCapacity(large)));
        calls.put("health of a backend", () -> store().runners().saveBackend(backend.withHealth(large)));
        NewRunnerJob job = NewRunnerJob.builder(ids.run(), ids.command())
                .attemptId("attempt")
                .runnerId(Given.RUNNER)
                .placement(new JobPlacement("agents", "job", "http://m", "image", "abc", null))
                .result(large)
                .build();
        calls.put("result of a job", () -> store().runners().saveJob(job));
        return calls;
    }

    @Test
    @Proves({Rule.G_1, Rule.E_1})
    void objects_come_back_equal_whatever_is_in_them() {
        JsonObject odd =
                JsonObject.parse("{\"\":\"\",\" \":null,\"\uD83D\uDE00\":[[],{},[null]],\"b\":true,\"a\":false,"
                        + "\"text\":\"\\u0001\\t\\n\\\\\\\"\\u2028\\uffff'%_$1\",\"\\\\u0000\":\"\\\\u0000\","
                        + "\"big\":123456789012345678901234567890,\"small\":0.000000000000000000000001,"
                        + "\"long\":-9223372036854775808,\"exp\":1e30,\"zero\":-0.0,\"tenth\":0.10}");
        Run run = store().runs()
                .create(NewRun.builder(
                                given().owner(),
                                given().spec().toBuilder()
                                        .workspaceRef(odd)
                                        .executionPolicy(odd)
                                        .resourceBundleRef(odd)
                                        .traceSink(odd)
                                        .build())
                        .build());
        RunEvent event = store().events().appendUnfenced(run.id(), new NewEvent(EventType.DIFF, odd));
        Session session =
                store().sessions().upsert(given().newSession().metadata(odd).build());
        QueueTask task = store().queue()
                .create(given().newTask("q")
                        .payload(odd)
                        .metadata(odd)
                        .references(List.of(odd, JsonObject.empty(), odd))
                        .build());

        assertThat(second().runs().get(run.id())).isEqualTo(run);
        assertThat(run.spec().workspaceRef()).isEqualTo(odd);
        assertThat(second().events().list(run.id(), event.seq() - 1, 1).items()).containsExactly(event);
        assertThat(event.payload()).isEqualTo(odd);
        assertThat(second().sessions().get(session.id()).metadata()).isEqualTo(odd);
        assertThat(second().queue().get(task.id())).isEqualTo(task);
        assertThat(second().queue().get(task.id()).content().references())
                .containsExactly(odd, JsonObject.empty(), odd);
        assertThat(second().runs().get(run.id()).spec().workspaceRef().toJson()).isEqualTo(odd.toJson());
    }

    @Test
    @Proves(Rule.I_1)
    void content_is_equal_whatever_the_order_of_keys_and_the_way_to_write_a_number() {
        RunLease lease = given().claimed();
        String runId = lease.run().id();
        Command first = create(runId, "{\"a\":1,\"b\":{\"c\":100,\"d\":[1,2]}}");

        assertThat(create(runId, "{\"b\":{\"d\":[1.0,2],\"c\":1e2},\"a\":1.00}"))
                .isEqualTo(first);
        for (String other : List.of(
                "{\"a\":1,\"b\":{\"c\":100,\"d\":[2,1]}}",
                "{\"a\":\"1\",\"b\":{\"c\":100,\"d\":[1,2]}}",
                "{\"a\":1,\"b\":{\"c\":100,\"d\":[1,2]},\"n\":null}")) {
            watch().run(lease.run()).refuses(IdempotencyConflictException.class, () -> create(runId, other));
        }
    }

    private Command create(String runId, String json) {
        return store().commands()
                .create(runId, NewCommand.turn(JsonObject.parse(json)).withIdempotencyKey("key-1"));
    }

    private static JsonObject ofSize(int bytes) {
        return JsonObject.of("key", "x".repeat(bytes - "{\"key\":\"\"}".length()));
    }

    /** An object of as many bytes in fewer characters. */
    private static JsonObject ofWideSize(int bytes) {
        int inside = bytes - "{\"key\":\"\"}".length();
        return JsonObject.of("key", "x".repeat(inside % 3) + "\u20AC".repeat(inside / 3));
    }

    private static String nested(int depth) {
        return "{\"a\":".repeat(depth - 1) + "{}" + "}".repeat(depth - 1);
    }

    private static void refused(ThrowingCallable call) {
        assertThat(catchThrowable(call)).isExactlyInstanceOf(InvalidInputException.class);
    }
}
