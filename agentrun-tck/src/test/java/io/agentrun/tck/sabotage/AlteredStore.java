package io.agentrun.tck.sabotage;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.command.CommandPage;
import io.agentrun.event.EventPage;
import io.agentrun.event.RunEvent;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.model.Page;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueStats;
import io.agentrun.queue.QueueTask;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.runner.JobQuery;
import io.agentrun.runner.RunnerJob;
import io.agentrun.session.Session;
import java.util.List;
import java.util.function.UnaryOperator;

/** A store that shows its records otherwise than they are: each list, and each record, passes through one function. */
final class AlteredStore {

    UnaryOperator<List<Run>> runs = UnaryOperator.identity();
    UnaryOperator<List<Command>> commands = UnaryOperator.identity();
    UnaryOperator<List<RunEvent>> events = UnaryOperator.identity();
    UnaryOperator<List<QueueTask>> tasks = UnaryOperator.identity();
    UnaryOperator<List<RunnerJob>> jobs = UnaryOperator.identity();
    UnaryOperator<QueueStats> stats = UnaryOperator.identity();
    UnaryOperator<Session> session = UnaryOperator.identity();

    AgentRunStore over(InMemoryAgentRunStore real) {
        PassingStore store = new PassingStore(real);
        store.runs = new PassingRuns(store.runs) {
            @Override
            public Run get(String id) {
                return runs.apply(List.of(real.get(id))).get(0);
            }

            @Override
            public Page<Run> list(RunQuery query) {
                Page<Run> page = real.list(query);
                return new Page<>(runs.apply(page.items()), page.nextCursor());
            }
        };
        store.commands = new PassingCommands(store.commands) {
            @Override
            public Command get(String id) {
                return commands.apply(List.of(real.get(id))).get(0);
            }

            @Override
            public CommandPage list(String runId, long after, int limit) {
                CommandPage page = real.list(runId, after, limit);
                return new CommandPage(runId, commands.apply(page.items()), page.nextAfterSeq());
            }
        };
        store.events = new PassingEvents(store.events) {
            @Override
            public EventPage list(String runId, long after, int limit) {
                EventPage page = real.list(runId, after, limit);
                return new EventPage(runId, events.apply(page.items()), page.nextAfterSeq(), page.ended());
            }
        };
        store.queue = new PassingQueue(store.queue) {
            @Override
            public QueueTask get(String id) {
                return tasks.apply(List.of(real.get(id))).get(0);
            }

            @Override
            public Page<QueueTask> list(QueueQuery query) {
                Page<QueueTask> page = real.list(query);
                return new Page<>(tasks.apply(page.items()), page.nextCursor());
            }

            @Override
            public QueueStats stats(QueueScope scope) {
                return stats.apply(real.stats(scope));
            }
        };
        store.runners = new PassingRunners(store.runners) {
            @Override
            public List<RunnerJob> listJobs(JobQuery query) {
                return jobs.apply(real.listJobs(query));
            }
        };
        store.sessions = new LyingSessions(store.sessions, session);
        return store;
    }
}
