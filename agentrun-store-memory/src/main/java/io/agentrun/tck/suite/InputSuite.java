package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.CancelMode;
import io.agentrun.Limits;
import io.agentrun.Outcome;
import io.agentrun.RunSpec;
import io.agentrun.TurnResult;
import io.agentrun.command.Command;
import io.agentrun.command.NewCommand;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.NotFoundException;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Heartbeat;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.lease.RunLease;
import io.agentrun.rules.Rule;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.tck.Proves;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/**
 * Bad input to runs, leases, commands and events: a typed error that names the field, before anything changes.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class InputSuite extends ConformanceSuite {

    private static final Outcome DONE = Outcome.completed();
    private static final NewEvent EVENT = new NewEvent(EventType.DIFF, JsonObject.empty());
    private static final List<String> BAD_IDS =
            Arrays.asList(null, "", " ", " run_1", "run_1\n", "run\u0000", "x".repeat(201), "run_\ud83d");

    /** For adapters to nest. */
    protected InputSuite() {}

    @Test
    @Proves({Rule.G_1, Rule.G_3})
    void ids_that_break_the_rule_for_ids_are_refused() {
        for (String bad : BAD_IDS) {
            refused("runId", () -> store().runs().get(bad));
            refused("runId", () -> store().runs().cancel(bad, "why"));
            refused("runId", () -> store().runs().finishUnclaimed(bad, DONE));
            refused("runId", () -> store().leases().claim(bad, Given.RUNNER, Given.LEASE));
            refused("runnerId", () -> store().leases().claim("run_1", bad, Given.LEASE));
            refused("runId", () -> store().leases().recover(bad, 1));
            refused("runId", () -> store().commands().create(bad, given().newTurn("go")));
            refused("commandId", () -> store().commands().get(bad));
            refused("runId", () -> store().commands().list(bad, 0, 1));
            refused("commandId", () -> store().commands().cancel(bad, "why"));
            refused("commandId", () -> store().commands().acknowledge(fence(), bad));
            refused("commandId", () -> store().commands().finish(fence(), bad, TurnResult.of(DONE)));
            refused("runId", () -> store().events().appendUnfenced(bad, EVENT));
            refused("runId", () -> store().events().list(bad, 0, 1));
            refused("runId", () -> store().events().await(bad, 0, 1, Duration.ZERO));
        }
    }

    @Test
    @Proves({Rule.G_1, Rule.G_2})
    void ids_of_the_greatest_length_are_looked_for() {
        String longest = "\ud83d\ude00".repeat(200);

        watch().refuses(NotFoundException.class, () -> store().runs().get(longest));
        assertThat(store().leases()
                        .claim(given().run().id(), longest, Given.LEASE)
                        .fence()
                        .runnerId())
                .isEqualTo(longest);
    }

    @Test
    @Proves(Rule.G_1)
    @NullUnmarked
    void what_is_missing_is_named() {
        refused("input", () -> store().runs().create(null));
        refused("query", () -> store().runs().list(null));
        refused("fence", () -> store().runs().finish(null, TurnResult.of(DONE)));
        refused("result", () -> store().runs().finish(fence(), null));
        refused("outcome", () -> store().runs().finishUnclaimed("run_1", null));
        refused("reason", () -> store().runs().cancel("run_1", null));
        refused("mode", () -> store().runs().cancel("run_1", "why", null));
        refused("request", () -> store().runs().purge(null));
        refused("lease", () -> store().leases().claim("run_1", Given.RUNNER, null));
        refused("request", () -> store().leases().claimNext(null));
        refused("fence", () -> store().leases().heartbeat(null, Given.LEASE));
        refused("lease", () -> store().leases().heartbeat(fence(), null));
        refused("fence", () -> store().leases().release(null));
        refused("query", () -> store().leases().listExpired(null));
        refused("query", () -> store().leases().recoverExpired(null));
        refused("input", () -> store().commands().create("run_1", null));
        refused("fence", () -> store().commands().await(null, 1, Duration.ZERO));
        refused("timeout", () -> store().commands().await(fence(), 1, null));
        refused("fence", () -> store().commands().acknowledge(null, "cmd_1"));
        refused("fence", () -> store().commands().finish(null, "cmd_1", TurnResult.of(DONE)));
        refused("result", () -> store().commands().finish(fence(), "cmd_1", null));
        refused("reason", () -> store().commands().cancel("cmd_1", null));
        refused("fence", () -> store().events().append(null, List.of(EVENT)));
        refused("events", () -> store().events().append(fence(), (List<NewEvent>) null));
        refused("event", () -> store().events().append(fence(), (NewEvent) null));
        refused("events", () -> store().events().appendUnfenced("run_1", (List<NewEvent>) null));
        refused("timeout", () -> store().events().await("run_1", 0, 1, null));
        InvalidInputException item = watch().refuses(
                        InvalidInputException.class,
                        () -> store().events().append(fence(), Arrays.asList(EVENT, null)));
        assertThat(item.field()).startsWith("events");
    }

    @Test
    @Proves({Rule.G_1, Rule.G_3})
    void leases_out_of_the_stores_limits_are_refused_and_the_limits_are_not() {
        RunLease held = given().claimed();
        Run pending = given().run();
        Watch watch = watch().run(held.run()).run(pending);
        List<Duration> bad = List.of(
                Duration.ZERO,
                Duration.ofSeconds(-1),
                Duration.ofMillis(99),
                Duration.ofHours(24).plusNanos(1),
                Duration.ofSeconds(Long.MAX_VALUE));

        for (Duration lease : bad) {
            for (Callable<?> call : List.<Callable<?>>of(
                    () -> store().leases().claim(pending.id(), Given.RUNNER, lease),
                    () -> store().leases().claimNext(ClaimRequest.by(Given.RUNNER, lease)),
                    () -> store().leases().heartbeat(held.fence(), lease))) {
                assertThat(watch.refuses(InvalidInputException.class, call).field())
                        .isEqualTo("lease");
            }
        }
        for (Duration lease : List.of(Limits.DEFAULTS.minLease(), Limits.DEFAULTS.maxLease())) {
            Heartbeat beat = store().leases().heartbeat(held.fence(), lease);
            assertThat(beat.signal()).isEqualTo(LeaseSignal.CONTINUE);
        }
    }

    @Test
    @Proves({Rule.G_1, Rule.G_3})
    void pages_and_waits_out_of_the_stores_limits_are_refused() {
        Run run = given().run();
        int over = Limits.DEFAULTS.maxPage() + 1;
        Duration tooLong = Limits.DEFAULTS.maxWait().plusMillis(1);

        for (int limit : List.of(0, -1, over, Integer.MAX_VALUE, Integer.MIN_VALUE)) {
            refused("limit", () -> store().commands().list(run.id(), 0, limit));
            refused("limit", () -> store().commands().await(fence(), limit, Duration.ZERO));
            refused("limit", () -> store().events().list(run.id(), 0, limit));
            refused("limit", () -> store().events().await(run.id(), 0, limit, Duration.ZERO));
            refused(
                    "limit",
                    () -> store().runs().list(RunQuery.in(given().scope()).withLimit(limit)));
            refused(
                    "limit",
                    () -> store().leases()
                            .listExpired(ExpiredQuery.in(given().scope()).withLimit(limit)));
            refused(
                    "limit",
                    () -> store().leases()
                            .recoverExpired(ExpiredQuery.in(given().scope()).withLimit(limit)));
        }
        for (Duration timeout : List.of(Duration.ofMillis(-1), tooLong, Duration.ofSeconds(Long.MAX_VALUE))) {
            refused("timeout", () -> store().commands().await(fence(), 1, timeout));
            refused("timeout", () -> store().events().await(run.id(), 0, 1, timeout));
        }
        for (long after : List.of(-1L, Long.MIN_VALUE)) {
            refused("afterSeq", () -> store().commands().list(run.id(), after, 1));
            refused("afterSeq", () -> store().events().list(run.id(), after, 1));
            refused("afterSeq", () -> store().events().await(run.id(), after, 1, Duration.ZERO));
        }
        for (long epoch : List.of(0L, -1L)) {
            refused("epoch", () -> store().leases().recover(run.id(), epoch));
        }
        assertThat(store().events().list(run.id(), 0, over - 1).items()).hasSize(1);
        assertThat(store().events().list(run.id(), Long.MAX_VALUE, 1).items()).isEmpty();
        assertThat(store().commands().list(run.id(), Long.MAX_VALUE, 1).items()).isEmpty();
    }

    @Test
    @Proves({Rule.G_1, Rule.G_3})
    void payloads_over_the_stores_limit_are_refused_and_those_at_it_are_not() {
        RunLease lease = given().claimed();
        JsonObject fits = sized(Limits.DEFAULTS.maxPayloadBytes());
        JsonObject over = sized(Limits.DEFAULTS.maxPayloadBytes() + 1);
        Watch watch = watch().run(lease.run());

        for (RunSpec spec : List.of(
                RunSpec.builder(Given.PROFILE).workspaceRef(over).build(),
                RunSpec.builder(Given.PROFILE).executionPolicy(over).build(),
                RunSpec.builder(Given.PROFILE).resourceBundleRef(over).build(),
                RunSpec.builder(Given.PROFILE).traceSink(over).build())) {
            watch.refuses(
                    InvalidInputException.class,
                    () -> store().runs()
                            .create(NewRun.builder(given().owner(), spec).build()));
        }
        assertThat(watch.refuses(
                                InvalidInputException.class,
                                () -> store().commands().create(lease.run().id(), NewCommand.turn(over)))
                        .field())
                .isEqualTo("payload");
        watch.refuses(
                InvalidInputException.class,
                () -> store().events().append(lease.fence(), new NewEvent(EventType.DIFF, over)));

        Command turn = store().commands().create(lease.run().id(), NewCommand.turn(fits));
        assertThat(store().commands().get(turn.id()).payload()).isEqualTo(fits);
        store().events().append(lease.fence(), new NewEvent(EventType.DIFF, fits));
        assertThat(lastEvent(lease.run().id()).payload()).isEqualTo(fits);
    }

    @Test
    @Proves({Rule.G_1, Rule.G_3})
    void reasons_that_no_store_could_keep_are_refused() {
        Run run = given().run();
        Command turn = given().turn(run);

        for (String bad : List.of("nul \u0000", "half \ud83d", "\ude00 half", "x".repeat(16_385))) {
            Watch watch = watch().run(run);
            assertThat(watch.refuses(
                                    InvalidInputException.class,
                                    () -> store().runs().cancel(run.id(), bad, CancelMode.FORCE))
                            .field())
                    .isEqualTo("reason");
            assertThat(watch.refuses(
                                    InvalidInputException.class,
                                    () -> store().commands().cancel(turn.id(), bad))
                            .field())
                    .isEqualTo("reason");
        }
        String longest = "\ud83d\ude00".repeat(16_384);
        assertThat(store().commands().cancel(turn.id(), longest).outcome()).isEqualTo(Outcome.cancelled(longest));
        assertThat(store().runs().cancel(run.id(), "").outcome()).isEqualTo(Outcome.cancelled(""));
    }

    @Test
    @Proves({Rule.G_1, Rule.G_2})
    void input_is_judged_before_existence_fence_and_end() {
        Fence nowhere = new Fence("run_none", Given.RUNNER, 1);
        RunLease ended = given().claimed();
        store().runs().finish(ended.fence(), TurnResult.of(DONE));

        for (Fence fence : List.of(nowhere, ended.fence())) {
            refused("events", () -> store().events().append(fence, List.of()));
            refused("events", () -> store().events().appendUnfenced(fence.runId(), List.of()));
            refused("lease", () -> store().leases().heartbeat(fence, Duration.ZERO));
            refused("lease", () -> store().leases().claim(fence.runId(), Given.RUNNER, Duration.ZERO));
            refused("limit", () -> store().commands().await(fence, 0, Duration.ZERO));
        }
    }

    private void refused(String field, Callable<?> call) {
        assertThat(watch().refuses(InvalidInputException.class, call).field()).isEqualTo(field);
    }

    private static Fence fence() {
        return new Fence("run_1", Given.RUNNER, 1);
    }

    /** An object whose JSON text has so many bytes. */
    private static JsonObject sized(int bytes) {
        return JsonObject.of("a", "x".repeat(bytes - "{\"a\":\"\"}".length()));
    }
}
