package io.agentrun.k8s.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.error.InvalidInputException;
import io.agentrun.k8s.kubectl.memory.InMemoryKubectlHandler;
import io.agentrun.memory.InMemoryAgentRunStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StorageGcLoopTest {

    @Test
    void the_interval_is_the_environments_or_five_minutes() {
        assertThat(StorageGcLoop.intervalFrom(Map.of())).isEqualTo(Duration.ofMinutes(5));
        assertThat(StorageGcLoop.intervalFrom(Map.of("AGENTRUN_SESSION_GC_INTERVAL_MS", " ")))
                .isEqualTo(Duration.ofMinutes(5));
        assertThat(StorageGcLoop.intervalFrom(Map.of("AGENTRUN_SESSION_GC_INTERVAL_MS", "1500")))
                .isEqualTo(Duration.ofMillis(1500));
        for (String bad : List.of("5m", "-1", "0", "9".repeat(18), "9".repeat(40))) {
            assertThatThrownBy(() -> StorageGcLoop.intervalFrom(Map.of("AGENTRUN_SESSION_GC_INTERVAL_MS", bad)))
                    .isInstanceOfSatisfying(
                            InvalidInputException.class,
                            e -> assertThat(e.field()).isEqualTo("AGENTRUN_SESSION_GC_INTERVAL_MS"));
        }
    }

    @Test
    void the_loop_goes_on_whatever_its_listener_and_its_store_do() throws Exception {
        InMemoryAgentRunStore store = InMemoryAgentRunStore.create();
        StorageGc gc = new StorageGc(
                store,
                InMemoryKubectlHandler.create(),
                SessionVolumeOptions.of("test", "default"),
                StorageGcOptions.defaults());
        CountDownLatch turns = new CountDownLatch(5);

        try (StorageGcLoop loop = StorageGcLoop.start(gc, Duration.ofMillis(10), report -> {
            turns.countDown();
            store.close();
            throw new IllegalStateException("a listener's bad day");
        })) {
            assertThat(loop).isNotNull();
            assertThat(turns.await(30, TimeUnit.SECONDS)).isTrue();
        }
    }
}
