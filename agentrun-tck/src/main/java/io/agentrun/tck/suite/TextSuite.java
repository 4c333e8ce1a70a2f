package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.agentrun.check.Texts;
import io.agentrun.command.Command;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.NotFoundException;
import io.agentrun.lease.Fence;
import io.agentrun.lease.RunLease;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Limits;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.TurnResult;
import io.agentrun.question.Reply;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskPlace;
import io.agentrun.rules.Rule;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.run.SessionRef;
import io.agentrun.session.Session;
import io.agentrun.session.SessionUpsert;
import io.agentrun.tck.Proves;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Text that a store cannot or will not keep: refused by the field's name, before anything changes; and text at the very
 * limits, which it keeps as it is.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class TextSuite extends ConformanceSuite {

    private static final String LONE_SURROGATE = "half an emoji \uD83D";
    private static final String NUL = "a\u0000b";

    private static final TurnResult DONE = TurnResult.of(Outcome.completed());

    /** One character for a reader, two for Java, four bytes in UTF-8. */
    private static final String WIDE = "\uD83D\uDE00";

    /** For adapters. */
    protected TextSuite() {}

    @Test
    @Proves({Rule.G_1, Rule.G_3})
    void ids_that_are_no_ids_are_refused_everywhere() {
        Operations.Ids ids = Operations.known(given());
        Run run = store().runs().get(ids.run());
        List<String> bad = List.of(
                "", " ", " id", "id ", "\tid", "a\nb", NUL, LONE_SURROGATE, "x".repeat(Texts.MAX_ID + 1), "\u00A0id");
        takingIds(ids).forEach((name, call) -> {
            for (String id : bad) {
                InvalidInputException refusal = watch().run(run)
                        .session(ids.session())
                        .task(ids.task())
                        .refuses(InvalidInputException.class, () -> {
                            call.accept(id);
                            return name;
                        });
                assertThat(refusal.field()).isEqualTo(name.substring(0, name.indexOf(' ')));
                assertThat(String.valueOf(refusal.getMessage())).doesNotContain(LONE_SURROGATE, NUL, "xxxx");
            }
        });
    }

    /** Every operation that takes an id by itself; the first word is the field. */
    private Map<String, Consumer<String>> takingIds(Operations.Ids ids) {
        Map<String, Consumer<String>> calls = new LinkedHashMap<>();
        calls.put("runId of runs.get", id -> store().runs().get(id));
        calls.put("runId of runs.finishUnclaimed", id -> store().runs().finishUnclaimed(id, Outcome.completed()));
        calls.put("runId of runs.cancel", id -> store().runs().cancel(id, "no", CancelMode.FORCE));
        calls.put("runId of leases.claim", id -> store().leases().claim(id, Given.RUNNER, Given.LEASE));
        calls.put("runnerId of leases.claim", id -> store().leases().claim(ids.run(), id, Given.LEASE));
        calls.put("runId of leases.recover", id -> store().leases().recover(id, 1));
        calls.put("runId of commands.create", id -> store().commands().create(id, given().newTurn("t")));
        calls.put("commandId of commands.get", id -> store().commands().get(id));
        calls.put("runId of commands.list", id -> store().commands().list(id, 0, 1));
        Fence fence = Given.forged(ids.run(), Given.RUNNER, 1);
        calls.put("questionIds of leases.park", id -> store().leases().park(fence, List.of(id)));
        calls.put("commandId of commands.acknowledge", id -> store().commands().acknowledge(fence, id));
        calls.put("commandId of commands.finish", id -> store().commands().finish(fence, id, DONE));
        calls.put("commandId of commands.cancel", id -> store().commands().cancel(id, "no"));
        calls.put("runId of events.list", id -> store().events().list(id, 0, 1));
        calls.put("runId of events.await", id -> store().events().await(id, 0, 1, Duration.ZERO));
        calls.put("runId of events.appendUnfenced", id -> store().events().appendUnfenced(id, List.of()));
        calls.put("runnerId of runners.find", id -> store().runners().find(id));
        calls.put("runId of runners.findJob", id -> store().runners().findJob(id, "key"));
        calls.put("runId of runners.listJobs", id -> store().runners().listJobs(id));
        calls.put("sessionId of sessions.find", id -> store().sessions().find(id));
        calls.put("sessionId of sessions.get", id -> store().sessions().get(id));
        calls.put("sessionId of sessions.summary", id -> store().sessions().summary(id, null));
        calls.put("readerId of sessions.summary", id -> store().sessions().summary(ids.session(), id));
        calls.put("sessionId of sessions.markRead", id -> store().sessions().markRead(id, "ann", 1));
        calls.put("readerId of sessions.markRead", id -> store().sessions().markRead(ids.session(), id, 1));
        calls.put("sessionId of storage.get", id -> store().storage().get(id));
        calls.put("sessionId of storage.confirmEvicted", id -> store().storage().confirmEvicted(id, 1));
        calls.put("sessionId of storage.markMissing", id -> store().storage().markMissing(id, 1));
        calls.put("sessionId of storage.releaseClaim", id -> store().storage().releaseClaim(id, "gc"));
        calls.put("collectorId of storage.releaseClaim", id -> store().storage().releaseClaim(ids.session(), id));
        calls.put("taskId of runs.listByTask", id -> store().runs().listByTask(id, null, 1));
        calls.put("taskId of queue.get", id -> store().queue().get(id));
        calls.put("taskId of queue.cancel", id -> store().queue().cancel(id, "no"));
        calls.put("taskId of queue.markRead", id -> store().queue().markRead(id, "ann", 1));
        calls.put("readerId of queue.markRead", id -> store().queue().markRead(ids.task(), id, 1));
        calls.put("questionId of questions.get", id -> store().questions().get(id));
        calls.put("questionId of questions.withdraw", id -> store().questions().withdraw(id, "no"));
        calls.put("questionId of questions.answer", id -> store().questions().answer(id, Reply.declined(), "ann"));
        calls.put(
                "answeredBy of questions.answer",
                id -> store().questions().answer(ids.question(), Reply.declined(), id));
        return calls;
    }

    @Test
    @Proves(Rule.G_1)
    void an_id_of_the_greatest_length_is_looked_for() {
        String longest = "x".repeat(Texts.MAX_ID);

        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> store().runs().get(longest))
                .satisfies(e -> assertThat(e.id()).isEqualTo(longest));
        assertThat(store().sessions().find(WIDE.repeat(Texts.MAX_ID))).isEmpty();
    }

    @Test
    @Proves(Rule.G_1)
    void ids_of_the_greatest_length_are_kept_in_every_script() {
        for (String id : List.of("x".repeat(Texts.MAX_ID), WIDE.repeat(Texts.MAX_ID), "\u00DF/ \u0645\u0631 '\"\\%_")) {
            Owner owner = new Owner(id, id);
            Session session = store().sessions()
                    .upsert(SessionUpsert.builder(id, owner, Given.PROFILE)
                            .threadId(id)
                            .build());
            Run run = store().runs()
                    .create(NewRun.builder(owner, given().spec())
                            .session(SessionRef.of(id))
                            .build());
            RunLease lease = store().leases().claim(run.id(), id, Given.LEASE);

            assertThat(session.id()).isEqualTo(id);
            assertThat(second().sessions().get(id).thread().threadId()).isEqualTo(id);
            assertThat(second().runs().get(run.id())).isEqualTo(lease.run());
            assertThat(lease.fence().runnerId()).isEqualTo(id);
            store().sessions().markRead(id, id, session.version());
            assertThat(second().sessions().summary(id, id).readVersion()).isEqualTo(session.version());
        }
    }

    /** D13: a key of 2.7 kB was a raw database error. */
    @Test
    @Proves({Rule.G_1, Rule.I_1})
    void a_key_of_the_greatest_length_is_kept_and_a_longer_one_refused() {
        String longest = WIDE.repeat(Texts.MAX_KEY);
        NewRun run = given().newRun().idempotencyKey(longest).build();
        NewQueueTask task = given().newTask("queue").idempotencyKey(longest).build();

        assertThat(store().runs().create(run)).isEqualTo(store().runs().create(run));
        assertThat(store().queue().create(task)).isEqualTo(store().queue().create(task));
        invalid(
                "idempotencyKey",
                () -> given().newRun().idempotencyKey(longest + "x").build());
        invalid(
                "idempotencyKey",
                () -> given().newTask("queue").idempotencyKey("").build());
        invalid("idempotencyKey", () -> given().newTurn("t").withIdempotencyKey(NUL));
        String runId = given().run().id();
        for (String bad : List.of("", "a\nb", NUL, LONE_SURROGATE, "x".repeat(Texts.MAX_KEY + 1))) {
            invalid("idempotencyKey", () -> store().runners().findJob(runId, bad));
            invalid("idempotencyKey", () -> store().runs().getByKey(given().owner(), bad));
            invalid("idempotencyKey", () -> store().queue().getByKey(given().owner(), bad));
        }
    }

    /** D12: a NUL in a failure message or a reason failed every time, and the run stayed claimed. */
    @Test
    @Proves({Rule.G_1, Rule.G_3})
    void a_message_that_cannot_be_kept_is_refused_and_the_run_can_still_end() {
        RunLease lease = given().claimed();
        Run run = lease.run();
        Command turn = given().acknowledgedTurn(lease);
        QueueTask task = given().task("queue");
        for (String bad : List.of(NUL, LONE_SURROGATE, "\uDE00 the other half", "x".repeat(Texts.MAX_MESSAGE + 1))) {
            watch().run(run)
                    .refuses(InvalidInputException.class, () -> store().runs().cancel(run.id(), bad, CancelMode.FORCE));
            watch().run(run)
                    .refuses(
                            InvalidInputException.class,
                            () -> store().commands().cancel(turn.id(), bad));
            watch().task(task.id())
                    .refuses(InvalidInputException.class, () -> store().queue().cancel(task.id(), bad));
            invalid("message", () -> Outcome.cancelled(bad));
        }

        store().runs().finish(lease.fence(), DONE);
        assertThat(store().runs().get(run.id()).status()).isEqualTo(RunStatus.COMPLETED);
    }

    @Test
    @Proves(Rule.G_1)
    void a_message_of_the_greatest_length_is_kept_as_it_is() {
        String longest = WIDE.repeat(Texts.MAX_MESSAGE / 2) + "\n\t\u0001'\"\\u0000\u2028"
                + "x".repeat(Texts.MAX_MESSAGE / 2 - 12);
        for (String reason : List.of("", " ", longest)) {
            Run run = store().runs().cancel(given().run().id(), reason);
            QueueTask task = store().queue().cancel(given().task("queue").id(), reason);

            assertThat(run.outcome()).isEqualTo(Outcome.cancelled(reason));
            assertThat(second().runs().get(run.id())).isEqualTo(run);
            assertThat(task.outcome()).isEqualTo(Outcome.cancelled(reason));
            assertThat(second().queue().get(task.id())).isEqualTo(task);
        }
    }

    @Test
    @Proves(Rule.G_1)
    void titles_have_a_greatest_length_too() {
        String longest = WIDE.repeat(Texts.MAX_TITLE);

        Session session =
                store().sessions().upsert(given().newSession().title(longest).build());

        assertThat(session.title()).isEqualTo(longest);
        for (String bad : List.of("", "\t", longest + "x", NUL, LONE_SURROGATE)) {
            invalid("title", () -> given().newSession().title(bad).build());
            invalid(
                    "title",
                    () -> NewQueueTask.builder(given().owner(), "queue", bad, given().spec())
                            .build());
        }
    }

    @Test
    @Proves({Rule.S_3, Rule.G_1})
    void a_prompt_that_is_no_title_makes_none_and_is_no_reason_to_refuse_the_turn() {
        Run run = given().runIn(given().name("session"));
        store().commands().create(run.id(), given().newTurn(" \n\t "));
        String sessionId = String.valueOf(run.sessionId());
        assertThat(store().sessions().get(sessionId).title()).isNull();

        store().commands().create(run.id(), given().newTurn(WIDE.repeat(200)));

        assertThat(store().sessions().get(sessionId).title()).isEqualTo(WIDE.repeat(80));
    }

    @Test
    @Proves({Rule.Q_2, Rule.G_1})
    void a_priority_is_kept_at_its_limits_and_refused_beyond() {
        QueueTask last = store().queue()
                .create(given().newTask("queue")
                        .priority(TaskPlace.MIN_PRIORITY)
                        .build());
        QueueTask first = store().queue()
                .create(given().newTask("queue")
                        .priority(TaskPlace.MAX_PRIORITY)
                        .build());

        assertThat(given().dispatched("queue").task().id()).isEqualTo(first.id());
        assertThat(given().dispatched("queue").task().id()).isEqualTo(last.id());
        for (int bad :
                new int[] {TaskPlace.MIN_PRIORITY - 1, TaskPlace.MAX_PRIORITY + 1, Integer.MIN_VALUE, Integer.MAX_VALUE
                }) {
            invalid("priority", () -> given().newTask("queue").priority(bad).build());
        }
    }

    @Test
    @Proves(Rule.G_2)
    void bad_input_is_refused_before_the_record_is_looked_up() {
        Duration tooLong = Limits.DEFAULTS.maxLease().plusMillis(1);

        invalid("lease", () -> store().leases().claim("run_unknown", Given.RUNNER, tooLong));
        invalid("limit", () -> store().events().list("run_unknown", 0, 0));
        invalid("afterSeq", () -> store().commands().list("run_unknown", -1, 10));
        invalid("reason", () -> store().runs().cancel("run_unknown", NUL));
        invalid("reason", () -> store().queue().cancel("qt_unknown", NUL));
        invalid("readerId", () -> store().sessions().summary("session_unknown", ""));
        invalid("events", () -> store().events().appendUnfenced("run_unknown", List.of()));
    }

    @Test
    @Proves({Rule.G_2, Rule.G_3})
    void bad_input_is_refused_before_the_fence_and_the_end_are_checked() {
        RunLease ended = given().claimed();
        store().runs().finish(ended.fence(), DONE);
        Fence lost = Given.forged(ended.run().id(), Given.OTHER_RUNNER, 9);
        for (Fence fence : List.of(ended.fence(), lost)) {
            watch().run(ended.run()).unchangedBy(() -> {
                invalid("events", () -> store().events().append(fence, List.of()));
                invalid("lease", () -> store().leases().heartbeat(fence, Duration.ZERO));
                invalid("lease", () -> store().leases().claim(fence.runId(), Given.RUNNER, Duration.ZERO));
                invalid("limit", () -> store().commands().await(fence, 0, Duration.ZERO));
                invalid("commandId", () -> store().commands().acknowledge(fence, NUL));
                return fence;
            });
        }
    }

    private static void invalid(String field, Runnable call) {
        Throwable thrown = catchThrowable(call::run);
        assertThat(thrown).as(field).isExactlyInstanceOf(InvalidInputException.class);
        assertThat(((InvalidInputException) thrown).field()).isEqualTo(field);
    }
}
