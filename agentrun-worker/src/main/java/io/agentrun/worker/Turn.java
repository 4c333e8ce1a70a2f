package io.agentrun.worker;

import io.agentrun.SessionStore;
import io.agentrun.check.Require;
import io.agentrun.command.Command;
import io.agentrun.command.Resumed;
import io.agentrun.model.Outcome;
import io.agentrun.model.TraceContext;
import io.agentrun.model.TurnResult;
import io.agentrun.question.NewQuestion;
import io.agentrun.question.QuestionResult;
import io.agentrun.queue.QueueTask;
import io.agentrun.run.Run;
import io.agentrun.session.Session;
import io.agentrun.worker.process.AgentProcess;
import io.agentrun.worker.stream.EventWriter;
import io.agentrun.worker.stream.LineReceiver;
import io.agentrun.worker.stream.OutputText;
import io.agentrun.worker.time.Scheduler;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One turn, as its agent sees it: what is to be done, where output goes, and when to stop.
 *
 * <p>Thread-safe.
 */
public final class Turn {

    private final QueueTask task;
    private final Run run;
    private final Command command;
    private final EventWriter events;
    private final TurnQuestions questions;
    private final SessionStore sessions;
    private final StoreCalls calls;
    private final Scheduler scheduler;
    private final Consumer<Runnable> inOrder;
    private final Duration grace;

    private final Object lock = new Object();
    private final List<AgentProcess> processes = new ArrayList<>();
    private final List<Runnable> whenCancelled = new ArrayList<>();
    private final Deque<Steer> steers = new ArrayDeque<>();
    private @Nullable Consumer<Command> onSteer;
    private @Nullable Supplier<Optional<TraceContext>> trace;
    private @Nullable String cancelReason;
    private boolean over;

    /** A steer, and what takes it over: acknowledges it, hands it to the agent, and ends it. */
    private record Steer(Command command, Consumer<Consumer<Command>> takeOver) {}

    /**
     * Makes a turn that has not begun.
     *
     * @param inOrder runs tasks one after the other
     * @param grace how long a process may take to end
     */
    Turn(
            QueueTask task,
            Run run,
            Command command,
            EventWriter events,
            TurnQuestions questions,
            SessionStore sessions,
            StoreCalls calls,
            Scheduler scheduler,
            Consumer<Runnable> inOrder,
            Duration grace) {
        this.task = task;
        this.run = run;
        this.command = command;
        this.events = events;
        this.questions = questions;
        this.sessions = sessions;
        this.calls = calls;
        this.scheduler = scheduler;
        this.inOrder = inOrder;
        this.grace = grace;
    }

    /** Returns the {@code prompt} of the turn's payload; empty if it has none that is text. */
    public String prompt() {
        return command.payload().string("prompt").orElse("");
    }

    /** Returns the command that the turn is. */
    public Command command() {
        return command;
    }

    /** Returns the run, as it was when it was taken. */
    public Run run() {
        return run;
    }

    /** Returns the task, as it was when it was taken. */
    public QueueTask task() {
        return task;
    }

    /**
     * Reads the session of the run as it is now, the backend's thread with it; empty if the run has none. Each call asks the store,
     * and waits while it is unavailable.
     *
     * @throws CancellationException if the run is held no more
     */
    public Optional<Session> session() {
        String sessionId = run.sessionId();
        if (sessionId == null) {
            return Optional.empty();
        }
        Session session = calls.again(() -> sessions.get(sessionId));
        if (session == null) {
            throw new CancellationException("the run is held no more");
        }
        return Optional.of(session);
    }

    /**
     * Returns the trace that what the turn starts belongs to: what {@link #traceBy} says, otherwise the one in which the run was asked for;
     * empty if there is none. {@link #start} and the agent for Jobs put it into the environment.
     */
    public Optional<TraceContext> trace() {
        Supplier<Optional<TraceContext>> said;
        synchronized (lock) {
            said = trace;
        }
        Optional<TraceContext> own = said == null ? Optional.empty() : said.get();
        return own.isPresent() ? own : run.spec().traceContext();
    }

    /**
     * Sets who says to which trace belongs what the turn starts, for whoever observes the turn by a span of its own. It is asked for each
     * process and Job, on the thread that starts it; what it throws, {@link #start} and {@link #trace} throw.
     *
     * @throws io.agentrun.error.InvalidInputException if it is null
     */
    public void traceBy(Supplier<Optional<TraceContext>> value) {
        Require.given("value", value);
        synchronized (lock) {
            trace = value;
        }
    }

    /** Returns how often the turn was parked, and what became of the questions that it was parked for; empty if it begins. */
    public Optional<Resumed> resumed() {
        return Optional.ofNullable(command.resumed());
    }

    /**
     * Asks a person, and waits for what becomes of the question. An agent that {@link Agent#resumes resumes} waits for
     * {@code AgentWorkerBuilder.parkAfter}; then the run is parked, and this method throws. Any other waits as long as it takes, and keeps
     * its lease.
     *
     * <p>Give the question an idempotency key: a turn that begins anew or is resumed, and asks again under the key, gets the answer at once
     * that is there.
     *
     * @throws TurnParkedException if the run was parked: let it pass
     * @throws CancellationException if the turn was asked to end, or the run is held no more
     * @throws InterruptedException if the thread is interrupted while it waits
     * @throws io.agentrun.error.InvalidInputException if the question is null
     * @throws io.agentrun.error.IdempotencyConflictException if the key is known in the run with other content
     * @throws io.agentrun.error.StateConflictException if too many questions of the run are open
     */
    public QuestionResult ask(NewQuestion question) throws InterruptedException {
        return askAll(List.of(Require.given("question", question))).get(0);
    }

    /**
     * Asks several questions at once, and waits for what becomes of all of them, as {@link #ask} does for one. The results are in the order
     * of the questions.
     *
     * @throws TurnParkedException if the run was parked: let it pass
     * @throws CancellationException if the turn was asked to end, or the run is held no more
     * @throws InterruptedException if the thread is interrupted while it waits
     * @throws io.agentrun.error.InvalidInputException if one is null, or there are more than a run may have open
     * @throws io.agentrun.error.IdempotencyConflictException if a key is known in the run with other content
     * @throws io.agentrun.error.StateConflictException if too many questions of the run are open
     */
    public List<QuestionResult> askAll(List<NewQuestion> asked) throws InterruptedException {
        return questions.ask(this, Require.items("questions", asked));
    }

    /** Returns where the agent's events go. The worker sends what is left, and ends the writer. */
    public EventWriter events() {
        return events;
    }

    /**
     * Starts a process, which is ended with all that it has started when the turn is asked to end: by SIGTERM, and after the worker's
     * {@code stopGrace} by SIGKILL; at once when the lease is lost.
     *
     * <p>The process gets the {@link #trace} of the turn as {@code TRACEPARENT} and {@code TRACESTATE}, unless the builder has a
     * {@code TRACEPARENT} that is not this process's own. The builder is afterwards as it was.
     *
     * @throws IOException if the process cannot be started
     * @throws CancellationException if the turn was asked to end already
     * @throws io.agentrun.error.InvalidInputException if the builder is null
     */
    public Process start(ProcessBuilder builder) throws IOException {
        if (cancelled()) {
            throw new CancellationException("the turn was asked to end");
        }
        Require.given("builder", builder);
        AgentProcess process =
                TraceVariables.with(trace(), builder.environment(), () -> AgentProcess.start(builder, scheduler));
        boolean late;
        synchronized (lock) {
            processes.add(process);
            late = over || cancelReason != null;
        }
        if (late) {
            process.end(grace);
        }
        return process.process();
    }

    /**
     * Sets what takes steers: it is called for each, in order, with those that came before too. A steer is acknowledged before, and
     * completed when the call returns; one that the call throws for is failed. Without it, steers stay pending, and end with the turn.
     */
    public void onSteer(Consumer<Command> handler) {
        Require.given("handler", handler);
        List<Steer> waiting;
        synchronized (lock) {
            onSteer = handler;
            waiting = List.copyOf(steers);
            steers.clear();
        }
        waiting.forEach(steer -> inOrder.accept(() -> steer.takeOver().accept(handler)));
    }

    /**
     * Begins to write the lines of a stream, such as the output of a process of this turn, as {@code command_output} events; of such a
     * process, {@link #exit} returns when that is done.
     */
    public void output(InputStream in) {
        Require.given("in", in);
        AgentProcess process = find(each -> each.process().getInputStream() == in);
        if (process != null) {
            process.output(events.output());
            return;
        }
        AgentProcess ofErrors = find(each -> each.process().getErrorStream() == in);
        if (ofErrors != null) {
            ofErrors.errorOutput(events.output());
            return;
        }
        scheduler.execute(() -> copy(in));
    }

    /**
     * Begins to pass the lines that a process of this turn writes to its standard output to a receiver, which makes events of them;
     * {@link #exit} returns when that is done, and throws what the receiver throws. The process is killed then.
     *
     * @param text how output becomes lines, and how long one may be
     * @throws io.agentrun.error.InvalidInputException if a parameter is null, or the process was not started by this turn
     */
    public void lines(Process process, OutputText text, LineReceiver to) {
        started(process).lines(text, to);
    }

    private AgentProcess started(Process process) {
        return Require.given("process", find(each -> each.process().equals(process)));
    }

    private void copy(InputStream in) {
        try {
            events.output().copy(in);
        } catch (IOException | RuntimeException e) {
            cancel("its output cannot be written: " + e.getClass().getSimpleName());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Waits until a process of this turn has ended and its output is written.
     *
     * @return completed for exit code 0, else failed with {@code backend-failed}; cancelled if the turn was asked to end
     * @throws io.agentrun.error.InvalidInputException if the process was not started by this turn
     * @throws IOException if its output could not be read
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    public TurnResult exit(Process process) throws IOException, InterruptedException {
        Outcome outcome = started(process).await().outcome();
        String reason = cancelReason();
        return TurnResult.of(reason == null ? outcome : Outcome.cancelled(reason));
    }

    /** Returns whether the turn was asked to end, for whatever reason. */
    public boolean cancelled() {
        synchronized (lock) {
            return over || cancelReason != null;
        }
    }

    /** Calls the runnable, once, when the turn is asked to end; at once if it was. */
    public void onCancel(Runnable action) {
        Require.given("action", action);
        synchronized (lock) {
            if (!over && cancelReason == null) {
                whenCancelled.add(action);
                return;
            }
        }
        scheduler.execute(action);
    }

    /** Returns why the turn was asked to end, or null. */
    @Nullable
    String cancelReason() {
        synchronized (lock) {
            return cancelReason;
        }
    }

    /** Takes a steer over, once the agent has said how. */
    void steer(Command steer, Consumer<Consumer<Command>> takeOver) {
        Consumer<Command> handler;
        synchronized (lock) {
            handler = onSteer;
            if (handler == null) {
                steers.add(new Steer(steer, takeOver));
                return;
            }
        }
        Consumer<Command> known = handler;
        inOrder.accept(() -> takeOver.accept(known));
    }

    /** Asks the agent to end. A second call does nothing. */
    void cancel(String reason) {
        List<Runnable> actions;
        List<AgentProcess> running;
        synchronized (lock) {
            if (cancelReason != null || over) {
                return;
            }
            cancelReason = reason;
            actions = List.copyOf(whenCancelled);
            whenCancelled.clear();
            running = List.copyOf(processes);
        }
        running.forEach(process -> process.end(grace));
        actions.forEach(scheduler::execute);
    }

    /** Asks the agent to end, and kills its processes. */
    void kill(String reason) {
        cancel(reason);
        processes().forEach(AgentProcess::kill);
    }

    /** Kills what the agent has left behind; the turn starts nothing any more. */
    void end() {
        synchronized (lock) {
            over = true;
            steers.clear();
        }
        processes().forEach(AgentProcess::close);
    }

    private List<AgentProcess> processes() {
        synchronized (lock) {
            return List.copyOf(processes);
        }
    }

    private @Nullable AgentProcess find(Predicate<AgentProcess> wanted) {
        return processes().stream().filter(wanted).findFirst().orElse(null);
    }
}
