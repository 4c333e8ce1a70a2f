package io.agentrun.spring;

import io.agentrun.StoreCall;
import io.agentrun.StoreListener;
import io.agentrun.command.FinishedTurn;
import io.agentrun.model.TraceContext;
import io.agentrun.run.Run;
import io.agentrun.worker.MaintenanceListener;
import io.agentrun.worker.Turn;
import io.agentrun.worker.WorkerListener;
import java.util.List;
import java.util.Optional;

/** Makes one listener of all that a host has. A listener that throws keeps those after it from hearing of that one thing. */
final class Listeners {

    private Listeners() {}

    /** Returns a listener that tells all of them: in their order that a call begins, the other way round that it has ended. */
    static StoreListener all(List<StoreListener> listeners) {
        List<StoreListener> real =
                listeners.stream().filter(each -> each != StoreListener.NONE).toList();
        if (real.isEmpty()) {
            return StoreListener.NONE;
        }
        return real.size() == 1 ? real.get(0) : new All(real);
    }

    private record All(List<StoreListener> listeners) implements StoreListener {

        @Override
        public void begins(String store, String operation) {
            listeners.forEach(each -> each.begins(store, operation));
        }

        @Override
        public Optional<TraceContext> trace() {
            return listeners.stream().flatMap(each -> each.trace().stream()).findFirst();
        }

        @Override
        public void ended(StoreCall call) {
            for (int i = listeners.size() - 1; i >= 0; i--) {
                listeners.get(i).ended(call);
            }
        }
    }

    /** Returns a listener that tells all of them. */
    static WorkerListener ofWorker(List<WorkerListener> listeners) {
        return new WorkerListener() {
            @Override
            public void started(Turn turn) {
                listeners.forEach(each -> each.started(turn));
            }

            @Override
            public void finished(FinishedTurn turn) {
                listeners.forEach(each -> each.finished(turn));
            }

            @Override
            public void lost(Run run, String reason) {
                listeners.forEach(each -> each.lost(run, reason));
            }

            @Override
            public void released(Run run) {
                listeners.forEach(each -> each.released(run));
            }

            @Override
            public void failed(String call, RuntimeException failure) {
                listeners.forEach(each -> each.failed(call, failure));
            }
        };
    }

    /** Returns a listener that tells all of them. */
    static MaintenanceListener ofMaintenance(List<MaintenanceListener> listeners) {
        return new MaintenanceListener() {
            @Override
            public void passed(String task, long changed) {
                listeners.forEach(each -> each.passed(task, changed));
            }

            @Override
            public void failed(String task, RuntimeException failure) {
                listeners.forEach(each -> each.failed(task, failure));
            }
        };
    }
}
