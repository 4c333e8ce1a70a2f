package io.agentrun.memory.journal;

import static io.agentrun.memory.journal.JournalFixture.FORMAT;
import static io.agentrun.memory.journal.JournalFixture.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {

    @TempDir
    Path directory;

    private JournalFixture fixture;

    @BeforeEach
    void openFolder() {
        fixture = JournalFixture.in(directory);
    }

    @Test
    void committed_entries_are_replayed_in_order() {
        fixture.write(List.of(List.of("a"), List.of("b", "", "c"), List.of("déjà vu")));

        assertThat(fixture.read()).containsExactly("a", "b", "", "c", "déjà vu");
    }

    @Test
    void an_empty_file_becomes_a_journal() throws IOException {
        Files.createFile(fixture.file());

        fixture.write(List.of(List.of("a")));

        assertThat(fixture.read()).containsExactly("a");
    }

    @Test
    void a_journal_goes_on_where_it_ended() {
        List<String> expected = new ArrayList<>();
        for (int round = 0; round < 20; round++) {
            assertThat(fixture.read()).isEqualTo(expected);
            fixture.write(List.of(List.of("r" + round), List.of("s" + round, "t" + round)));
            expected.addAll(List.of("r" + round, "s" + round, "t" + round));
        }

        assertThat(fixture.read()).isEqualTo(expected);
    }

    @Test
    void uncommitted_entries_are_not_replayed() {
        try (Journal journal = fixture.open()) {
            journal.append(bytes("kept"));
            journal.commit();
            journal.append(bytes("lost"));
        }

        assertThat(fixture.read()).containsExactly("kept");
    }

    @Test
    void a_commit_without_entries_writes_nothing() throws IOException {
        try (Journal journal = fixture.open()) {
            long before = journal.size();
            journal.commit();

            assertThat(journal.size()).isEqualTo(before).isEqualTo(Files.size(fixture.file()));
        }
    }

    @Test
    void the_size_is_the_length_of_the_file() throws IOException {
        try (Journal journal = fixture.open()) {
            for (int round = 0; round < 10; round++) {
                journal.append(new byte[round * 1000]);
                journal.append(new byte[1]);
                journal.commit();

                assertThat(journal.size()).isEqualTo(Files.size(fixture.file()));
            }
        }
    }

    @Test
    void many_entries_of_all_sizes_are_replayed() {
        Random random = new Random(20_260_101);
        List<byte[]> written = new ArrayList<>();
        try (Journal journal = fixture.open()) {
            for (int round = 0; round < 50_000; round++) {
                byte[] entry = new byte[random.nextInt(round % 1000 == 0 ? 600_000 : 300)];
                random.nextBytes(entry);
                journal.append(entry);
                written.add(entry);
                if (random.nextInt(4) == 0) {
                    journal.commit();
                }
            }
            journal.commit();
        }

        List<byte[]> replayed = new ArrayList<>();
        Journal.open(fixture.file(), FORMAT, Journal.Sync.OS, replayed::add).close();

        assertThat(replayed).hasSameSizeAs(written);
        for (int i = 0; i < written.size(); i++) {
            assertThat(Arrays.equals(replayed.get(i), written.get(i)))
                    .as("entry %d", i)
                    .isTrue();
        }
    }

    @Test
    void the_longest_entry_is_replayed_and_commits_what_came_before() throws IOException {
        byte[] longest = new byte[64 << 20];
        longest[longest.length - 1] = 1;
        List<byte[]> replayed = new ArrayList<>();
        try (Journal journal = fixture.open()) {
            journal.append(bytes("before"));
            journal.append(longest);

            assertThat(journal.size()).isLessThan(1000).isGreaterThan(FileHeader.BYTES);
            journal.append(bytes("after"));
            journal.commit();
        }

        Journal.open(fixture.file(), FORMAT, Journal.Sync.SYNCED, replayed::add).close();

        assertThat(replayed).hasSize(3);
        assertThat(Arrays.equals(replayed.get(1), longest)).isTrue();
        assertThat(replayed.get(2)).isEqualTo(bytes("after"));
    }

    @Test
    void a_synced_journal_holds_the_same() {
        try (Journal journal = Journal.open(fixture.file(), FORMAT, Journal.Sync.SYNCED, entry -> {})) {
            journal.append(bytes("a"));
            journal.commit();
            journal.append(bytes("b"));
            journal.commit();
        }

        assertThat(fixture.read()).containsExactly("a", "b");
    }

    @Test
    void an_interrupted_thread_reads_writes_and_rewrites_and_stays_interrupted() {
        fixture.write(List.of(List.of("a")));
        Thread.currentThread().interrupt();
        try (Journal journal = Journal.open(fixture.file(), FORMAT, Journal.Sync.SYNCED, entry -> {})) {
            journal.append(bytes("b"));
            journal.commit();
            journal.rewrite(List.of(bytes("ab")));
            journal.append(bytes("c"));
            journal.commit();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }

        assertThat(fixture.read()).containsExactly("ab", "c");
    }

    @Test
    void an_exception_of_the_reader_ends_the_opening_and_leaves_the_file_free() {
        fixture.write(List.of(List.of("a")));

        assertThatIllegalStateException()
                .isThrownBy(() -> Journal.open(fixture.file(), FORMAT, Journal.Sync.OS, entry -> {
                    throw new IllegalStateException("not readable");
                }))
                .withMessage("not readable");
        assertThat(fixture.read()).containsExactly("a");
    }

    @Test
    void the_name_of_a_format_is_short_and_printable() {
        for (String name : List.of("", "a b", "12345678901234567", "é", "a\0")) {
            assertThatIllegalArgumentException().isThrownBy(() -> new Journal.Format(name, 1));
        }
    }
}
