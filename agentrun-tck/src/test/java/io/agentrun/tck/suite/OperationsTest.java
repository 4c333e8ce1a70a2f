package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.memory.InMemoryAgentRunStore;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Holds the table of operations against the interfaces that it tells of. */
class OperationsTest {

    @Test
    void the_table_has_every_operation_of_every_interface_of_a_store() {
        List<String> listed = Operations.on(Operations.unknown(), new Given(InMemoryAgentRunStore.create())).stream()
                .map(Operations.Operation::method)
                .toList();

        assertThat(listed).containsExactlyInAnyOrderElementsOf(Operations.ofTheApi());
    }
}
