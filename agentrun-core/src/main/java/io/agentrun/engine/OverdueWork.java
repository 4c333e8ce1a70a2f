package io.agentrun.engine;

import io.agentrun.backend.StoreReads.Overdue;
import io.agentrun.engine.report.Failures;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.rules.Change;
import io.agentrun.rules.DeadlineRules;
import io.agentrun.rules.RunView;
import java.time.Instant;
import java.util.List;
import java.util.function.BiFunction;

/** Judges tasks and runs whose deadlines are over, some at a time and each in a transaction of its own. */
final class OverdueWork {

    /** How many are judged at most by one call. */
    private static final int MOST = 100;

    private final Context context;
    private final Queue queue;

    OverdueWork(Context context, Queue queue) {
        this.context = context;
        this.queue = queue;
    }

    /**
     * Returns how many were ended or asked to cancel. A transaction of the host would keep the locks of them all, so that nothing is judged
     * in one.
     */
    int judge() {
        if (!context.backend().commitsSteps()) {
            return 0;
        }
        List<Overdue> found = context.backend().read(reads -> reads.overdue(MOST));
        int judged = 0;
        for (Overdue each : found) {
            judged += judge(each) ? 1 : 0;
        }
        return judged;
    }

    private boolean judge(Overdue each) {
        String runId = each.runId();
        String taskId = each.taskId();
        try {
            if (runId != null) {
                Judge rule = new Judge();
                Runs.end(context, runId, rule);
                return rule.judged;
            }
            return taskId != null && queue.judge(taskId);
        } catch (NotFoundException gone) {
            // It had ended, and was deleted, since it was found.
            return false;
        } catch (StoreUnavailableException e) {
            if (Failures.isOfOneItem(e)) {
                return false;
            }
            throw e;
        }
    }

    /** Remembers whether the run was judged. Not thread-safe: one thread at a time. */
    private static final class Judge implements BiFunction<RunView, Instant, Change> {
        private boolean judged;

        @Override
        public Change apply(RunView view, Instant now) {
            Change change = DeadlineRules.run(view, now);
            judged = !change.events().isEmpty();
            return change;
        }
    }
}
