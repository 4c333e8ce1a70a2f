package io.agentrun.micrometer;

import io.agentrun.check.Require;
import io.agentrun.error.FailureKind;
import io.agentrun.model.TraceContext;
import io.agentrun.model.TurnResult;
import io.agentrun.worker.Agent;
import io.agentrun.worker.Turn;
import io.agentrun.worker.TurnParkedException;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.util.Optional;

/**
 * Makes an observation {@code agentrun.turn} of each turn that an agent works on, current on the agent's thread meanwhile.
 *
 * <p>Tags: {@code backend}, {@code status} ({@code completed}, {@code failed}, {@code blocked}, {@code cancelled}, {@code parked},
 * {@code thrown}) and {@code failure} (the failure kind, or {@code none}). A turn that is parked is no error. Spans have the ids of run, task and command besides. What was asked and what
 * was answered is in neither.
 *
 * <p>Where a tracer of the host knows W3C Trace Context, the span of the turn is below the one in which its task or run was created, also
 * by another process. What the turn starts (processes, Jobs) goes on with the trace, by {@link Turn#traceBy}: each of them is an
 * observation {@code agentrun.start}, which is over at once.
 *
 * <p>Thread-safe.
 */
public final class ObservedAgent implements Agent {

    /** The name of the observation. */
    public static final String NAME = "agentrun.turn";

    /** The name of the observation of what a turn starts. */
    public static final String START_NAME = "agentrun.start";

    private final ObservationRegistry registry;
    private final Agent agent;
    private final Tags backends = new Tags();
    private final Tags failures = new Tags();

    private ObservedAgent(ObservationRegistry registry, Agent agent) {
        this.registry = registry;
        this.agent = agent;
    }

    /**
     * Returns an agent that does what the given one does.
     *
     * @throws io.agentrun.error.InvalidInputException if a parameter is null
     */
    public static Agent of(ObservationRegistry registry, Agent agent) {
        return new ObservedAgent(Require.given("registry", registry), Require.given("agent", agent));
    }

    @Override
    public boolean resumes() {
        return agent.resumes();
    }

    @Override
    public TurnResult run(Turn turn) throws Exception {
        Observation observation = Observation.createNotStarted(
                        NAME, () -> Traces.receiving(turn.run().spec().traceContext()), registry)
                .contextualName("agentrun turn")
                .lowCardinalityKeyValue(
                        "backend",
                        backends.bounded(turn.run().spec().backendProfile().wire()))
                .highCardinalityKeyValue("agentrun.run", turn.run().id())
                .highCardinalityKeyValue("agentrun.task", turn.task().id())
                .highCardinalityKeyValue("agentrun.command", turn.command().id())
                .start();
        turn.traceBy(() -> handedOn(observation));
        String status = "thrown";
        String failure = FailureKind.BACKEND_FAILED.wire();
        try (Observation.Scope scope = observation.openScope()) {
            TurnResult result = agent.run(turn);
            status = result.outcome().status().wire();
            FailureKind kind = result.outcome().failureKind();
            failure = kind == null ? Tags.NOTHING : failures.bounded(kind.wire());
            return result;
        } catch (TurnParkedException parked) {
            status = "parked";
            failure = Tags.NOTHING;
            throw parked;
        } finally {
            observation.lowCardinalityKeyValue("status", status).lowCardinalityKeyValue("failure", failure);
            if (!failure.equals(Tags.NOTHING)) {
                observation.error(new ObservedFailure(failure));
            }
            observation.stop();
        }
    }

    /** Returns the trace for one thing that the turn starts. */
    private Optional<TraceContext> handedOn(Observation turn) {
        Observation start = Observation.createNotStarted(START_NAME, Traces::sending, registry)
                .contextualName("agentrun start")
                .parentObservation(turn)
                .start();
        start.stop();
        return Traces.sent(start);
    }
}
