package io.agentrun.memory.journal;

import static io.agentrun.memory.journal.JournalFixture.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalDamageTest {

    @TempDir
    Path directory;

    private JournalFixture fixture;
    private byte[] whole = new byte[0];
    private List<Long> ends = List.of();

    @BeforeEach
    void four_frames() throws IOException {
        fixture = JournalFixture.in(directory);
        ends = fixture.write(List.of(List.of("a"), List.of("b", "c"), List.of("d", "e"), List.of("f")));
        whole = fixture.content();
    }

    @Test
    void any_changed_byte_in_any_frame_the_last_one_too_is_an_error_at_the_start_of_that_frame() throws IOException {
        for (int frame = 0; frame < 4; frame++) {
            int end = frame < 3 ? start(frame + 1) : whole.length;
            for (int at = start(frame); at < end; at++) {
                for (int change : new int[] {1 << (at % 8), 0xFF}) {
                    assertDamaged(changed(at, change), "is damaged at byte " + start(frame) + ":");
                }
            }
        }
    }

    @Test
    void any_changed_byte_in_the_header_is_an_error() throws IOException {
        for (int at = 0; at < FileHeader.BYTES; at++) {
            for (int bit = 0; bit < 8; bit++) {
                assertDamaged(changed(at, 1 << bit), at < 8 ? "is not a journal of agentrun" : "is damaged at byte 0:");
            }
        }
    }

    @Test
    void a_file_that_ends_in_its_header_is_an_error() throws IOException {
        for (int end = 1; end < FileHeader.BYTES; end++) {
            assertDamaged(
                    Arrays.copyOf(whole, end), end < 8 ? "is not a journal of agentrun" : "it ends inside its header");
        }
    }

    @Test
    void damage_before_a_torn_last_frame_is_an_error() throws IOException {
        byte[] damaged = Arrays.copyOf(changed(start(2) + 30, 1), whole.length - 1);

        assertDamaged(damaged, "is damaged at byte " + start(2) + ":", "another follows at byte " + start(3));
    }

    @Test
    void a_frame_that_was_taken_away_or_doubled_is_an_error() throws IOException {
        assertDamaged(
                joined(0, start(1), start(2), whole.length),
                "is damaged at byte " + start(1) + ": here is frame 3 instead of frame 2");
        assertDamaged(
                joined(0, start(2), start(1), whole.length),
                "is damaged at byte " + start(2) + ": here is frame 2 instead of frame 3");
    }

    @Test
    void bytes_put_between_two_frames_are_an_error() throws IOException {
        byte[] longer = ByteBuffer.allocate(whole.length + 5)
                .put(whole, 0, start(1))
                .put(new byte[5])
                .put(whole, start(1), whole.length - start(1))
                .array();

        assertDamaged(longer, "is damaged at byte " + start(1) + ":");
    }

    @Test
    void a_frame_of_another_journal_is_not_taken_for_one_of_this() throws IOException {
        JournalFixture other = new JournalFixture(directory.resolve("other.journal"));
        other.write(List.of(List.of("x"), List.of("y"), List.of("z"), List.of("v"), List.of("foreign")));
        byte[] foreign = other.content();
        ByteBuffer both = ByteBuffer.allocate(whole.length + 100);
        both.put(whole).put(foreign, foreign.length - 35, 35);

        fixture.replaceBy(both.array());

        assertThat(fixture.read()).containsExactly("a", "b", "c", "d", "e", "f");
    }

    @Test
    void a_snapshot_is_never_cut_off_wherever_it_is_damaged() throws IOException {
        try (Journal journal = fixture.open()) {
            journal.rewrite(List.of(bytes("snap"), bytes("shot")));
        }
        whole = fixture.content();

        for (int at = FileHeader.BYTES; at < whole.length; at++) {
            assertDamaged(changed(at, 1), "is damaged at byte " + FileHeader.BYTES + ":", "snapshot");
            assertDamaged(Arrays.copyOf(whole, at), "is damaged at byte " + FileHeader.BYTES + ":", "snapshot");
        }
    }

    @Test
    void foreign_files_are_named_for_what_they_are() throws IOException {
        assertDamaged(bytes("#!/bin/sh\n" + "echo hello\n".repeat(100)), "is not a journal of agentrun");
        assertDamaged(bytes("x"), "is not a journal of agentrun");
        assertDamaged(new byte[10_000], "is not a journal of agentrun");
    }

    @Test
    void another_format_or_version_is_named() throws IOException {
        Journal.Format newer = new Journal.Format("test", 4);
        Journal.Format other = new Journal.Format("other", 3);

        assertThatExceptionOfType(StoreUnavailableException.class)
                .isThrownBy(() -> Journal.open(fixture.file(), newer, Journal.Sync.OS, entry -> {}))
                .matches(e -> e.reason() == Reason.CORRUPT)
                .withMessageContaining("store.journal is a journal of test 3, and this library reads test 4");
        assertThatExceptionOfType(StoreUnavailableException.class)
                .isThrownBy(() -> Journal.open(fixture.file(), other, Journal.Sync.OS, entry -> {}))
                .matches(e -> e.reason() == Reason.CORRUPT)
                .withMessageContaining("is a journal of test 3, and this library reads other 3");
        assertThat(fixture.content()).isEqualTo(whole);
    }

    @Test
    void a_refused_file_leaves_what_lies_beside_it() throws IOException {
        Path fresh = Files.writeString(directory.resolve("store.journal.rewrite"), "whatever");
        assertDamaged(bytes("not a journal"), "is not a journal of agentrun");

        assertThat(fresh).hasContent("whatever");
    }

    private int start(int frame) {
        return ends.get(frame).intValue();
    }

    private byte[] changed(int at, int change) {
        byte[] copy = whole.clone();
        copy[at] ^= (byte) change;
        return copy;
    }

    private byte[] joined(int from1, int to1, int from2, int to2) {
        return ByteBuffer.allocate(to1 - from1 + to2 - from2)
                .put(whole, from1, to1 - from1)
                .put(whole, from2, to2 - from2)
                .array();
    }

    private void assertDamaged(byte[] content, String... says) throws IOException {
        fixture.replaceBy(content);

        fixture.refused(Reason.CORRUPT)
                .satisfies(e -> assertThat(e).hasMessageContainingAll(says))
                .matches(e -> !e.retryable());
        assertThat(fixture.content()).isEqualTo(content);
    }
}
