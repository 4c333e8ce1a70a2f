package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.command.CommandState;
import io.agentrun.command.CommandType;
import io.agentrun.command.NewCommand;
import io.agentrun.command.OnBusy;
import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.SessionBusyException;
import io.agentrun.error.StateConflictException;
import io.agentrun.error.TenantPolicyException;
import io.agentrun.event.EventType;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.RunLease;
import io.agentrun.model.BackendProfile;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.Rule;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import io.agentrun.session.ExecutionState;
import io.agentrun.session.Session;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Runs, turns and tasks that are created at the same moment on one store, which may do their work together: each caller gets its own,
 * whole, and what it would have got alone.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class CreationRaceSuite extends MeetingCallers {

    private static final int ROUNDS = 8;

    /** For adapters. */
    protected CreationRaceSuite() {}

    private static SessionRef sessionOf(String id, int i) {
        return SessionRef.of(id).withThreadId("thread-" + i).withMetadata(JsonObject.of("number", i));
    }

    @Test
    @Proves(Rule.R_1)
    void each_run_is_created_whole_in_a_new_session_or_in_none() {
        for (int round = 0; round < ROUNDS; round++) {
            List<String> sessions = each(i -> given().name("session"));

            List<Run> runs = race(i -> {
                NewRun.Builder run = NewRun.builder(given().owner(), given().fullSpec(BackendProfile.CODEX))
                        .maxAttempts(1 + i);
                if (i % 3 != 0) {
                    run.session(sessionOf(sessions.get(i), i));
                }
                return store().runs().create(run.build());
            });

            for (int i = 0; i < CALLERS; i++) {
                Run run = runs.get(i);
                assertThat(store().runs().get(run.id())).isEqualTo(run);
                assertThat(run.spec()).isEqualTo(given().fullSpec(BackendProfile.CODEX));
                assertThat(run.claim().attempts().max()).isEqualTo(1 + i);
                assertThat(run.sessionId()).isEqualTo(i % 3 == 0 ? null : sessions.get(i));
                assertThat(events(run)).extracting(RunEvent::type).containsExactly(EventType.BACKEND_STATUS);
                if (i % 3 == 0) {
                    assertThat(store().sessions().find(sessions.get(i))).isEmpty();
                } else {
                    Session session = session(sessions.get(i));
                    assertThat(session.owner()).isEqualTo(given().owner());
                    assertThat(session.activity().lastRunId()).isEqualTo(run.id());
                    assertThat(session.thread().threadId()).isEqualTo("thread-" + i);
                    assertThat(session.metadata()).isEqualTo(JsonObject.of("number", i));
                }
            }
            assertThat(sessions.stream()
                            .filter(id -> store().sessions().find(id).isPresent())
                            .map(id -> session(id).version()))
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    @Proves({Rule.R_1, Rule.S_9})
    void runs_of_one_session_are_all_created_and_touch_it_one_after_another() {
        for (int round = 0; round < ROUNDS; round++) {
            String shared = round % 2 == 0 ? given().session().id() : given().name("session");
            String seen = feed();

            List<Run> runs = race(i -> given().runIn(shared));

            assertThat(runs).extracting(Run::sessionId).containsOnly(shared);
            assertThat(runs)
                    .extracting(Run::id)
                    .doesNotHaveDuplicates()
                    .contains(session(shared).activity().lastRunId());
            runs.forEach(run -> assertThat(store().runs().get(run.id())).isEqualTo(run));
            assertThat(changed(seen)).containsExactly(shared);
        }
    }

    @Test
    @Proves({Rule.S_9, Rule.G_9})
    void sessions_that_change_at_once_are_all_in_the_feed_with_new_versions() {
        for (int round = 0; round < ROUNDS; round++) {
            List<Session> sessions = each(i -> given().session());
            String seen = feed();

            race(i -> given().runIn(sessions.get(i).id()));

            assertThat(changed(seen))
                    .containsExactlyInAnyOrderElementsOf(
                            sessions.stream().map(Session::id).toList());
            List<Long> versions = new ArrayList<>();
            for (Session before : sessions) {
                Session now = session(before.id());
                assertThat(now.version()).isGreaterThan(before.version());
                versions.add(now.version());
            }
            assertThat(versions).doesNotHaveDuplicates();
        }
    }

    private String feed() {
        return store().sessions().changes(given().scope(), null, 500).cursor();
    }

    private List<String> changed(String since) {
        return store().sessions().changes(given().scope(), since, 500).items().stream()
                .map(Session::id)
                .toList();
    }

    @Test
    @Proves({Rule.S_1, Rule.G_3})
    void a_run_in_a_session_of_another_owner_is_refused_and_the_others_are_created() {
        for (int round = 0; round < ROUNDS; round++) {
            List<Session> sessions = each(i -> given().session());

            List<Race.Finish<Run>> finishes = Race.of(
                    CALLERS,
                    i -> () -> store().runs()
                            .create(NewRun.builder(i == 4 ? given().stranger() : given().owner(), given().spec())
                                    .session(SessionRef.of(sessions.get(i).id()))
                                    .build()));

            assertThat(Race.failures(finishes)).singleElement().isInstanceOf(TenantPolicyException.class);
            assertThat(session(sessions.get(4).id())).isEqualTo(sessions.get(4));
            for (int i = 0; i < CALLERS; i++) {
                if (i != 4) {
                    assertThat(session(sessions.get(i).id()).activity().lastRunId())
                            .isEqualTo(Objects.requireNonNull(finishes.get(i).value())
                                    .id());
                }
            }
        }
    }

    @Test
    @Proves({Rule.C_1, Rule.S_3})
    void each_turn_is_its_own_runs_and_the_active_one_of_its_session() {
        for (int round = 0; round < ROUNDS; round++) {
            List<Run> runs = each(i -> i % 3 == 0 ? given().run() : given().runIn(given().name("session")));

            List<Command> turns =
                    race(i -> store().commands().create(runs.get(i).id(), given().newTurn("prompt " + i)));

            for (int i = 0; i < CALLERS; i++) {
                Command turn = turns.get(i);
                assertThat(store().commands().get(turn.id())).isEqualTo(turn);
                assertThat(turn.runId()).isEqualTo(runs.get(i).id());
                assertThat(turn.seq()).isEqualTo(1);
                assertThat(turn.payload()).isEqualTo(JsonObject.of("prompt", "prompt " + i));
                assertThat(turn.order().deliverable()).isTrue();
                assertThat(events(runs.get(i))).extracting(RunEvent::seq).containsExactly(1L, 2L);
                String sessionId = runs.get(i).sessionId();
                if (sessionId != null) {
                    assertThat(session(sessionId).activity().activeCommandId()).isEqualTo(turn.id());
                    assertThat(session(sessionId).activity().state()).isEqualTo(ExecutionState.RUNNING);
                    assertThat(session(sessionId).activity().turns()).isEqualTo(1);
                }
            }
        }
    }

    @Test
    @Proves({Rule.C_2, Rule.C_3})
    void of_turns_in_runs_of_one_session_one_is_active_and_the_others_wait_in_order() {
        for (int round = 0; round < ROUNDS; round++) {
            String shared = given().session().id();
            List<Run> runs = each(i -> given().runIn(shared));

            List<Command> turns =
                    race(i -> store().commands().create(runs.get(i).id(), given().newTurn("prompt " + i)));

            assertThat(turns).filteredOn(turn -> turn.order().deliverable()).hasSize(1);
            assertThat(turns).extracting(turn -> turn.order().ordinal()).doesNotHaveDuplicates();
            assertThat(session(shared).activity().turns()).isEqualTo(CALLERS);
            Command active = turns.stream()
                    .filter(turn -> turn.order().deliverable())
                    .findFirst()
                    .orElseThrow();
            assertThat(session(shared).activity().activeCommandId()).isEqualTo(active.id());
        }
    }

    @Test
    @Proves(Rule.C_3)
    void a_turn_that_will_not_wait_is_refused_where_another_is_active_in_its_run_or_elsewhere() {
        for (int round = 0; round < ROUNDS; round++) {
            List<String> sessions = each(i -> given().name("session"));
            List<Run> runs = each(i -> i % 4 == 3 ? given().run() : given().runIn(sessions.get(i)));
            for (int i = 0; i < CALLERS; i++) {
                switch (i % 4) {
                    case 0, 3 -> given().turn(runs.get(i));
                    case 1 -> given().turn(given().runIn(sessions.get(i)));
                    default -> {}
                }
            }

            List<Race.Finish<Command>> finishes = Race.of(
                    CALLERS,
                    i -> () -> store().commands()
                            .create(runs.get(i).id(), given().newTurn("prompt").withOnBusy(OnBusy.REJECT)));

            for (int i = 0; i < CALLERS; i++) {
                Race.Finish<Command> finish = finishes.get(i);
                if (i % 4 == 2) {
                    assertThat(finish.succeeded()).isTrue();
                } else {
                    assertThat(finish.failure()).isInstanceOf(SessionBusyException.class);
                    assertThat(store().commands().list(runs.get(i).id(), 0, 10).items())
                            .hasSize(i % 4 == 1 ? 0 : 1);
                }
            }
        }
    }

    @Test
    @Proves({Rule.C_3, Rule.C_4})
    void each_steer_and_each_interruption_is_for_its_own_turn() {
        for (int round = 0; round < ROUNDS; round++) {
            List<RunLease> leases =
                    each(i -> given().claimed(i % 2 == 0 ? given().run() : given().runIn(given().name("session"))));
            List<Command> active = leases.stream()
                    .map(lease -> given().acknowledgedTurn(lease))
                    .toList();

            List<Command> created = race(i -> store().commands()
                    .create(
                            active.get(i).runId(),
                            i % 3 == 0
                                    ? NewCommand.steer(JsonObject.of("prompt", "so"))
                                    : given().newTurn("now").withOnBusy(OnBusy.INTERRUPT)));

            for (int i = 0; i < CALLERS; i++) {
                List<Command> commands =
                        store().commands().list(active.get(i).runId(), 0, 10).items();
                assertThat(commands).contains(created.get(i));
                assertThat(commands)
                        .extracting(Command::type)
                        .containsExactlyElementsOf(
                                i % 3 == 0
                                        ? List.of(CommandType.TURN, CommandType.STEER)
                                        : List.of(CommandType.TURN, CommandType.INTERRUPT, CommandType.TURN));
                assertThat(commands.get(1).order().targetCommandId())
                        .isEqualTo(active.get(i).id());
                assertThat(commands).extracting(Command::seq).doesNotHaveDuplicates();
            }
        }
    }

    @Test
    @Proves({Rule.C_3, Rule.E_1})
    void each_turn_that_interrupts_another_run_of_its_session_tells_that_run() {
        for (int round = 0; round < ROUNDS; round++) {
            List<String> sessions = each(i -> given().name("session"));
            List<RunLease> leases = each(i -> given().claimed(given().runIn(sessions.get(i))));
            List<Command> active = leases.stream()
                    .map(lease -> given().acknowledgedTurn(lease))
                    .toList();
            List<Run> runs = each(i -> given().runIn(sessions.get(i)));

            List<Command> turns = race(i -> store().commands()
                    .create(runs.get(i).id(), given().newTurn("now").withOnBusy(OnBusy.INTERRUPT)));

            for (int i = 0; i < CALLERS; i++) {
                assertThat(store().commands().list(runs.get(i).id(), 0, 10).items())
                        .containsExactly(turns.get(i));
                List<Command> told =
                        store().commands().list(active.get(i).runId(), 0, 10).items();
                assertThat(told).extracting(Command::type).containsExactly(CommandType.TURN, CommandType.INTERRUPT);
                assertThat(told).extracting(Command::seq).containsExactly(1L, 2L);
                assertThat(told.get(0).state()).isEqualTo(CommandState.ACKNOWLEDGED);
                List<RunEvent> events = events(leases.get(i).run());
                assertThat(events)
                        .extracting(RunEvent::seq)
                        .containsExactlyElementsOf(
                                LongStream.rangeClosed(1, events.size()).boxed().toList());
            }
        }
    }

    @Test
    @Proves({Rule.C_1, Rule.E_1})
    void turns_of_one_run_are_numbered_one_after_another() {
        for (int round = 0; round < ROUNDS; round++) {
            List<Run> runs = each(i -> i % 4 < 2 ? given().run() : given().runIn(given().name("session")));

            List<Command> turns = race(i -> given().turn(runs.get(i / 4 * 4 + i % 2 * 2)));

            for (int i = 0; i < CALLERS; i++) {
                Run run = runs.get(i / 4 * 4 + i % 2 * 2);
                List<Command> commands =
                        store().commands().list(run.id(), 0, 10).items();
                assertThat(commands).hasSize(2).contains(turns.get(i));
                assertThat(commands).extracting(Command::seq).containsExactly(1L, 2L);
                assertThat(commands)
                        .extracting(command -> command.order().deliverable())
                        .containsExactly(true, false);
                assertThat(events(run)).extracting(RunEvent::seq).containsExactly(1L, 2L, 3L);
            }
        }
    }

    @Test
    @Proves({Rule.C_1, Rule.G_3})
    void what_is_refused_to_one_is_created_for_the_others() {
        for (int round = 0; round < ROUNDS; round++) {
            List<Run> runs = each(i -> i == 2 ? given().completed(given().run()) : given().run());

            List<Race.Finish<Command>> finishes = Race.of(
                    CALLERS,
                    i -> () -> store().commands()
                            .create(
                                    i == 5 ? "run_unknown" : runs.get(i).id(),
                                    i == 7
                                            ? NewCommand.steer(JsonObject.of("prompt", "so"))
                                            : given().newTurn("prompt")));

            assertThat(Race.failures(finishes)).hasSize(3);
            assertThat(finishes.get(2).failure()).isInstanceOf(AlreadyTerminalException.class);
            assertThat(finishes.get(5).failure()).isInstanceOf(NotFoundException.class);
            assertThat(finishes.get(7).failure()).isInstanceOf(StateConflictException.class);
            assertThat(store().commands().list(runs.get(7).id(), 0, 10).items()).isEmpty();
        }
    }

    @Test
    @Proves({Rule.Q_1, Rule.I_1})
    void each_task_is_kept_as_it_was_given_with_a_key_or_without() {
        for (int round = 0; round < ROUNDS; round++) {
            String key = given().name("key");
            Instant before = given().run().createdAt();
            List<NewQueueTask> wanted = each(i -> {
                NewQueueTask.Builder task = NewQueueTask.builder(
                                given().owner(), "queue-" + i % 3, "title " + i, given().fullSpec(BackendProfile.CODEX))
                        .lane("lane-" + i)
                        .priority(i)
                        .payload(JsonObject.of("prompt", "prompt " + i))
                        .metadata(JsonObject.of("number", i))
                        .session(i % 2 == 0 ? null : sessionOf(given().name("session"), i));
                return (i % 4 == 3 ? task.idempotencyKey(key + i / 8) : task).build();
            });

            List<Race.Finish<QueueTask>> finishes =
                    Race.of(CALLERS, i -> () -> store().queue().create(wanted.get(i)));

            // Of the three with keys, two have the same key and other contents.
            assertThat(Race.failures(finishes)).hasSize(1);
            List<QueueTask> created = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                QueueTask task = finishes.get(i).value();
                if (task != null) {
                    created.add(task);
                    assertThat(store().queue().get(task.id())).isEqualTo(task);
                    assertThat(task.title()).isEqualTo(wanted.get(i).title());
                    assertThat(task.place()).isEqualTo(wanted.get(i).place());
                    assertThat(task.spec()).isEqualTo(wanted.get(i).spec());
                    assertThat(task.content()).isEqualTo(wanted.get(i).content());
                    assertThat(task.createdAt()).isAfterOrEqualTo(before);
                    assertThat(task.updatedAt()).isEqualTo(task.createdAt());
                }
            }
            assertThat(created).extracting(QueueTask::version).doesNotHaveDuplicates();
        }
    }
}
