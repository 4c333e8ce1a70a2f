package io.agentrun.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.backend.StartingBackends;
import io.agentrun.model.BackendProfile;
import io.agentrun.runner.NewBackend;
import org.junit.jupiter.api.Test;

class StartingBackendsTest {

    @Test
    void every_known_profile_has_one() {
        assertThat(StartingBackends.all())
                .extracting(NewBackend::profile)
                .containsExactly(BackendProfile.CODEX, BackendProfile.DEEPSEEK, BackendProfile.MINIMAX_M3);
        assertThat(StartingBackends.all()).allSatisfy(backend -> {
            assertThat(backend.capabilities().string("transport")).contains("stdio");
            assertThat(backend.capacity().string("mode")).contains("manual-runner-v0.1");
            assertThat(backend.health().string("status")).contains("registered");
        });
    }
}
