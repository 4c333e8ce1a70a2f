package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.doctor.StoreDoctor;
import io.agentrun.inspect.Diagnosis;
import io.agentrun.tck.StoreFixture;

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
            if (store.health().reachable()) {
                Diagnosis diagnosis = StoreDoctor.of(store).examine();
                assertThat(diagnosis.findings())
                        .as("what must not be in a store")
                        .isEmpty();
                return;
            }
        }
    }
}
