package io.agentrun.rules;

import static io.agentrun.samples.Runs.EARLIER;
import static io.agentrun.samples.Runs.NOW;
import static io.agentrun.samples.Runs.OTHER_RUN;
import static io.agentrun.samples.Runs.RUN;
import static io.agentrun.samples.Runs.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.command.CommandState;
import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.error.NotFoundException;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Idempotency;
import io.agentrun.runner.Backend;
import io.agentrun.runner.JobPlacement;
import io.agentrun.runner.NewBackend;
import io.agentrun.runner.NewRunner;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.runner.Runner;
import io.agentrun.runner.RunnerInfo;
import io.agentrun.runner.RunnerJob;
import io.agentrun.samples.Runs.At;
import io.agentrun.samples.Turns;
import org.junit.jupiter.api.Test;

class RunnerRulesTest {

    private static final JobPlacement PLACEMENT =
            new JobPlacement("agents", "job-1", "http://host:8080", "image:1", "abc123", null);
    private static final NewRunnerJob JOB = NewRunnerJob.builder(RUN, "cmd_1")
            .attemptId("attempt_1")
            .runnerId("runner_1")
            .placement(PLACEMENT)
            .result(JsonObject.of("created", true))
            .idempotencyKey("key_1")
            .build();

    @Test
    void a_runner_is_new_once_and_keeps_its_first_registration() {
        RunnerInfo moved = RunnerInfo.builder().placement("elsewhere").build();

        Runner first = RunnerRules.register(NewRunner.withoutId(RunnerInfo.unknown()), "runner_1", null, EARLIER);
        Runner again = RunnerRules.register(NewRunner.of("runner_1", moved), "runner_1", first, NOW);

        assertThat(first).isEqualTo(new Runner("runner_1", RunnerInfo.unknown(), EARLIER, EARLIER));
        assertThat(again).isEqualTo(new Runner("runner_1", moved, EARLIER, NOW));
    }

    @Test
    void a_command_of_another_run_is_not_found() {
        CommandHead own = Turns.active("cmd_1", RUN, CommandState.PENDING);
        CommandHead other = Turns.active("cmd_2", OTHER_RUN, CommandState.PENDING);

        assertThatCode(() -> RunnerRules.requireOwn(RUN, own)).doesNotThrowAnyException();
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> RunnerRules.requireOwn(RUN, other))
                .returns("command", NotFoundException::what)
                .returns("cmd_2", NotFoundException::id);
    }

    @Test
    void a_job_has_what_it_was_given_its_key_and_one_time() {
        RunnerJob job = RunnerRules.job(JOB, run(At.CLAIMED), "job_1", NOW);

        Idempotency key = new Idempotency("key_1", JOB.contentHash());
        assertThat(job)
                .isEqualTo(new RunnerJob(
                        "job_1", RUN, "cmd_1", "attempt_1", "runner_1", PLACEMENT, JOB.result(), key, NOW, NOW));
    }

    @Test
    void an_ended_run_takes_no_job() {
        assertThatExceptionOfType(AlreadyTerminalException.class)
                .isThrownBy(() -> RunnerRules.job(JOB, run(At.COMPLETED), "job_1", NOW));
    }

    @Test
    void a_backend_is_as_described_since_now() {
        NewBackend input = NewBackend.of(BackendProfile.CODEX).withCapacity(JsonObject.of("slots", 3));

        assertThat(RunnerRules.backend(input, NOW))
                .isEqualTo(new Backend(
                        BackendProfile.CODEX, JsonObject.empty(), JsonObject.of("slots", 3), JsonObject.empty(), NOW));
    }
}
