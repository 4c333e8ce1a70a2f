package io.agentrun.tck.sabotage;

import io.agentrun.RunnerStore;
import io.agentrun.runner.Backend;
import io.agentrun.runner.JobQuery;
import io.agentrun.runner.NewBackend;
import io.agentrun.runner.NewRunner;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.runner.Runner;
import io.agentrun.runner.RunnerJob;
import java.util.List;
import java.util.Optional;

/** Passes every call on; a sabotage overrides one. */
class PassingRunners implements RunnerStore {

    final RunnerStore real;

    PassingRunners(RunnerStore real) {
        this.real = real;
    }

    @Override
    public Runner register(NewRunner input) {
        return real.register(input);
    }

    @Override
    public Optional<Runner> find(String id) {
        return real.find(id);
    }

    @Override
    public RunnerJob saveJob(NewRunnerJob input) {
        return real.saveJob(input);
    }

    @Override
    public Optional<RunnerJob> findJob(String id, String text) {
        return real.findJob(id, text);
    }

    @Override
    public List<RunnerJob> listJobs(JobQuery input) {
        return real.listJobs(input);
    }

    @Override
    public List<Backend> backends() {
        return real.backends();
    }

    @Override
    public Backend saveBackend(NewBackend input) {
        return real.saveBackend(input);
    }
}
