package io.agentrun.example.web;

import io.agentrun.AgentRunStore;
import io.agentrun.command.NewCommand;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.worker.stream.ServerSentEvents;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/** Orders over HTTP. Who may see which is up to a real host: here everybody may see all. */
@RestController
class Orders {

    private static final Owner OWNER = new Owner("shop", "web");

    private final JdbcTemplate jdbc;
    private final AgentRunStore store;
    private final ServerSentEvents events;

    Orders(JdbcTemplate jdbc, AgentRunStore store, ServerSentEvents events) {
        this.jdbc = jdbc;
        this.store = store;
        this.events = events;
    }

    record Prompt(String prompt) {}

    /** The run is null until an agent has begun. */
    record Order(String id, String state, @Nullable String run) {}

    /** The order's row and its task are committed together, or neither is. */
    @PostMapping("/orders")
    @ResponseStatus(HttpStatus.CREATED)
    @Transactional
    public Order create(@RequestBody Prompt sent) {
        String id = UUID.randomUUID().toString();
        QueueTask task = store.queue()
                .create(NewQueueTask.builder(OWNER, "orders", "order " + id, RunSpec.of(BackendProfile.of("program")))
                        .payload(JsonObject.of("prompt", sent.prompt()))
                        .build());
        jdbc.update("INSERT INTO orders (id, prompt, task_id) VALUES (?, ?, ?)", id, sent.prompt(), task.id());
        return new Order(id, task.state().wire(), null);
    }

    @GetMapping("/orders/{id}")
    Order get(@PathVariable("id") String id) {
        QueueTask task = task(id);
        return new Order(id, task.state().wire(), run(task).orElse(null));
    }

    /** The run's events; a browser that comes back with Last-Event-ID gets those that it has not seen. */
    @GetMapping("/orders/{id}/events")
    ResponseEntity<StreamingResponseBody> events(
            @PathVariable("id") String id,
            @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String seen,
            HttpServletResponse response) {
        String run = begun(id);
        long after = ServerSentEvents.lastEventId(seen);
        return ResponseEntity.ok()
                .header("Content-Type", ServerSentEvents.CONTENT_TYPE)
                .body(unflushed -> {
                    try {
                        events.stream(run, after, response.getOutputStream());
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
    }

    @PostMapping("/orders/{id}/cancel")
    Order cancel(@PathVariable("id") String id) {
        store.queue().cancel(task(id).id(), "cancelled by the customer");
        return get(id);
    }

    @PostMapping("/orders/{id}/steer")
    void steer(@PathVariable("id") String id, @RequestBody Prompt sent) {
        store.commands().create(begun(id), NewCommand.steer(JsonObject.of("prompt", sent.prompt())));
    }

    private QueueTask task(String id) {
        List<String> tasks = jdbc.queryForList("SELECT task_id FROM orders WHERE id = ?", String.class, id);
        if (tasks.isEmpty()) {
            throw new ResponseStatusException(HttpStatus.NOT_FOUND, "there is no such order");
        }
        return store.queue().get(tasks.get(0));
    }

    private static Optional<String> run(QueueTask task) {
        return Optional.ofNullable(task.latestAttempt()).map(attempt -> attempt.runId());
    }

    private String begun(String id) {
        return run(task(id)).orElseThrow(() -> new ResponseStatusException(HttpStatus.CONFLICT, "nobody has begun"));
    }
}
