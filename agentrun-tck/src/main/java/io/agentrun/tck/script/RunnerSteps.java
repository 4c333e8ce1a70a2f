package io.agentrun.tck.script;

import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.runner.Backend;
import io.agentrun.runner.JobPlacement;
import io.agentrun.runner.JobQuery;
import io.agentrun.runner.NewBackend;
import io.agentrun.runner.NewRunner;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.runner.RunnerInfo;
import java.util.List;

/** Steps that register runners and save jobs and backends. */
final class RunnerSteps {

    private static final JobPlacement PLACEMENT =
            new JobPlacement("agents", "job-1", "http://manager", "agent:1", "c0ffee", null);

    private final Dice dice;

    RunnerSteps(Dice dice) {
        this.dice = dice;
    }

    Step next() {
        return switch (dice.below(8)) {
            case 0, 1 -> register();
            case 2 -> {
                String runner = dice.runner();
                yield Step.of("find " + runner, side -> side.store().runners().find(runner));
            }
            case 3, 4, 5 -> saveJob(dice.run());
            case 6 -> findJob(dice.run());
            default -> saveBackend();
        };
    }

    private Step register() {
        String runner = dice.runner();
        RunnerInfo info = RunnerInfo.builder()
                .backendProfile(dice.profile())
                .metadata(JsonObject.of("load", dice.below(3), "token", "a secret"))
                .build();
        return Step.of(
                "register " + runner + ": " + info,
                side -> side.store().runners().register(NewRunner.of(runner, info)));
    }

    Step saveJob(String run) {
        String command = dice.percent(80) ? run + ".a" : dice.command(run);
        String key = dice.percent(70) ? dice.key() : null;
        String attempt = "a-" + dice.below(2);
        return Step.of(
                "save a job of " + command + " in " + run + ", attempt " + attempt + ", key " + key,
                side -> side.store()
                        .runners()
                        .saveJob(NewRunnerJob.builder(side.id(run), side.id(command))
                                .attemptId(attempt)
                                .runnerId("w-1")
                                .placement(PLACEMENT)
                                .idempotencyKey(key)
                                .build()));
    }

    Step findJob(String run) {
        String key = dice.key();
        return Step.of(
                "find the job " + key + " of " + run,
                side -> side.store().runners().findJob(side.id(run), key));
    }

    private Step saveBackend() {
        NewBackend backend =
                NewBackend.of(BackendProfile.of("mine")).withCapacity(JsonObject.of("slots", dice.below(4)));
        return Step.of("save " + backend, side -> side.store().runners().saveBackend(backend));
    }

    /** The backends without their times: those that a store begins with are older than the script. */
    static Step backends() {
        return Step.of(
                "in the end, all backends",
                side -> side.store().runners().backends().stream()
                        .map(RunnerSteps::timeless)
                        .toList());
    }

    private static List<Object> timeless(Backend backend) {
        return List.of(backend.profile(), backend.capabilities(), backend.capacity(), backend.health());
    }

    /** The jobs of the run with that number in the script. */
    static Step jobs(int run) {
        return Step.of(
                "in the end, all jobs of run " + (run + 1),
                side -> side.store()
                        .runners()
                        .listJobs(JobQuery.ofRun(side.runs().get(run))));
    }
}
