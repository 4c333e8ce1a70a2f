package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.doctor.StoreDoctor;
import io.agentrun.error.StoreClosedException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.inspect.Diagnosis;
import io.agentrun.tck.StoreFixture;
import java.util.Optional;

/** Examines what a test has left in a store. Thread-safe. */
final class Health {

    private Health() {}

    /**
     * Fails unless all that must hold in a store holds in that of the fixture. Of a fixture whose two instances a test has closed,
     * nothing is asked.
     *
     * @throws AssertionError with the findings
     */
    static void check(StoreFixture fixture) {
        for (AgentRunStore store : new AgentRunStore[] {fixture.store(), fixture.second()}) {
            Optional<Diagnosis> diagnosis = examine(store);
            if (diagnosis.isPresent()) {
                assertThat(diagnosis.get().findings())
                        .as("what must not be in a store")
                        .isEmpty();
                return;
            }
        }
    }

    /** Examines a store; nothing if a test has closed it or cut it off. */
    private static Optional<Diagnosis> examine(AgentRunStore store) {
        try {
            return Optional.of(StoreDoctor.of(store).examine());
        } catch (StoreClosedException | StoreUnavailableException e) {
            assertThat(store.health().reachable())
                    .as("a store that cannot be examined is reachable: %s", e)
                    .isFalse();
            return Optional.empty();
        }
    }
}
