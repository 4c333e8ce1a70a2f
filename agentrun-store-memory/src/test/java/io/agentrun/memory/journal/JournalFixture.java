package io.agentrun.memory.journal;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssertAlternative;

/** A journal's place in a test, and what one does there. */
record JournalFixture(Path file) {
    static final Journal.Format FORMAT = new Journal.Format("test", 3);

    /** A file in {@code directory}; nothing is written yet. */
    static JournalFixture in(Path directory) {
        return new JournalFixture(directory.resolve("store.journal"));
    }

    Journal open(List<String> replayed) {
        return Journal.open(file, FORMAT, Journal.Sync.OS, entry -> replayed.add(text(entry)));
    }

    Journal open() {
        return open(new ArrayList<>());
    }

    /** Commits each group as one frame; returns the length of the file before the first and after each. */
    List<Long> write(List<List<String>> groups) {
        List<Long> ends = new ArrayList<>();
        try (Journal journal = open()) {
            ends.add(journal.size());
            for (List<String> group : groups) {
                group.forEach(entry -> journal.append(bytes(entry)));
                journal.commit();
                ends.add(journal.size());
            }
        }
        return ends;
    }

    List<String> read() {
        List<String> replayed = new ArrayList<>();
        open(replayed).close();
        return replayed;
    }

    byte[] content() throws IOException {
        return Files.readAllBytes(file);
    }

    void replaceBy(byte[] content) throws IOException {
        Files.write(file, content);
    }

    ThrowableAssertAlternative<StoreUnavailableException> refused(Reason reason) {
        return assertThatExceptionOfType(StoreUnavailableException.class)
                .isThrownBy(this::open)
                .matches(e -> e.reason() == reason, "reason " + reason)
                .withMessageContaining(file.getFileName().toString());
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
