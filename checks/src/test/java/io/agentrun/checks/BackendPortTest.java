package io.agentrun.checks;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.backend.Shortcuts;
import io.agentrun.backend.StoreBackend;
import io.agentrun.backend.StoreReads;
import io.agentrun.backend.StoreTx;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** How much an author of a store has to write. */
class BackendPortTest {

    /** 44 for what was there first, two for purges, one each for replacing and deadlines, four each for schedules and questions. */
    private static final int MOST = 56;

    @Test
    void a_backend_has_at_most_so_many_methods_to_implement() {
        List<String> methods = Stream.of(StoreBackend.class, StoreTx.class)
                .flatMap(BackendPortTest::toImplement)
                .toList();

        assertThat(methods).hasSizeLessThanOrEqualTo(MOST).contains("StoreBackend.write", "StoreReads.findRun");
    }

    @Test
    void the_guide_says_how_many_there_are() throws IOException {
        String guide = Files.readString(Path.of("..", "docs", "writing-a-store.md"));

        for (Class<?> port : List.of(StoreBackend.class, StoreReads.class, StoreTx.class)) {
            long own = toImplement(port)
                    .filter(method -> method.startsWith(port.getSimpleName()))
                    .count();
            assertThat(guide).contains("### `" + port.getSimpleName() + "`: " + own + " methods");
        }
    }

    @Test
    void shortcuts_are_optional() {
        assertThat(toImplement(Shortcuts.class)).isEmpty();
    }

    private static Stream<String> toImplement(Class<?> port) {
        return Stream.of(port.getMethods())
                .filter(method -> Modifier.isAbstract(method.getModifiers()))
                .map(BackendPortTest::name);
    }

    private static String name(Method method) {
        return method.getDeclaringClass().getSimpleName() + "." + method.getName();
    }
}
