package io.agentrun.rules;

import static io.agentrun.samples.Runs.NOW;
import static io.agentrun.samples.Runs.OTHER_RUN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.inspect.Explanation;
import io.agentrun.inspect.NextStep;
import io.agentrun.inspect.Reason;
import io.agentrun.model.Owner;
import io.agentrun.queue.AttemptReport;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.samples.Runs;
import io.agentrun.samples.Tasks;
import io.agentrun.samples.Tasks.At;
import io.agentrun.samples.Turns;
import io.agentrun.session.Session;
import io.agentrun.storage.SessionStorageException;
import io.agentrun.storage.StorageIntent;
import io.agentrun.storage.StorageState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Every state of a task, with every session that it may name, and of a session: what is said to come next is what the rules do. */
class ExplainStatesTest {

    private static final QueueRules.DispatchIds IDS = new QueueRules.DispatchIds("run_8", "cmd_8");
    private static final Instant LATER = NOW.plus(Duration.ofMinutes(1));

    private static final Session FOREIGN = Session.builder(
                    Turns.SESSION, new Owner("other", "web"), Runs.SPEC.backendProfile())
            .createdAt(NOW)
            .updatedAt(NOW)
            .build();

    /** A task and what its session is. */
    private record Situation(QueueTask task, @Nullable Session session) {

        private Explanation explained(Instant now) {
            return ExplainRules.task(task, session, now);
        }
    }

    private static List<@Nullable Session> sessions() {
        List<@Nullable Session> sessions = new ArrayList<>(
                Arrays.asList(null, Turns.idle(), Turns.ended(), Turns.running(OTHER_RUN, "cmd_9"), FOREIGN));
        for (StorageState state : StorageState.values()) {
            sessions.add(Turns.stored(Turns.idle(), state));
            sessions.add(Turns.stored(Turns.ended(), state));
        }
        return sessions;
    }

    private static List<Situation> all() {
        List<Situation> all = new ArrayList<>();
        for (At at : At.values()) {
            for (Session session : sessions()) {
                QueueTask task = Tasks.task(at, session == null ? null : Turns.SESSION);
                for (Instant due : Arrays.asList(null, NOW.minusNanos(1_000), NOW, LATER)) {
                    all.add(new Situation(task.toBuilder().notBefore(due).build(), session));
                }
            }
        }
        return all;
    }

    @Test
    void every_state_of_a_task_moves_as_its_explanation_says() {
        Set<NextStep> seen = EnumSet.noneOf(NextStep.class);
        for (Situation situation : all()) {
            NextStep next = situation.explained(NOW).next();
            seen.add(next);
            assertThat(next).as(situation.toString()).isEqualTo(nextByTheRules(situation));
        }

        assertThat(seen)
                .containsExactlyInAnyOrder(
                        NextStep.NONE, NextStep.TIME, NextStep.TURN_END, NextStep.DISPATCH, NextStep.REPORT);
    }

    private static NextStep nextByTheRules(Situation situation) {
        QueueTask task = situation.task();
        if (task.state().terminal()) {
            return NextStep.NONE;
        }
        if (task.state() == TaskState.RUNNING) {
            return NextStep.REPORT;
        }
        if (!QueueRules.due(task, NOW)) {
            return NextStep.TIME;
        }
        Session session = situation.session();
        return session != null && session.activity().activeCommandId() != null ? NextStep.TURN_END : NextStep.DISPATCH;
    }

    @Test
    void a_task_that_is_said_to_be_due_is_dispatched_and_one_that_is_said_to_be_refused_is_blocked_with_that_reason() {
        int dispatched = 0;
        int blocked = 0;
        for (Situation situation : all()) {
            Explanation explained = situation.explained(NOW);
            if (explained.next() == NextStep.DISPATCH) {
                Change change = QueueRules.dispatch(situation.task(), situation.session(), IDS, null, NOW);
                if (explained.reason() instanceof Reason.Refused refused) {
                    assertThat(change.created().runs()).isEmpty();
                    assertThat(change.task(Tasks.TASK).orElseThrow())
                            .matches(task -> task.state() == TaskState.BLOCKED)
                            .matches(task -> task.outcome() != null
                                    && refused.failureKind()
                                            .equals(task.outcome().failureKind()));
                    blocked++;
                } else {
                    assertThat(change.created().runs()).as(situation.toString()).hasSize(1);
                    dispatched++;
                }
            }
        }

        assertThat(dispatched).isPositive();
        assertThat(blocked).isPositive();
    }

    @Test
    void a_task_that_is_said_to_wait_for_time_waits_for_that_very_time() {
        for (Situation situation : all()) {
            if (situation.explained(NOW).reason() instanceof Reason.Delayed delayed) {
                Instant before = delayed.until().minusNanos(1_000);
                assertThat(QueueRules.due(situation.task(), before)).isFalse();
                assertThat(QueueRules.due(situation.task(), delayed.until())).isTrue();
                assertThat(situation.explained(before).next()).isEqualTo(NextStep.TIME);
                assertThat(situation.explained(delayed.until()).next()).isNotEqualTo(NextStep.TIME);
            }
        }
    }

    @Test
    void a_task_that_is_said_to_wait_for_a_report_takes_one() {
        for (At at : List.of(At.BY_HOST, At.BY_HOST_LAST)) {
            QueueTask task = Tasks.task(at);
            Reason.Reported reason =
                    (Reason.Reported) ExplainRules.task(task, null, NOW).reason();
            int number = task.latestAttempt() == null ? 0 : task.latestAttempt().number();

            Change change = QueueRules.report(
                    task, AttemptReport.ended(task.id(), number, reason.attemptId(), Runs.FAILED), NOW);

            assertThat(change.task(task.id()).orElseThrow().state()).isNotEqualTo(TaskState.RUNNING);
        }
    }

    @Test
    void every_state_of_a_session_moves_as_its_explanation_says() {
        for (Session session : sessions().stream()
                .flatMap(Stream::ofNullable)
                .filter(session -> session.activity().activeCommandId() == null)
                .toList()) {
            Explanation explained = ExplainRules.session(session);
            long generation = session.storage().generation();
            switch (explained.next()) {
                case NEW_TURN ->
                    assertThatCode(() -> StorageRules.requireUsable(session)).doesNotThrowAnyException();
                case EVICTION ->
                    assertThat(StorageRules.confirmEvicted(session, generation, NOW)
                                    .session(session.id()))
                            .isPresent();
                case PROVISION -> {
                    assertThatThrownBy(() -> StorageRules.requireUsable(session))
                            .isInstanceOf(SessionStorageException.class);
                    Session provisioned = StorageRules.provision(
                                    session, new StorageIntent(session.id(), "agents", "claim-b"), NOW)
                            .session(session.id())
                            .orElseThrow();
                    assertThat(ExplainRules.session(provisioned).next()).isEqualTo(NextStep.NEW_TURN);
                }
                default -> throw new AssertionError("unexpected: " + explained);
            }
        }
    }
}
