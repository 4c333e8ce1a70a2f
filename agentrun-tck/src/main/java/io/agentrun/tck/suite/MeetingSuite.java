package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.command.FinishedTurn;
import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.error.FailureKind;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.event.EventPage;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Heartbeat;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.lease.RunLease;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionState;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.RetryPolicy;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.RunStatus;
import io.agentrun.run.SessionRef;
import io.agentrun.session.SessionActivity;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/**
 * Calls at the same moment that a store may execute together, or whose check and write may lie apart: what each of them
 * returned, and what is stored then, agree.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class MeetingSuite extends ConformanceSuite {

    private static final int ROUNDS = 20;
    private static final int RUNS = 4;
    private static final int MANY = 16;
    private static final TurnResult DONE = TurnResult.of(Outcome.completed());
    private static final NewEvent EVENT = new NewEvent(EventType.DIFF, JsonObject.empty());

    /** For adapters. */
    protected MeetingSuite() {}

    /** A current and an earlier fence of one runner, for one of several runs. */
    private record Held(Run run, Fence stale, Fence current) {}

    private List<Held> held() {
        List<Held> held = new ArrayList<>();
        for (int i = 0; i < RUNS; i++) {
            RunLease first = given().claimed();
            store().leases().release(first.fence());
            held.add(new Held(
                    first.run(), first.fence(), given().claimed(first.run()).fence()));
        }
        return held;
    }

    /** Calls for every run: two with the current fence, one with the stale one, one with its epoch and the current token. */
    private static <T> List<Race.Finish<T>> race(List<Held> held, IntFunction<Callable<T>> call) {
        return Race.of(held.size() * 4, call);
    }

    private static boolean stale(int caller) {
        return caller / RUNS % 2 == 1;
    }

    private static Fence fence(List<Held> held, int caller) {
        Held one = held.get(caller % RUNS);
        if (!stale(caller)) {
            return one.current();
        }
        Fence stale = one.stale();
        return caller / RUNS == 1 ? stale : Given.altered(one.current(), Given.RUNNER, stale.epoch());
    }

    @Test
    @Proves({Rule.L_1, Rule.E_2, Rule.E_1})
    void appends_to_several_runs_at_once_are_each_held_against_the_epoch_of_their_own_run() {
        for (int round = 0; round < ROUNDS; round++) {
            List<Held> held = held();

            List<Race.Finish<List<RunEvent>>> finishes =
                    race(held, i -> () -> store().events().append(fence(held, i), List.of(EVENT, EVENT)));

            for (int i = 0; i < finishes.size(); i++) {
                if (stale(i)) {
                    assertThat(finishes.get(i).failure()).isExactlyInstanceOf(LeaseConflictException.class);
                } else {
                    assertThat(finishes.get(i).failure()).isNull();
                }
            }
            for (Held one : held) {
                assertThat(diffs(one.run())).hasSize(4);
            }
        }
    }

    @Test
    @Proves({Rule.E_1, Rule.E_3})
    void a_host_s_appends_to_several_runs_at_once_are_each_held_against_the_end_of_their_own_run() {
        for (int round = 0; round < ROUNDS; round++) {
            List<Run> runs = List.of(given().completed(given().run()), given().run(), given().run());

            List<Race.Finish<List<RunEvent>>> finishes = Race.of(
                    runs.size() * 4,
                    i -> () -> store().events()
                            .appendUnfenced(runs.get(i % runs.size()).id(), List.of(EVENT, EVENT)));

            for (int i = 0; i < finishes.size(); i++) {
                if (i % runs.size() == 0) {
                    assertThat(finishes.get(i).failure()).isExactlyInstanceOf(AlreadyTerminalException.class);
                } else {
                    assertThat(finishes.get(i).failure()).isNull();
                }
            }
            assertThat(diffs(runs.get(0))).isEmpty();
            assertThat(diffs(runs.get(1))).hasSize(8);
            assertThat(diffs(runs.get(2))).hasSize(8);
        }
    }

    private List<RunEvent> diffs(Run run) {
        return events(run.id()).stream()
                .filter(event -> event.type() == EventType.DIFF)
                .toList();
    }

    @Test
    @Proves({Rule.L_1, Rule.L_6})
    void heartbeats_of_several_runs_at_once_are_each_held_against_the_epoch_of_their_own_run() {
        for (int round = 0; round < ROUNDS; round++) {
            List<Held> held = held();

            List<Race.Finish<Heartbeat>> finishes =
                    race(held, i -> () -> store().leases().heartbeat(fence(held, i), Given.LEASE));

            assertThat(Race.failures(finishes)).isEmpty();
            for (int i = 0; i < finishes.size(); i++) {
                assertThat(finishes.get(i).value())
                        .extracting(Heartbeat::signal)
                        .isEqualTo(stale(i) ? LeaseSignal.LEASE_LOST : LeaseSignal.CONTINUE);
            }
        }
    }

    @Test
    @Proves({Rule.C_2, Rule.Q_2, Rule.Q_3})
    void a_dispatch_and_new_turns_of_its_session_at_the_same_moment_leave_one_active_turn() {
        for (int round = 0; round < ROUNDS; round++) {
            String queue = given().name("queue");
            String session = given().name("session");
            Run run = given().runIn(session);
            store().queue()
                    .create(given().newTask(queue)
                            .session(SessionRef.of(session))
                            .build());

            List<Race.Finish<Object>> finishes = Race.of(
                    4,
                    i -> i < 2
                            ? () -> at(i).queue().dispatchNext(DispatchRequest.fromQueue(queue))
                            : () -> at(i).commands().create(run.id(), given().newTurn("go")));

            assertThat(Race.failures(finishes)).isEmpty();
            List<Command> turns = new ArrayList<>(Watch.commands(store(), run.id()));
            assertThat(turns).hasSize(2);
            List<Command> dispatched = dispatched(finishes).stream()
                    .map(Dispatch::turn)
                    .map(Command::id)
                    .map(store().commands()::get)
                    .toList();
            assertThat(dispatched).hasSizeLessThan(2);
            assertThat(dispatched)
                    .as("a dispatch passes a session with an open turn over")
                    .allMatch(turn -> turn.order().deliverable());
            turns.addAll(dispatched);
            assertThat(turns)
                    .filteredOn(turn -> turn.order().deliverable())
                    .as("the active turns of one session")
                    .hasSize(1);
            SessionActivity activity = store().sessions().get(session).activity();
            assertThat(turns)
                    .filteredOn(turn -> turn.order().deliverable())
                    .extracting(Command::id)
                    .containsExactly(activity.activeCommandId());
        }
    }

    /** Ends that a store may execute together: each task has its own outcome, and no question of an ended run stays open. */
    @Test
    @Proves({Rule.R_9, Rule.Q_8, Rule.A_5})
    void turns_that_end_at_once_end_their_tasks_and_withdraw_their_questions() {
        for (boolean asking : new boolean[] {false, true}) {
            String queue = given().name("queue");
            List<Dispatch> work = new ArrayList<>();
            List<Fence> fences = new ArrayList<>();
            List<Question> questions = new ArrayList<>();
            for (int i = 0; i < MANY; i++) {
                given().task(queue);
                Dispatch dispatch = given().dispatched(queue);
                RunLease lease = given().claimed(dispatch.run());
                given().acknowledged(lease.fence(), dispatch.turn());
                if (asking) {
                    questions.add(given().question(lease));
                }
                work.add(dispatch);
                fences.add(lease.fence());
            }

            List<Race.Finish<FinishedTurn>> finishes = Race.of(
                    MANY,
                    i -> () -> at(i).runs()
                            .finishTurn(fences.get(i), work.get(i).turn().id(), TurnResult.of(failed(i))));

            assertThat(Race.failures(finishes)).isEmpty();
            for (int i = 0; i < MANY; i++) {
                assertThat(store().queue().get(work.get(i).task().id()).outcome())
                        .isEqualTo(failed(i));
            }
            assertThat(questions)
                    .allMatch(question -> store().questions().get(question.id()).state() == QuestionState.WITHDRAWN);
        }
    }

    private static Outcome failed(int i) {
        return Outcome.failed(FailureKind.BACKEND_FAILED, "disk " + i + " is full");
    }

    @Test
    @Proves({Rule.Q_3, Rule.Q_8, Rule.R_7})
    void the_cancel_of_a_task_crosses_its_dispatch_and_leaves_no_open_run() {
        for (int round = 0; round < ROUNDS; round++) {
            String queue = given().name("queue");
            QueueTask task = given().task(queue);

            List<Race.Finish<Object>> finishes = Race.of(
                    3,
                    i -> i < 2
                            ? () -> at(i).queue().dispatchNext(DispatchRequest.fromQueue(queue))
                            : () -> at(i).queue().cancel(task.id(), "no more"));

            assertThat(Race.failures(finishes)).isEmpty();
            assertThat(finishes.get(2).value())
                    .isInstanceOfSatisfying(
                            QueueTask.class,
                            cancelled -> assertThat(cancelled.state()).isEqualTo(TaskState.CANCELLED));
            assertThat(store().queue().get(task.id()).state()).isEqualTo(TaskState.CANCELLED);
            List<Dispatch> dispatched = dispatched(finishes);
            assertThat(dispatched).hasSizeLessThan(2);
            for (Dispatch dispatch : dispatched) {
                assertThat(store().runs().get(dispatch.run().id()).status()).isEqualTo(RunStatus.CANCELLED);
                assertThat(store().commands().get(dispatch.turn().id()).state().terminal())
                        .isTrue();
            }
            assertThat(store().runs().list(RunQuery.in(given().scope())).items())
                    .allMatch(Run::isTerminal);
        }
    }

    @Test
    @Proves({Rule.E_3, Rule.R_7})
    void a_page_says_ended_exactly_when_it_reaches_the_last_event_also_while_the_run_ends() {
        for (int round = 0; round < ROUNDS; round++) {
            RunLease lease = given().claimed();
            String id = lease.run().id();

            List<Race.Finish<List<EventPage>>> finishes = Race.of(4, i -> () -> {
                if (i == 0) {
                    at(i).events().append(lease.fence(), EVENT);
                    at(i).runs().finish(lease.fence(), DONE);
                    return List.of();
                }
                return follow(at(i), id);
            });

            assertThat(Race.failures(finishes)).isEmpty();
            for (EventPage page :
                    Race.values(finishes).stream().flatMap(List::stream).toList()) {
                assertThat(page.ended())
                        .as("%s", page)
                        .isEqualTo(page.items().stream().anyMatch(event -> event.type() == EventType.TERMINAL_STATUS));
            }
        }
    }

    /** All pages up to the first that says that it is the last. */
    private static List<EventPage> follow(AgentRunStore store, String runId) {
        List<EventPage> pages = new ArrayList<>();
        EventPage page = store.events().list(runId, 0, 10);
        pages.add(page);
        while (!page.ended()) {
            page = store.events().list(runId, page.nextAfterSeq(), 10);
            pages.add(page);
        }
        return pages;
    }

    private static List<Dispatch> dispatched(List<Race.Finish<Object>> finishes) {
        return Race.values(finishes).stream()
                .filter(Optional.class::isInstance)
                .flatMap(value -> ((Optional<?>) value).stream())
                .map(Dispatch.class::cast)
                .toList();
    }

    private AgentRunStore at(int caller) {
        return caller % 2 == 0 ? store() : second();
    }

    /** Ends that a store may execute together: each task waits for its own next attempt, and who follows them sees it. */
    @Test
    @Proves({Rule.R_9, Rule.Q_6, Rule.Q_10, Rule.G_9})
    void tasks_that_fail_at_once_are_each_tried_again_after_their_own_delay() {
        String queue = given().name("queue");
        List<Dispatch> work = new ArrayList<>();
        List<Fence> fences = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            store().queue()
                    .create(given().newTask(queue)
                            .retry(RetryPolicy.of(2, Duration.ofMinutes(i + 1L)))
                            .build());
            Dispatch dispatch = given().dispatched(queue);
            RunLease lease = given().claimed(dispatch.run());
            given().acknowledged(lease.fence(), dispatch.turn());
            work.add(dispatch);
            fences.add(lease.fence());
        }
        ChangePage<QueueTask> seen = store().queue().changes(given().scope(), null, MANY);
        Duration later = Duration.ofSeconds(7);
        advance(later);

        List<Race.Finish<FinishedTurn>> finishes = Race.of(
                MANY,
                i -> () -> store().runs()
                        .finishTurn(fences.get(i), work.get(i).turn().id(), TurnResult.of(failed(i))));

        assertThat(Race.failures(finishes)).isEmpty();
        List<QueueTask> waiting = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            QueueTask before = work.get(i).task();
            QueueTask task = store().queue().get(before.id());
            assertThat(task.state()).isEqualTo(TaskState.PENDING);
            assertThat(task.updatedAt()).isEqualTo(before.updatedAt().plus(later));
            assertThat(task.notBefore()).isEqualTo(task.updatedAt().plus(Duration.ofMinutes(i + 1L)));
            assertThat(task.latestAttempt()).isNotNull();
            assertThat(task.latestAttempt().outcome()).isEqualTo(failed(i));
            assertThat(task.version()).isGreaterThan(before.version());
            waiting.add(task);
        }
        assertThat(second().queue()
                        .changes(given().scope(), seen.cursor(), MANY)
                        .items())
                .containsExactlyInAnyOrderElementsOf(waiting);
        assertThat(second().queue().dispatchNext(DispatchRequest.fromQueue(queue)))
                .isEmpty();
    }
}
