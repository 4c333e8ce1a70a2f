package io.agentrun.example;

import io.agentrun.error.InvalidInputException;
import io.agentrun.json.ContentHash;
import io.agentrun.json.JsonObject;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.RetryPolicy;
import io.agentrun.run.SessionRef;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads tasks from a file of JSON Lines; all of them, or none and every reason.
 *
 * <p>A line is an object with {@code title}, {@code command} or, for an agent, {@code prompt}, and if wanted {@code ask} (for a command), {@code session}, {@code priority},
 * {@code attempts}, {@code retryAfterSeconds} and {@code startAfterSeconds}. Not thread-safe: one thread at a time.
 */
final class TaskFile {
    static final Owner OWNER = new Owner("local", "example");
    static final String QUEUE = "local-agents";

    private static final Set<String> FIELDS =
            Set.of("title", "session", "priority", "attempts", "retryAfterSeconds", "startAfterSeconds");
    private static final int MAX_WORK = 100_000;
    private static final long DAY = Duration.ofDays(1).toSeconds();

    private final AgentOption.Kind agent;
    private final Instant now;
    private final Map<String, Integer> seen = new HashMap<>();

    private TaskFile(AgentOption.Kind agent, Instant now) {
        this.agent = agent;
        this.now = now;
    }

    /**
     * Returns the tasks of the file, in its order.
     *
     * @param agent what works on them
     * @param now what {@code startAfterSeconds} counts from
     * @throws BadTaskFileException if the file cannot be read, holds no task, or has a line that is none
     */
    static List<NewQueueTask> read(Path file, AgentOption.Kind agent, Instant now) {
        List<String> problems = new ArrayList<>();
        List<NewQueueTask> tasks = new ArrayList<>();
        TaskFile reader = new TaskFile(agent, now);
        int number = 0;
        for (ByteBuffer line : lines(file)) {
            number++;
            try {
                reader.task(text(line)).ifPresent(tasks::add);
            } catch (InvalidInputException e) {
                problems.add("line " + number + ": " + e.getMessage());
            }
        }
        if (problems.isEmpty() && tasks.isEmpty()) {
            problems.add("it holds no task");
        }
        if (!problems.isEmpty()) {
            throw new BadTaskFileException(file, problems);
        }
        return tasks;
    }

    private static List<ByteBuffer> lines(Path file) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new BadTaskFileException(file, List.of("there is no such file"));
        } catch (IOException | OutOfMemoryError e) {
            throw new BadTaskFileException(file, List.of("it cannot be read"));
        }
        List<ByteBuffer> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                lines.add(ByteBuffer.wrap(bytes, start, i - start));
                start = i + 1;
            }
        }
        lines.add(ByteBuffer.wrap(bytes, start, bytes.length - start));
        return lines;
    }

    private static String text(ByteBuffer line) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(line).toString();
        } catch (CharacterCodingException e) {
            throw new InvalidInputException("line", "is not UTF-8");
        }
    }

    /** The task of the line; none in a blank one. */
    private Optional<NewQueueTask> task(String line) {
        if (line.isBlank()) {
            return Optional.empty();
        }
        JsonObject json = JsonObject.parse(line);
        requireKnownFields(json);
        String title = required(json, "title");
        String work = required(json, agent.work());
        if (work.length() > MAX_WORK) {
            throw new InvalidInputException(agent.work(), "must not be longer than " + MAX_WORK + " characters");
        }
        NewQueueTask.Builder task = NewQueueTask.builder(OWNER, QUEUE, title, RunSpec.of(agent.backend()))
                .payload(payload(json, title, work))
                .priority(number(json, "priority", -1_000_000, 1_000_000).orElse(0))
                .retry(RetryPolicy.of(
                        number(json, "attempts", 1, 100).orElse(1),
                        Duration.ofSeconds(
                                number(json, "retryAfterSeconds", 0, DAY).orElse(0))))
                .session(text(json, "session").map(SessionRef::of).orElse(null))
                .idempotencyKey(key(json));
        number(json, "startAfterSeconds", 0, DAY).ifPresent(seconds -> task.notBefore(now.plusSeconds(seconds)));
        return Optional.of(task.build());
    }

    /**
     * The same line is the same task at every start, wherever it stands; a line that is there twice is two tasks.
     */
    private String key(JsonObject json) {
        String hash = ContentHash.of(json);
        return hash + "-" + seen.merge(hash, 1, Integer::sum);
    }

    private JsonObject payload(JsonObject json, String title, String work) {
        JsonObject payload = JsonObject.of("prompt", title).with(agent.work(), work);
        return json.has("ask") ? payload.with("ask", required(json, "ask")) : payload;
    }

    private void requireKnownFields(JsonObject json) {
        Set<String> fields = new TreeSet<>(FIELDS);
        fields.add(agent.work());
        if (agent == AgentOption.Kind.COMMAND) {
            fields.add("ask");
        }
        for (String field : json.keys()) {
            if (!fields.contains(field)) {
                throw new InvalidInputException(field, "is not a field of a task; those are " + fields);
            }
        }
    }

    private static String required(JsonObject json, String field) {
        String text = text(json, field).orElseThrow(() -> new InvalidInputException(field, "must be given"));
        if (text.isBlank()) {
            throw new InvalidInputException(field, "must not be blank");
        }
        return text;
    }

    private static Optional<String> text(JsonObject json, String field) {
        Optional<String> text = json.string(field);
        if (text.isEmpty() && json.has(field)) {
            throw new InvalidInputException(field, "must be a text");
        }
        return text;
    }

    private static Optional<Integer> number(JsonObject json, String field, long least, long most) {
        if (!json.has(field)) {
            return Optional.empty();
        }
        return json.number(field)
                .filter(number -> number.scale() <= 0)
                .filter(number -> number.compareTo(BigDecimal.valueOf(least)) >= 0)
                .filter(number -> number.compareTo(BigDecimal.valueOf(most)) <= 0)
                .map(number -> Optional.of(number.intValueExact()))
                .orElseThrow(
                        () -> new InvalidInputException(field, "must be a whole number from " + least + " to " + most));
    }
}
