package io.agentrun.memory.journal;

import static io.agentrun.memory.journal.JournalFixture.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalRewriteTest {

    @TempDir
    Path directory;

    private JournalFixture fixture;
    private Path fresh = Path.of("");

    @BeforeEach
    void two_frames() {
        fixture = JournalFixture.in(directory);
        fixture.write(List.of(List.of("a"), List.of("b")));
        fresh = directory.resolve("store.journal.rewrite");
    }

    @Test
    void a_rewritten_journal_holds_the_snapshot_and_what_came_after() throws IOException {
        List<String> replayed = new ArrayList<>();
        try (Journal journal = fixture.open()) {
            journal.rewrite(List.of(bytes("ab")));
            assertThat(journal.size()).isEqualTo(Files.size(fixture.file()));
            journal.append(bytes("c"));
            journal.commit();
            journal.rewrite(List.of(bytes("abc")));
            journal.append(bytes("d"));
            journal.commit();
            assertThat(journal.size()).isEqualTo(Files.size(fixture.file()));
        }

        fixture.open(replayed).close();

        assertThat(replayed).containsExactly("abc", "d");
        assertThat(fresh).doesNotExist();
    }

    @Test
    void a_snapshot_may_be_empty_or_of_many_frames() {
        List<String> many = IntStream.range(0, 30_000)
                .mapToObj(i -> i + "x".repeat(i % 300))
                .toList();
        try (Journal journal = fixture.open()) {
            journal.rewrite(List.of());
        }
        assertThat(fixture.read()).isEmpty();

        try (Journal journal = fixture.open()) {
            journal.rewrite(() -> many.stream().map(JournalFixture::bytes).iterator());
        }

        assertThat(fixture.read()).isEqualTo(many);
    }

    @Test
    void a_torn_frame_after_a_snapshot_is_cut_off() throws IOException {
        try (Journal journal = fixture.open()) {
            journal.rewrite(List.of(bytes("ab")));
            journal.append(bytes("c"));
            journal.commit();
        }
        byte[] whole = fixture.content();

        fixture.replaceBy(Arrays.copyOf(whole, whole.length - 1));

        assertThat(fixture.read()).containsExactly("ab");
    }

    @Test
    void what_an_interrupted_rewrite_left_is_removed() throws IOException {
        JournalFixture complete = new JournalFixture(directory.resolve("complete.journal"));
        complete.write(List.of(List.of("not yet")));
        for (byte[] left : List.of(new byte[0], new byte[FileHeader.BYTES], bytes("half"), complete.content())) {
            Files.write(fresh, left);

            assertThat(fixture.read()).containsExactly("a", "b");
            assertThat(fresh).doesNotExist();
        }
    }

    @Test
    void what_an_interrupted_creation_left_is_removed() throws IOException {
        Files.delete(fixture.file());
        Files.write(fresh, new byte[100]);

        assertThat(fixture.read()).isEmpty();
        assertThat(fresh).doesNotExist();
    }

    @Test
    void a_snapshot_that_cannot_be_taken_changes_nothing() {
        Iterable<byte[]> failing = () -> {
            throw new IllegalStateException("no snapshot");
        };
        try (Journal journal = fixture.open()) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> journal.rewrite(failing))
                    .withMessage("no snapshot");
            assertThat(fresh).doesNotExist();
            journal.append(bytes("c"));
            journal.commit();
        }

        assertThat(fixture.read()).containsExactly("a", "b", "c");
    }

    @Test
    void a_new_file_that_cannot_be_made_changes_nothing() throws IOException {
        Path inTheWay = Files.createDirectories(fresh.resolve("in the way"));
        try (Journal journal =
                Journal.open(directory.resolve("other"), JournalFixture.FORMAT, Journal.Sync.OS, entry -> {})) {
            Files.createDirectories(directory.resolve("other.rewrite").resolve("in the way"));
            assertThatExceptionOfType(StoreUnavailableException.class)
                    .isThrownBy(() -> journal.rewrite(List.of(bytes("snapshot"))))
                    .withMessageContaining("the file other");
            journal.append(bytes("a"));
            journal.commit();
        }

        fixture.refused(Reason.INTERNAL);
        assertThat(inTheWay).exists();
        Files.delete(inTheWay);
        assertThat(fixture.read()).containsExactly("a", "b");
    }

    @Test
    void a_rewrite_keeps_the_permissions_of_the_file() throws IOException {
        Files.setPosixFilePermissions(fixture.file(), PosixFilePermissions.fromString("rw-r-----"));
        try (Journal journal = fixture.open()) {
            journal.rewrite(List.of(bytes("ab")));
        }

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(fixture.file())))
                .isEqualTo("rw-r-----");
    }

    @Test
    void entries_must_be_committed_before() {
        try (Journal journal = fixture.open()) {
            journal.append(bytes("c"));

            assertThatIllegalStateException().isThrownBy(() -> journal.rewrite(List.of()));
            journal.commit();
        }

        assertThat(fixture.read()).containsExactly("a", "b", "c");
    }
}
