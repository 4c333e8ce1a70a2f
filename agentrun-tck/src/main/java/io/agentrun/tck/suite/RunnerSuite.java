package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.command.Command;
import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.error.IdempotencyConflictException;
import io.agentrun.error.NotFoundException;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.RunLease;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.runner.Backend;
import io.agentrun.runner.JobPlacement;
import io.agentrun.runner.JobQuery;
import io.agentrun.runner.NewBackend;
import io.agentrun.runner.NewRunner;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.runner.Runner;
import io.agentrun.runner.RunnerInfo;
import io.agentrun.runner.RunnerJob;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Returns the runners, the jobs that
 * were started for runs, and backends.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class RunnerSuite extends ConformanceSuite {

    private static final JobPlacement PLACE =
            new JobPlacement("agents", "job-1", "http://manager", "image:1", "0123abc", "runner");

    /** For adapters. */
    protected RunnerSuite() {}

    @Test
    @Proves(Rule.J_1)
    void a_registered_runner_is_known_as_it_said() {
        RunnerInfo info = RunnerInfo.builder()
                .runId("run_1")
                .attemptId("attempt-1")
                .backendProfile(BackendProfile.DEEPSEEK)
                .placement("node-1")
                .sourceCommit("0123abc")
                .metadata(JsonObject.of("pid", 7))
                .build();

        Runner runner = store().runners().register(NewRunner.of("runner-1", info));

        assertThat(runner.id()).isEqualTo("runner-1");
        assertThat(runner.info()).isEqualTo(info);
        assertThat(runner.heartbeatAt()).isEqualTo(runner.registeredAt());
        assertThat(second().runners().find("runner-1")).contains(runner);
    }

    @Test
    @Proves(Rule.J_1)
    void a_runner_that_registers_again_replaces_what_it_said_and_keeps_its_first_time() {
        Runner first = store().runners()
                .register(NewRunner.of(
                        "runner-1",
                        RunnerInfo.builder()
                                .runId("run-1")
                                .attemptId("attempt-1")
                                .backendProfile(BackendProfile.CODEX)
                                .placement("node-1")
                                .sourceCommit("0123abc")
                                .metadata(JsonObject.of("cpus", 4))
                                .build()));
        advance(Duration.ofMinutes(1));

        Runner again = store().runners().register(NewRunner.of("runner-1", RunnerInfo.unknown()));

        assertThat(again.info()).isEqualTo(RunnerInfo.unknown());
        assertThat(again.registeredAt()).isEqualTo(first.registeredAt());
        assertThat(again.heartbeatAt()).isAfter(first.heartbeatAt());
        assertThat(store().runners().find("runner-1")).contains(again);
    }

    @Test
    @Proves(Rule.J_1)
    void a_runner_without_an_id_gets_one_of_its_own() {
        Runner one = store().runners().register(NewRunner.withoutId(RunnerInfo.unknown()));
        Runner two = store().runners().register(NewRunner.withoutId(RunnerInfo.unknown()));

        assertThat(one.id()).startsWith("runner_").isNotEqualTo(two.id());
        assertThat(store().runners().find(one.id())).contains(one);
        assertThat(store().runners().find("runner_unknown")).isEmpty();
    }

    @Test
    @Proves(Rule.J_1)
    void runners_that_register_under_one_id_at_the_same_moment_all_succeed() {
        List<Race.Finish<Runner>> finishes = Race.of(
                6,
                i -> () -> (i % 2 == 0 ? store() : second())
                        .runners()
                        .register(NewRunner.of("runner-1", RunnerInfo.unknown())));

        assertThat(Race.failures(finishes)).isEmpty();
        assertThat(Race.values(finishes).stream().map(Runner::registeredAt).distinct())
                .hasSize(1);
    }

    @Test
    @Proves({Rule.E_4, Rule.J_1})
    void a_runner_s_metadata_are_stored_redacted() {
        JsonObject metadata = JsonObject.of("apiKey", "0123456789", "nested", List.of(JsonObject.of("password", "pw")));

        Runner runner = store().runners()
                .register(NewRunner.of(
                        "runner-1", RunnerInfo.builder().metadata(metadata).build()));

        assertThat(runner.info().metadata().toJson()).doesNotContain("0123456789", "\"pw\"");
        assertThat(second().runners().find("runner-1")).contains(runner);
    }

    @Test
    @Proves({Rule.E_4, Rule.J_2})
    void what_a_job_and_a_backend_report_is_stored_redacted() {
        String secret = "ghp_" + "0123456789abcdefghijABCDEFGHIJ012345";
        JsonObject report = JsonObject.of("log", "with " + secret, "token", "hunter2");
        Run run = given().run();
        JobPlacement place = new JobPlacement(
                PLACE.namespace(),
                PLACE.jobName(),
                "https://host.example/?key=" + secret,
                PLACE.image(),
                PLACE.sourceCommit(),
                PLACE.serviceAccountName());

        RunnerJob job = store().runners()
                .saveJob(job(run, given().turn(run))
                        .placement(place)
                        .result(report)
                        .build());
        store().runners()
                .saveBackend(NewBackend.of(BackendProfile.CODEX)
                        .withCapabilities(report)
                        .withCapacity(report)
                        .withHealth(report));

        assertThat(job.placement().managerUrl())
                .startsWith("https://host.example/")
                .doesNotContain(secret);
        assertThat(job.result().toJson()).contains("with ").doesNotContain(secret, "hunter2");
        assertThat(second().runners().listJobs(run.id())).containsExactly(job);
        assertThat(store().runners().backends())
                .filteredOn(backend -> backend.profile().equals(BackendProfile.CODEX))
                .singleElement()
                .satisfies(backend -> assertThat(List.of(backend.capabilities(), backend.capacity(), backend.health()))
                        .allSatisfy(json ->
                                assertThat(json.toJson()).contains("with ").doesNotContain(secret, "hunter2")));
    }

    @Test
    @Proves(Rule.J_2)
    void a_saved_job_is_found_under_its_key_and_listed() {
        Run run = given().run();
        Command turn = given().turn(run);
        NewRunnerJob input = job(run, turn)
                .result(JsonObject.of("ok", true))
                .idempotencyKey("key-1")
                .build();

        RunnerJob saved = store().runners().saveJob(input);

        assertThat(saved.id()).startsWith("rjob_");
        assertThat(saved.runId()).isEqualTo(run.id());
        assertThat(saved.commandId()).isEqualTo(turn.id());
        assertThat(saved.attemptId()).isEqualTo("attempt-1");
        assertThat(saved.runnerId()).isEqualTo("runner-1");
        assertThat(saved.placement()).isEqualTo(PLACE);
        assertThat(saved.result()).isEqualTo(JsonObject.of("ok", true));
        assertThat(second().runners().findJob(run.id(), "key-1")).contains(saved);
        assertThat(second().runners().listJobs(run.id())).containsExactly(saved);
    }

    @Test
    @Proves(Rule.J_2)
    void jobs_are_listed_oldest_first_for_a_run_or_one_of_its_commands() {
        Run run = given().run();
        Command first = given().turn(run);
        Command other = given().turn(run);
        RunnerJob one = store().runners().saveJob(job(run, first).build());
        advance(Duration.ofSeconds(1));
        RunnerJob two = store().runners().saveJob(job(run, other).build());
        advance(Duration.ofSeconds(1));
        RunnerJob three = store().runners().saveJob(job(run, first).build());
        RunnerJob four = store().runners().saveJob(job(run, first).build());
        Run elsewhere = given().run();
        store().runners().saveJob(job(elsewhere, given().turn(elsewhere)).build());

        assertThat(store().runners().listJobs(run.id())).containsExactly(one, two, three, four);
        assertThat(store().runners().listJobs(JobQuery.ofCommand(run.id(), first.id())))
                .containsExactly(one, three, four);
        assertThat(store().runners().listJobs(given().run().id())).isEmpty();
    }

    @Test
    @Proves({Rule.J_2, Rule.I_1})
    void the_same_key_returns_the_first_job_also_after_the_run_has_ended() {
        Run run = given().run();
        NewRunnerJob input = job(run, given().turn(run)).idempotencyKey("key-1").build();
        RunnerJob first = store().runners().saveJob(input);
        store().runs().cancel(run.id(), "no more");
        advance(Duration.ofMinutes(1));

        assertThat(second().runners().saveJob(input)).isEqualTo(first);
        assertThat(store().runners().listJobs(run.id())).containsExactly(first);
    }

    @Test
    @Proves({Rule.J_2, Rule.I_1, Rule.G_3})
    void the_same_key_with_any_other_content_is_a_conflict() {
        Run run = given().run();
        Command turn = given().turn(run);
        Command other = given().turn(run);
        RunnerJob first =
                store().runners().saveJob(job(run, turn).idempotencyKey("key-1").build());
        JobPlacement elsewhere = new JobPlacement("agents", "job-2", "http://manager", "image:1", "0123abc", "runner");
        for (NewRunnerJob.Builder changed : List.of(
                job(run, other),
                job(run, turn).attemptId("attempt-2"),
                job(run, turn).runnerId("runner-2"),
                job(run, turn).placement(elsewhere),
                job(run, turn).result(JsonObject.of("ok", false)))) {
            NewRunnerJob input = changed.idempotencyKey("key-1").build();

            watch().run(run)
                    .refuses(
                            IdempotencyConflictException.class,
                            () -> store().runners().saveJob(input));
        }
        assertThat(store().runners().listJobs(run.id())).containsExactly(first);
    }

    @Test
    @Proves({Rule.J_2, Rule.I_1})
    void a_key_is_its_run_s_own_and_jobs_without_one_are_never_the_same() {
        Run one = given().run();
        Run two = given().run();
        Command ofOne = given().turn(one);
        Command ofTwo = given().turn(two);

        Set<String> ids = Set.of(
                store().runners()
                        .saveJob(job(one, ofOne).idempotencyKey("key-1").build())
                        .id(),
                store().runners()
                        .saveJob(job(two, ofTwo).idempotencyKey("key-1").build())
                        .id(),
                store().runners().saveJob(job(one, ofOne).build()).id(),
                store().runners().saveJob(job(one, ofOne).build()).id());

        assertThat(ids).hasSize(4);
        assertThat(store().runners().findJob(one.id(), "another")).isEmpty();
        assertThat(store().runners().findJob("run_unknown", "key-1")).isEmpty();
    }

    @Test
    @Proves({Rule.J_2, Rule.I_2})
    void callers_with_one_new_key_at_the_same_moment_get_one_job() {
        for (int round = 0; round < 10; round++) {
            Run run = given().run();
            NewRunnerJob input =
                    job(run, given().turn(run)).idempotencyKey("key-1").build();

            List<Race.Finish<RunnerJob>> finishes = Race.of(
                    6, i -> () -> (i % 2 == 0 ? store() : second()).runners().saveJob(input));

            assertThat(Race.failures(finishes)).isEmpty();
            assertThat(Set.copyOf(Race.values(finishes))).hasSize(1);
            assertThat(store().runners().listJobs(run.id())).hasSize(1);
        }
    }

    /** D15: a command of another run was accepted. */
    @Test
    @Proves({Rule.J_2, Rule.G_3})
    void a_command_of_another_run_is_not_found() {
        Run run = given().run();
        Run other = given().run();
        Command foreign = given().turn(other);

        NotFoundException refusal = watch().run(run)
                .run(other)
                .refuses(
                        NotFoundException.class,
                        () -> store().runners().saveJob(job(run, foreign).build()));

        assertThat(refusal.what()).isEqualTo("command");
        assertThat(store().runners().listJobs(run.id())).isEmpty();
        assertThat(store().runners().listJobs(other.id())).isEmpty();
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> store().runners().listJobs(JobQuery.ofCommand(run.id(), foreign.id())));
    }

    /** D15: jobs were accepted for runs that had ended. */
    @Test
    @Proves({Rule.J_2, Rule.R_2, Rule.G_3})
    void a_job_for_an_ended_run_is_refused() {
        RunLease lease = given().claimed();
        Command turn = given().acknowledgedTurn(lease);
        store().runs().finish(lease.fence(), TurnResult.of(Outcome.completed()));

        watch().run(lease.run())
                .refuses(
                        AlreadyTerminalException.class,
                        () -> store().runners()
                                .saveJob(job(lease.run(), turn)
                                        .idempotencyKey("new")
                                        .build()));

        assertThat(store().runners().listJobs(lease.run().id())).isEmpty();
    }

    /** D3: saving a job deadlocked with the end of its command. */
    @Test
    @Proves({Rule.J_2, Rule.C_7})
    void jobs_are_saved_while_their_command_ends() {
        for (int round = 0; round < 10; round++) {
            RunLease lease = given().claimed();
            Command turn = given().acknowledgedTurn(lease);

            List<Race.Finish<Object>> finishes = Race.of(
                    4,
                    i -> () -> i == 0
                            ? store().commands().finish(lease.fence(), turn.id(), TurnResult.of(Outcome.completed()))
                            : second().runners().saveJob(job(lease.run(), turn).build()));

            assertThat(Race.failures(finishes)).isEmpty();
            assertThat(store().runners().listJobs(lease.run().id())).hasSize(3);
        }
    }

    @Test
    @Proves(Rule.J_3)
    void every_store_begins_with_the_three_known_backends() {
        assertThat(store().runners().backends())
                .extracting(Backend::profile)
                .containsExactly(BackendProfile.CODEX, BackendProfile.DEEPSEEK, BackendProfile.MINIMAX_M3);
    }

    @Test
    @Proves(Rule.J_3)
    void a_saved_backend_is_added_or_replaces_the_one_of_its_profile_as_a_whole() {
        BackendProfile profile = BackendProfile.of("a-new-one");
        Backend first = store().runners()
                .saveBackend(NewBackend.of(profile)
                        .withCapabilities(JsonObject.of("steer", true))
                        .withHealth(JsonObject.of("up", true)));
        advance(Duration.ofMinutes(1));

        Backend saved = store().runners().saveBackend(NewBackend.of(profile).withCapacity(JsonObject.of("slots", 3)));

        assertThat(saved.capabilities()).isEqualTo(JsonObject.empty());
        assertThat(saved.capacity()).isEqualTo(JsonObject.of("slots", 3));
        assertThat(saved.health()).isEqualTo(JsonObject.empty());
        assertThat(saved.updatedAt()).isEqualTo(first.updatedAt().plus(Duration.ofMinutes(1)));
        List<Backend> backends = second().runners().backends();
        assertThat(backends).hasSize(4).contains(saved);
        assertThat(backends).extracting(backend -> backend.profile().wire()).isSorted();
    }

    private static NewRunnerJob.Builder job(Run run, Command command) {
        return NewRunnerJob.builder(run.id(), command.id())
                .attemptId("attempt-1")
                .runnerId("runner-1")
                .placement(PLACE);
    }
}
