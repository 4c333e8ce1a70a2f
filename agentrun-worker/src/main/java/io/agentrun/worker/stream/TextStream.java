package io.agentrun.worker.stream;

import io.agentrun.check.Require;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.json.StreamRedaction;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Text of one source that goes through an {@link EventWriter}: the lines of a process, or the pieces in which a model answers.
 * It is redacted as the one text that it is, before it is cut into events.
 *
 * <p>Thread-safe; the texts of two threads are mixed, whole.
 */
public final class TextStream {

    private static final int CHUNK = 8_192;

    private final EventWriter writer;
    private final OutputText rules;
    private final EventType type;
    private final Function<String, JsonObject> payload;

    // From here on the sender's, which makes one batch after the other.
    private final AnsiFilter ansi = new AnsiFilter();
    private final StreamRedaction redaction;
    private final TextEvents events;

    private TextStream(
            EventWriter writer,
            WriterSettings settings,
            TextEvents events,
            EventType type,
            Function<String, JsonObject> payload) {
        this.writer = writer;
        this.rules = settings.text();
        this.type = Require.given("type", type);
        this.payload = Require.given("payload", payload);
        this.redaction = new StreamRedaction(settings.redactor());
        this.events = events;
    }

    static TextStream ofLines(
            EventWriter writer, WriterSettings settings, EventType type, Function<String, JsonObject> payload) {
        return new TextStream(writer, settings, new TextEvents.Lines(settings.text()), type, payload);
    }

    static TextStream ofPieces(
            EventWriter writer, WriterSettings settings, EventType type, Function<String, JsonObject> payload) {
        return new TextStream(writer, settings, new TextEvents.Pieces(settings.text()), type, payload);
    }

    /**
     * Writes a text as it is; a line may begin in one call and end in a later one. Waits while the writer's buffer is full.
     *
     * @throws io.agentrun.error.InvalidInputException if the text is null
     * @throws io.agentrun.error.AgentRunException as {@link EventWriter#write}
     * @throws InterruptedException as {@link EventWriter#write}
     */
    public void write(String text) throws InterruptedException {
        writer.accept(List.of(Entry.of(this, Require.given("text", text), false)));
    }

    /**
     * Writes a line and its end. Waits while the writer's buffer is full.
     *
     * @throws io.agentrun.error.InvalidInputException if the text is null
     * @throws io.agentrun.error.AgentRunException as {@link EventWriter#write}
     * @throws InterruptedException as {@link EventWriter#write}
     */
    public void line(String text) throws InterruptedException {
        writer.accept(List.of(Entry.of(this, Require.given("text", text), true)));
    }

    /**
     * Reads bytes of UTF-8 to their end and writes their lines, each when it has ended. It holds one line at most, and does not
     * read on while the writer's buffer is full, so that a process that floods is slowed down. The input stays open.
     *
     * @throws IOException if reading fails; what was read before is written
     * @throws io.agentrun.error.AgentRunException as {@link EventWriter#write}
     * @throws InterruptedException as {@link EventWriter#write}
     */
    public void copy(InputStream in) throws IOException, InterruptedException {
        List<Entry> pieces = new ArrayList<>();
        LineDecoder decoder = new LineDecoder(rules, (text, first, last) -> pieces.add(Entry.of(this, text, last)));
        byte[] chunk = new byte[CHUNK];
        try {
            for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
                decoder.decode(chunk, 0, n);
                writer.accept(pieces);
                pieces.clear();
            }
        } finally {
            decoder.finish();
            writer.accept(pieces);
        }
    }

    /** Adds text to the end, and gives away the events that it makes. */
    void take(String text, List<NewEvent> to) {
        String plain = rules.stripsAnsi() ? withoutAnsi(text) : text;
        events.add(
                plain.endsWith("\n") ? redaction.appendLines(plain) : redaction.append(plain) + redaction.settle(),
                line -> to.add(event(line)));
    }

    /** Gives away what can stand alone: the batch ends here. */
    void pause(List<NewEvent> to) {
        events.pause(line -> to.add(event(line)));
    }

    /** Gives away what is held back. */
    void release(List<NewEvent> to) {
        events.add(redaction.release(), line -> to.add(event(line)));
        events.finish(line -> to.add(event(line)));
    }

    /** Returns whether something is held back. */
    boolean holds() {
        return redaction.holds() || events.holds();
    }

    private NewEvent event(String text) {
        return new NewEvent(type, payload.apply(text));
    }

    private String withoutAnsi(String text) {
        if (text.indexOf(AnsiFilter.ESCAPE) < 0 && !ansi.isInside()) {
            return text;
        }
        StringBuilder plain = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            if (!ansi.takes(text.charAt(i))) {
                plain.append(text.charAt(i));
            }
        }
        return plain.toString();
    }
}
