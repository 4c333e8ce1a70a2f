package io.agentrun.rules;

import static io.agentrun.samples.Runs.NOW;
import static io.agentrun.samples.Runs.OTHER_RUN;
import static io.agentrun.samples.Runs.OWNER;
import static io.agentrun.samples.Runs.RUN;
import static io.agentrun.samples.Runs.SPEC;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.command.CommandOrder;
import io.agentrun.command.CommandState;
import io.agentrun.command.CommandTimes;
import io.agentrun.command.CommandType;
import io.agentrun.event.EventType;
import io.agentrun.json.JsonObject;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionContent;
import io.agentrun.question.QuestionState;
import io.agentrun.queue.QueueTask;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.samples.Runs;
import io.agentrun.samples.Tasks;
import io.agentrun.samples.Turns;
import io.agentrun.session.Session;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChangeTest {

    private static final Run NEW_RUN =
            Run.builder("run_8", OWNER, SPEC).createdAt(NOW).build();
    private static final Command NEW_TURN = new Command(
            "cmd_8",
            "run_8",
            1,
            CommandType.TURN,
            Turns.PAYLOAD,
            CommandState.PENDING,
            null,
            new CommandOrder(1, true, null),
            null,
            new CommandTimes(NOW, NOW, null));
    private static final Session SESSION = Turns.idle();
    private static final QueueTask TASK = Tasks.task(Tasks.At.PENDING);
    private static final RunHead RUN_HEAD = Runs.run(Runs.At.CLAIMED);
    private static final CommandHead TURN_HEAD = Turns.active("cmd_1", RUN, CommandState.PENDING);

    private static final Question QUESTION = question("qst_1");
    private static final Question ANSWERED = question("qst_2");

    private static Question question(String id) {
        QuestionContent content = new QuestionContent("which one?", List.of(), null, null, null, JsonObject.empty());
        return new Question(
                id, RUN, "cmd_1", OWNER, null, content, QuestionState.OPEN, null, null, 0, NOW, NOW.plusSeconds(60));
    }

    @Test
    void created_and_replaced_records_are_kept_apart() {
        Change change = Change.builder()
                .create(NEW_RUN)
                .create(NEW_TURN)
                .create(SESSION)
                .create(TASK)
                .put(RUN_HEAD)
                .put(TURN_HEAD)
                .build();

        assertThat(change.created().runs()).containsExactly(NEW_RUN);
        assertThat(change.created().commands()).containsExactly(NEW_TURN);
        assertThat(change.created().sessions()).containsExactly(SESSION);
        assertThat(change.created().tasks()).containsExactly(TASK);
        assertThat(change.replaced().runs()).containsExactly(RUN_HEAD);
        assertThat(change.replaced().commands()).containsExactly(TURN_HEAD);
        assertThat(change.replaced().sessions()).isEmpty();
        assertThat(change.replaced().tasks()).isEmpty();
    }

    @Test
    void a_later_state_replaces_an_earlier_one_in_its_place() {
        RunHead other = Runs.run(OTHER_RUN, Runs.At.PENDING, null, null);
        RunHead running = Runs.run(Runs.At.RUNNING);
        Session titled = SESSION.toBuilder().title("later").build();

        Change change = Change.builder()
                .put(RUN_HEAD)
                .put(other)
                .put(running)
                .put(SESSION)
                .put(titled)
                .build();

        assertThat(change.replaced().runs()).containsExactly(running, other);
        assertThat(change.replaced().sessions()).containsExactly(titled);
    }

    @Test
    void a_later_state_of_a_new_record_stays_among_the_created() {
        RunHead claimed =
                RunHead.of(NEW_RUN).toBuilder().status(RunStatus.CLAIMED).build();
        CommandHead taken = CommandHead.of(NEW_TURN).toBuilder()
                .state(CommandState.ACKNOWLEDGED)
                .build();
        Session titled = SESSION.toBuilder().title("later").build();
        QueueTask later = TASK.toBuilder().notBefore(NOW).build();
        Change first = Change.builder()
                .create(NEW_RUN)
                .create(NEW_TURN)
                .create(SESSION)
                .create(TASK)
                .build();
        Change second =
                Change.builder().put(claimed).put(taken).put(titled).put(later).build();

        Change change = Change.builder().then(first).then(second).build();

        assertThat(change.replaced().isEmpty()).isTrue();
        assertThat(change.created().runs()).containsExactly(claimed.applyTo(NEW_RUN));
        assertThat(change.created().commands()).containsExactly(taken.applyTo(NEW_TURN));
        assertThat(change.created().sessions()).containsExactly(titled);
        assertThat(change.created().tasks()).containsExactly(later);
    }

    @Test
    void a_record_is_found_by_id_new_or_replaced() {
        Session replaced = Turns.running(RUN, "cmd_1");
        QueueTask running = Tasks.task(Tasks.At.ON_RUN);
        Change creates = Change.builder()
                .create(NEW_RUN)
                .create(NEW_TURN)
                .create(SESSION)
                .create(TASK)
                .build();
        Change replaces = Change.builder()
                .put(RUN_HEAD)
                .put(TURN_HEAD)
                .put(replaced)
                .put(running)
                .build();

        assertThat(creates.run("run_8")).contains(RunHead.of(NEW_RUN));
        assertThat(creates.command("cmd_8")).contains(CommandHead.of(NEW_TURN));
        assertThat(creates.session(SESSION.id())).contains(SESSION);
        assertThat(creates.task(TASK.id())).contains(TASK);
        assertThat(replaces.run(RUN)).contains(RUN_HEAD);
        assertThat(replaces.command("cmd_1")).contains(TURN_HEAD);
        assertThat(replaces.session(SESSION.id())).contains(replaced);
        assertThat(replaces.task(TASK.id())).contains(running);
        assertThat(replaces.run("run_8")).isEmpty();
        assertThat(replaces.command("cmd_8")).isEmpty();
        assertThat(replaces.session("ses_9")).isEmpty();
        assertThat(replaces.task("qt_9")).isEmpty();
    }

    @Test
    void a_change_is_empty_if_it_writes_nothing() {
        Emission event = new Emission(RUN, EventType.BACKEND_STATUS, JsonObject.empty());

        assertThat(Change.none().isEmpty()).isTrue();
        assertThat(Change.builder().build()).isEqualTo(Change.none());
        assertThat(Change.builder().create(SESSION).build().isEmpty()).isFalse();
        assertThat(Change.builder().put(SESSION).build().isEmpty()).isFalse();
        assertThat(Change.builder().emit(event).build().isEmpty()).isFalse();
    }

    @Test
    void a_change_that_follows_brings_all_that_it_has() {
        Change next = Change.builder()
                .create(NEW_RUN)
                .put(RUN_HEAD)
                .renew(TASK)
                .create(QUESTION)
                .put(ANSWERED)
                .build();

        Change both = Change.builder().then(next).build();

        assertThat(both).isEqualTo(next);
        assertThat(both.replaced().renewed()).containsExactly(TASK);
        assertThat(both.questions().created()).containsExactly(QUESTION);
        assertThat(both.questions().replaced()).containsExactly(ANSWERED);
    }

    @Test
    void a_change_of_questions_alone_is_one() {
        assertThat(Change.builder().create(QUESTION).build().isEmpty()).isFalse();
        assertThat(Change.builder().put(ANSWERED).build().isEmpty()).isFalse();
        assertThat(Change.builder().build().isEmpty()).isTrue();
        assertThat(Change.builder().renew(TASK).build().isEmpty()).isFalse();
    }

    @Test
    void each_kind_of_record_can_be_created_alone() {
        assertThat(Change.builder().create(NEW_RUN).build().created().runs()).containsExactly(NEW_RUN);
        assertThat(Change.builder().create(NEW_TURN).build().created().commands())
                .containsExactly(NEW_TURN);
        assertThat(Change.builder().create(SESSION).build().created().sessions())
                .containsExactly(SESSION);
        assertThat(Change.builder().create(TASK).build().created().tasks()).containsExactly(TASK);
    }
}
