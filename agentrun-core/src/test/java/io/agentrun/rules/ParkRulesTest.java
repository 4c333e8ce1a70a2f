package io.agentrun.rules;

import static io.agentrun.samples.Runs.NOW;
import static io.agentrun.samples.Runs.RUN;
import static io.agentrun.samples.Runs.fence;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.CommandState;
import io.agentrun.command.Resumed;
import io.agentrun.model.Owner;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionContent;
import io.agentrun.question.QuestionState;
import io.agentrun.question.Reply;
import io.agentrun.run.RunStatus;
import io.agentrun.samples.Runs;
import io.agentrun.samples.Turns;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A park, and the end of it: what is written, slots of limits among it. */
class ParkRulesTest {

    private static final Question OPEN = new Question(
            "qst_1",
            RUN,
            "cmd_1",
            new Owner("acme", "web"),
            null,
            QuestionContent.of("May I?"),
            QuestionState.OPEN,
            null,
            null,
            1,
            NOW,
            NOW.plusSeconds(60));

    private static RunView running(String taskId) {
        CommandHead turn = Turns.active("cmd_1", RUN, CommandState.ACKNOWLEDGED);
        return new RunView(Runs.run(RUN, Runs.At.RUNNING, null, taskId), List.of(turn), null, null, null);
    }

    private static Change parked(String taskId) {
        return QuestionRules.park(running(taskId), List.of(OPEN), fence(), NOW);
    }

    @Test
    void a_run_of_a_task_gives_its_slots_back_and_no_other_does() {
        assertThat(parked("qt_1").slots().freedRuns()).containsExactly(RUN);
        assertThat(parked(null).slots().isEmpty()).isTrue();
    }

    @Test
    void it_is_slotless_until_it_is_claimed() {
        RunHead waiting = parked("qt_1").run(RUN).orElseThrow();
        CommandHead turn = parked("qt_1").command("cmd_1").orElseThrow();
        Change answered = QuestionRules.answer(
                new QuestionRules.View(OPEN, waiting.withOpenQuestions(1), List.of(turn), 2),
                Reply.text("yes"),
                "ann",
                "cmd_2",
                NOW);
        RunHead pending = answered.run(RUN).orElseThrow();
        RunView view = new RunView(pending, List.of(turn), null, null, null);
        RunHead claimed = LeaseRules.claim(view, Runs.claimBy(Runs.HOLDER), 3, NOW)
                .run(RUN)
                .orElseThrow();

        assertThat(Runs.run(Runs.At.RUNNING).slotless()).isFalse();
        assertThat(waiting.slotless()).isTrue();
        assertThat(pending.status()).isEqualTo(RunStatus.PENDING);
        assertThat(pending.slotless()).isTrue();
        assertThat(claimed.slotless()).isFalse();
        assertThat(claimed.parkedEpoch()).isEqualTo(waiting.epoch());
        assertThat(answered.created().commands()).isEmpty();
        assertThat(answered.command("cmd_1").orElseThrow().resumed())
                .isNotNull()
                .returns(List.of(), Resumed::waitsFor);
    }
}
