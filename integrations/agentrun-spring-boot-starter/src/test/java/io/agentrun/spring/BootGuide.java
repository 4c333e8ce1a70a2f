package io.agentrun.spring;

import io.agentrun.AgentRunStore;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.worker.Agent;
import io.agentrun.worker.ProcessAgent;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Transactional;

/** The programs of {@code docs/spring-boot.md}. */
class BootGuide {

    private final JdbcTemplate jdbc;
    private final AgentRunStore store;

    BootGuide(JdbcTemplate jdbc, AgentRunStore store) {
        this.jdbc = jdbc;
        this.store = store;
    }

    @Bean
    Agent agent() {
        return ProcessAgent.of(turn -> new ProcessBuilder("codex", "exec", turn.prompt()));
    }

    @Transactional
    public String order(long id, NewQueueTask task) {
        jdbc.update("INSERT INTO orders (id) VALUES (?)", id);
        return store.queue().create(task).id();
    }
}
