package io.agentrun.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.agentrun.command.SeenCommands;
import io.agentrun.lease.Fence;
import io.agentrun.lease.FenceToken;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which runs a worker waits for news of. */
class HeardRunsTest {

    private static final Fence FENCE = new Fence("run_1", "worker", 1, FenceToken.random());
    private static final String RUN = FENCE.runId();
    private static final SeenCommands SAW = new SeenCommands(FENCE, Set.of("cmd_1"), true);

    private final HeardRuns heard = new HeardRuns();

    @Test
    void a_run_is_waited_for_once_it_is_listened_to() {
        heard.hold(FENCE);

        assertThat(heard.waits().entries()).isEmpty();
        heard.listen(RUN);
        assertThat(heard.waits().entries()).containsOnly(entry(RUN, SeenCommands.nothing(FENCE)));
    }

    @Test
    void a_run_whose_turn_is_about_to_end_is_not_waited_for_until_it_goes_on() {
        heard.hold(FENCE);
        heard.listen(RUN);

        heard.ending(RUN);
        heard.listen(RUN);
        heard.saw(SAW);
        assertThat(heard.waits().entries()).isEmpty();

        heard.goesOn(RUN);
        assertThat(heard.waits().entries()).containsOnly(entry(RUN, SAW));
        assertThat(heard.commandIds(RUN)).containsExactly("cmd_1");
    }

    @Test
    void a_run_that_is_held_no_more_is_never_waited_for() {
        heard.hold(FENCE);
        heard.forget(RUN);

        heard.listen(RUN);
        heard.goesOn(RUN);
        heard.saw(SAW);
        heard.ending(RUN);

        assertThat(heard.waits().entries()).isEmpty();
        assertThat(heard.commandIds(RUN)).isEmpty();
    }
}
