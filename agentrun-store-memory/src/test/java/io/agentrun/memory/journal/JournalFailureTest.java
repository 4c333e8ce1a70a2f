package io.agentrun.memory.journal;

import static io.agentrun.memory.journal.JournalFixture.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.error.StoreClosedException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalFailureTest {

    @TempDir
    Path directory;

    private JournalFixture fixture;

    @BeforeEach
    void openFolder() {
        fixture = JournalFixture.in(directory);
    }

    @Test
    void a_full_disk_is_named_and_nothing_acknowledged_is_lost() throws Exception {
        List<String> limited = List.of("sh", "-c", "ulimit -f 100; exec \"$@\"", "sh");

        List<String> said =
                JournalProcess.run(limited, "fill", fixture.file()).lines().toList();

        int acknowledged = Integer.parseInt(said.get(0));
        assertThat(acknowledged).isGreaterThan(10);
        assertThat(said.get(1)).startsWith("STORAGE_FULL: the file store.journal cannot grow");
        assertThat(said.get(2)).isEqualTo(said.get(1));
        assertThat(fixture.read()).hasSize(acknowledged);
    }

    @Test
    void a_journal_accepts_writes_once_there_is_free_space_again() throws Exception {
        List<String> limited = List.of("sh", "-c", "ulimit -S -f 100; exec \"$@\"", "sh");

        List<String> said = JournalProcess.run(limited, "fill-and-go-on", fixture.file())
                .lines()
                .toList();

        int acknowledged = Integer.parseInt(said.get(0));
        assertThat(said.get(1)).startsWith("STORAGE_FULL: ");
        assertThat(said.get(3)).startsWith("STORAGE_FULL: ");
        assertThat(said.get(4)).isEqualTo("resumed");
        // The entry whose write has failed is there too, once: its caller was told that the outcome is unknown.
        assertThat(fixture.read()).hasSize(acknowledged + 2).doesNotHaveDuplicates();
    }

    @Test
    void after_a_failed_write_every_call_fails_until_that_write_has_succeeded() throws IOException {
        Journal journal = fixture.open();
        journal.append(bytes("a"));
        journal.commit();
        journal.append(bytes("b"));
        journal.file().close(); // as if the disk had gone

        assertBroken(journal::commit, "could not be read or written");
        assertBroken(journal::commit, "could not be read or written");
        assertBroken(() -> journal.append(bytes("c")), "could not be read or written");
        assertBroken(() -> journal.rewrite(List.of()), "could not be read or written");
        assertBroken(journal::resume, "could not be read or written");
        journal.close();
        assertThat(fixture.read()).containsExactly("a");
    }

    @Test
    void an_entry_that_is_too_long_breaks_the_journal() {
        try (Journal journal = fixture.open()) {
            journal.append(bytes("not committed"));

            assertBroken(() -> journal.append(new byte[(64 << 20) + 1]), "longer than the 67108864");
            assertNeedsReopen(journal::commit);
            assertNeedsReopen(journal::resume);
        }

        assertThat(fixture.read()).isEmpty();
    }

    @Test
    void an_entry_that_cannot_be_made_breaks_the_journal_for_good() {
        try (Journal journal = fixture.open()) {
            assertThatExceptionOfType(StoreUnavailableException.class)
                    .isThrownBy(() -> journal.append(() -> {
                        throw new AssertionError("no bytes");
                    }));
            assertNeedsReopen(journal::commit);
            assertNeedsReopen(journal::resume);
        }

        assertThat(fixture.read()).isEmpty();
    }

    @Test
    void a_new_file_that_cannot_take_the_place_of_the_old_breaks_the_journal() throws IOException {
        try (Journal journal = fixture.open()) {
            Files.delete(fixture.file());
            Files.createDirectories(fixture.file().resolve("in the way"));

            assertBroken(() -> journal.rewrite(List.of(bytes("a"))), "could not be read or written");
            assertNeedsReopen(() -> journal.append(bytes("b")));
        }
    }

    @Test
    void a_closed_journal_says_so_and_closing_again_does_nothing() {
        Journal journal = fixture.open();
        journal.close();
        journal.close();

        try (Journal next = fixture.open()) {
            journal.close();
            fixture.refused(Reason.IN_USE);
            assertThatExceptionOfType(StoreClosedException.class).isThrownBy(() -> journal.append(bytes("a")));
            assertThatExceptionOfType(StoreClosedException.class).isThrownBy(journal::commit);
            assertThatExceptionOfType(StoreClosedException.class).isThrownBy(() -> journal.rewrite(List.of()));
            assertThat(next.size()).isEqualTo(FileHeader.BYTES);
        }
    }

    private static void assertNeedsReopen(ThrowingCallable call) {
        assertThatExceptionOfType(StoreUnavailableException.class)
                .isThrownBy(call)
                .matches(e -> e.reason() == Reason.NEEDS_REOPEN && !e.retryable())
                .withMessageContaining("reopen the store");
    }

    private static void assertBroken(ThrowingCallable call, String says) {
        assertThatExceptionOfType(StoreUnavailableException.class)
                .isThrownBy(call)
                .matches(e -> e.reason() == Reason.INTERNAL)
                .withMessageContaining("store.journal")
                .withMessageContaining(says);
    }
}
