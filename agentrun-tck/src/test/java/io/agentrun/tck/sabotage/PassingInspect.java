package io.agentrun.tck.sabotage;

import io.agentrun.InspectStore;
import io.agentrun.inspect.Bounds;
import io.agentrun.inspect.Diagnosis;
import io.agentrun.inspect.Explanation;

/** Passes every call on; a sabotage overrides one. */
class PassingInspect implements InspectStore {

    final InspectStore real;

    PassingInspect(InspectStore real) {
        this.real = real;
    }

    @Override
    public Explanation task(String taskId) {
        return real.task(taskId);
    }

    @Override
    public Explanation run(String runId) {
        return real.run(runId);
    }

    @Override
    public Explanation command(String commandId) {
        return real.command(commandId);
    }

    @Override
    public Diagnosis doctor(Bounds bounds) {
        return real.doctor(bounds);
    }

    @Override
    public Explanation session(String sessionId) {
        return real.session(sessionId);
    }
}
