package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.memory.InMemoryAgentRunStore;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Holds the table of operations against the interfaces that it tells of. */
class OperationsTest {

    @Test
    void the_table_has_every_operation_of_every_room() {
        List<String> operations = new ArrayList<>();
        for (Method part : AgentRunStore.class.getMethods()) {
            if (part.getName().equals("upkeep")) {
                operations.add(part.getName());
            } else if (part.getReturnType().getName().startsWith("io.agentrun.")
                    && !part.getName().equals("health")) {
                Arrays.stream(part.getReturnType().getMethods())
                        .map(operation -> part.getName() + "." + operation.getName())
                        .forEach(operations::add);
            }
        }

        List<String> listed = Operations.on(Operations.unknown(), new Given(InMemoryAgentRunStore.create())).stream()
                .map(operation -> operation.name().replaceFirst(" .*", ""))
                .toList();

        assertThat(listed).containsExactlyInAnyOrderElementsOf(operations);
    }
}
