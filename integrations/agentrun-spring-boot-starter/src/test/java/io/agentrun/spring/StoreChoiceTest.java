package io.agentrun.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.AgentRunStore;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.worker.Agent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/** Which store a host gets, if it has no data source. */
@Timeout(120)
class StoreChoiceTest {

    private static final String[] QUIET = {
        "spring.main.banner-mode=off",
        "spring.main.web-application-type=none",
        "logging.level.root=off",
        "spring.autoconfigure.exclude=org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration,"
                + "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration"
    };

    /** A host with an agent and nothing else. */
    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Small {

        @Bean
        Agent agent() {
            return turn -> TurnResult.of(Outcome.completed());
        }
    }

    /** A host with a store of its own. */
    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Own {

        static final AgentRunStore STORE = InMemoryAgentRunStore.create();

        @Bean
        AgentRunStore store() {
            return STORE;
        }
    }

    private static ConfigurableApplicationContext start(Class<?> application, String... properties) {
        String[] all = Stream.concat(List.of(QUIET).stream(), List.of(properties).stream())
                .toArray(String[]::new);
        return Host.start(application, all);
    }

    private static void works(ConfigurableApplicationContext context) {
        AgentRunStore store = context.getBean(AgentRunStore.class);
        QueueTask task = store.queue().create(HostApplication.task("small"));

        assertThat(Host.ended(store, task.id()).state()).isEqualTo(TaskState.COMPLETED);
    }

    @Test
    void in_memory_the_worker_works_and_the_start_says_that_calls_take_effect_at_once() {
        List<String> said = new CopyOnWriteArrayList<>();
        Handler keeper = new Handler() {
            @Override
            public void publish(LogRecord logged) {
                said.add(logged.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger("io.agentrun.spring");
        logger.addHandler(keeper);
        try (ConfigurableApplicationContext context =
                start(Small.class, "agentrun.store.type=memory", "logging.level.io.agentrun.spring=warn")) {
            works(context);
        } finally {
            logger.removeHandler(keeper);
        }

        assertThat(said).singleElement().asString().contains("in memory", "take effect at once");
    }

    @Test
    void on_a_file_what_was_done_is_there_after_a_restart(@TempDir Path folder) {
        Path file = folder.resolve("agents.log");
        String[] properties = {"agentrun.store.type=file", "agentrun.store.file=" + file};
        String taskId;
        try (ConfigurableApplicationContext context = start(Small.class, properties)) {
            taskId = context.getBean(AgentRunStore.class)
                    .queue()
                    .create(HostApplication.task("kept"))
                    .id();
        }

        assertThat(Files.exists(file)).isTrue();
        try (ConfigurableApplicationContext context = start(Small.class, properties)) {
            assertThat(context.getBean(AgentRunStore.class).queue().get(taskId).id())
                    .isEqualTo(taskId);
        }
    }

    @Test
    void a_host_without_a_data_source_is_told_what_to_do() {
        assertThatThrownBy(() -> start(Small.class)).hasRootCauseInstanceOf(StoreNotConfiguredException.class);
        assertThat(new StoreNotConfiguredAnalyzer()
                        .analyze(new RuntimeException(StoreNotConfiguredException.of(null)))
                        .getAction())
                .contains("agentrun.store.type", "spring.datasource");
    }

    @Test
    void a_file_store_without_a_file_is_refused() {
        assertThatThrownBy(() -> start(Small.class, "agentrun.store.type=file"))
                .hasRootCauseInstanceOf(StoreNotConfiguredException.class)
                .hasStackTraceContaining("no file is named");
    }

    @Test
    void with_none_there_is_neither_store_nor_worker() {
        try (ConfigurableApplicationContext context = start(Small.class, "agentrun.store.type=none")) {
            assertThat(context.getBeanProvider(AgentRunStore.class).stream()).isEmpty();
            assertThat(context.getBeanProvider(WorkerLifecycle.class).stream()).isEmpty();
            assertThat(context.getBeanProvider(MaintenanceLifecycle.class).stream())
                    .isEmpty();
        }
    }

    @Test
    void a_store_of_the_host_takes_the_place_of_ours_and_without_an_agent_there_is_no_worker() {
        try (ConfigurableApplicationContext context = start(Own.class)) {
            assertThat(context.getBean(AgentRunStore.class)).isSameAs(Own.STORE);
            assertThat(context.getBeanProvider(WorkerLifecycle.class).stream()).isEmpty();
            assertThat(context.getBean(MaintenanceLifecycle.class).isRunning()).isTrue();
        }
    }

    @Test
    void worker_and_maintenance_can_be_switched_off() {
        try (ConfigurableApplicationContext context = start(
                Small.class,
                "agentrun.store.type=memory",
                "agentrun.worker.enabled=false",
                "agentrun.maintenance.enabled=false")) {
            assertThat(context.getBeanProvider(WorkerLifecycle.class).stream()).isEmpty();
            assertThat(context.getBeanProvider(MaintenanceLifecycle.class).stream())
                    .isEmpty();
        }
    }
}
