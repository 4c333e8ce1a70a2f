package io.agentrun.spring;

import io.agentrun.AgentRunStore;
import io.agentrun.QueueStore;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.run.Run;
import io.agentrun.worker.Agent;
import io.agentrun.worker.stream.ServerSentEvents;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/** A host: orders in a table of its own, a task for each, an agent, and a few pages. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import({HostApplication.Orders.class, HostApplication.Audit.class, HostApplication.Pages.class})
class HostApplication {

    static final Owner OWNER = new Owner("tenant", "project");

    /** A task of the host's queue. */
    static NewQueueTask task(String title) {
        return NewQueueTask.builder(OWNER, "orders", title, RunSpec.of(BackendProfile.CODEX))
                .build();
    }

    /** What an agent waits for, if its task says so. */
    static final class Gate {
        final CountDownLatch entered = new CountDownLatch(1);
        final CountDownLatch open = new CountDownLatch(1);
    }

    @Bean
    Gate gate() {
        return new Gate();
    }

    @Bean
    Agent agent(Gate gate) {
        return turn -> {
            turn.events().line("working on " + turn.task().title());
            if (turn.task().title().startsWith("wait")) {
                turn.events().flush();
                gate.entered.countDown();
                gate.open.await();
            }
            return TurnResult.of(Outcome.completed());
        };
    }

    /** The host's own rows, and tasks, in one transaction. */
    static class Orders {

        private final JdbcTemplate jdbc;
        private final AgentRunStore store;
        private final QueueStore queue;
        private final Audit audit;

        Orders(JdbcTemplate jdbc, AgentRunStore store, Audit audit) {
            this.jdbc = jdbc;
            this.store = store;
            this.queue = store.queue();
            this.audit = audit;
        }

        /** Writes a row and a task. */
        @Transactional
        public QueueTask order(String id) {
            jdbc.update("INSERT INTO orders (id) VALUES (?)", id);
            return queue.create(task(id));
        }

        /** Writes a row and a task, and then throws. */
        @Transactional
        public void orderInVain(String id) {
            order(id);
            throw new IllegalStateException("no");
        }

        /** Writes a task whose row is there already. */
        @Transactional
        public void orderTwice(String id) {
            queue.create(task(id));
            jdbc.update("INSERT INTO orders (id) VALUES (?)", id);
            jdbc.update("INSERT INTO orders (id) VALUES (?)", id);
        }

        /** Writes a task in a transaction of its own, then one that is rolled back, reading in between. */
        @Transactional
        public void auditAndFail(String id) {
            queue.create(task(id));
            audit.note(id + " audited");
            queue.create(task(id + " again"));
            throw new IllegalStateException("no");
        }

        /** Waits for an event, which no transaction may do. */
        @Transactional
        public void awaitInTransaction(String runId) {
            store.events().await(runId, 100, 1, Duration.ofSeconds(1));
        }

        /** Does what it is told in a transaction. */
        @Transactional
        public void in(Runnable what) {
            what.run();
        }
    }

    /** A transaction of its own inside of another one. */
    static class Audit {

        private final AgentRunStore store;

        Audit(AgentRunStore store) {
            this.store = store;
        }

        @Transactional(propagation = Propagation.REQUIRES_NEW)
        public void note(String title) {
            store.queue().create(task(title));
        }
    }

    /** A few pages. */
    @RestController
    static class Pages {

        private final AgentRunStore store;
        private final ServerSentEvents events;

        Pages(AgentRunStore store, ServerSentEvents events) {
            this.store = store;
            this.events = events;
        }

        @GetMapping("/runs/{id}")
        Run run(@PathVariable("id") String id) {
            return store.runs().get(id);
        }

        @PostMapping("/tasks")
        QueueTask create(@RequestBody NewQueueTask task) {
            return store.queue().create(task);
        }

        @GetMapping("/runs/{id}/events")
        ResponseEntity<StreamingResponseBody> events(@PathVariable("id") String id, HttpServletResponse response) {
            return ResponseEntity.ok()
                    .header("Content-Type", ServerSentEvents.CONTENT_TYPE)
                    .body(unflushed -> stream(id, response.getOutputStream()));
        }

        private void stream(String id, OutputStream out) throws IOException {
            try {
                events.stream(id, 0, out);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
