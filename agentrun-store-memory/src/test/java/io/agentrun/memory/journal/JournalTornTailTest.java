package io.agentrun.memory.journal;

import static io.agentrun.memory.journal.JournalFixture.FORMAT;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTornTailTest {

    @TempDir
    Path directory;

    private JournalFixture fixture;
    private byte[] whole = new byte[0];
    private int lastFrame;

    @BeforeEach
    void three_frames() throws IOException {
        fixture = JournalFixture.in(directory);
        List<Long> ends = fixture.write(List.of(List.of("a"), List.of("b", "c"), List.of("d", "e", "f")));
        whole = fixture.content();
        lastFrame = ends.get(2).intValue();
        assertThat(whole).hasSize(ends.get(3).intValue());
    }

    @Test
    void a_last_frame_that_ends_at_any_byte_is_cut_off() throws IOException {
        for (int end = lastFrame; end < whole.length; end++) {
            assertCutOff(Arrays.copyOf(whole, end), "ends at " + end);
        }
    }

    @Test
    void a_last_frame_whose_rest_is_zeros_from_any_byte_is_cut_off() throws IOException {
        for (int end = lastFrame; end < whole.length - 1; end++) {
            byte[] torn = whole.clone();
            Arrays.fill(torn, end, torn.length, (byte) 0);
            assertCutOff(torn, "zeros from " + end);
        }
    }

    @Test
    void a_tail_of_zeros_of_any_length_is_cut_off() throws IOException {
        byte[] first = Arrays.copyOf(whole, lastFrame);
        for (int zeros : new int[] {1, 4, 23, 24, 25, 100, 4096, 1_000_000}) {
            assertCutOff(Arrays.copyOf(first, first.length + zeros), zeros + " zeros");
        }
    }

    @Test
    void a_torn_tail_is_dropped_and_the_journal_accepts_writes() throws IOException {
        fixture.replaceBy(Arrays.copyOf(whole, whole.length - 1));

        fixture.write(List.of(List.of("g")));
        fixture.write(List.of(List.of("h")));

        assertThat(fixture.read()).containsExactly("a", "b", "c", "g", "h");
    }

    @Test
    void a_torn_first_frame_leaves_an_empty_journal() throws IOException {
        fixture.replaceBy(Arrays.copyOf(whole, FileHeader.BYTES + 10));

        assertThat(fixture.read()).isEmpty();
    }

    @Test
    void a_torn_entry_that_holds_another_journal_is_cut_off() throws IOException {
        JournalFixture other = new JournalFixture(directory.resolve("other.journal"));
        other.write(List.of(List.of("x"), List.of("y"), List.of("z"), List.of("in the entry")));
        try (Journal journal = fixture.open()) {
            journal.append(other.content());
            journal.append(new byte[10]);
            journal.commit();
        }
        byte[] torn = fixture.content();

        fixture.replaceBy(Arrays.copyOf(torn, torn.length - 1));

        assertThat(fixture.read()).containsExactly("a", "b", "c", "d", "e", "f");
        assertThat(Files.size(fixture.file())).isEqualTo(whole.length);
    }

    @Test
    void a_torn_frame_of_many_pages_is_cut_off() throws IOException {
        byte[] large = new byte[3_000_000];
        Arrays.fill(large, (byte) 0xF5);
        try (Journal journal = fixture.open()) {
            journal.append(large);
            journal.commit();
        }
        byte[] torn = fixture.content();
        Arrays.fill(torn, whole.length, whole.length + 4096, (byte) 0); // its first page did not reach the disk

        fixture.replaceBy(torn);

        assertThat(fixture.read()).hasSize(6);
        assertThat(Files.size(fixture.file())).isEqualTo(whole.length);
    }

    @Test
    void a_frame_that_lacks_any_sector_but_the_first_is_cut_off() throws IOException {
        byte[] large = new byte[5_000];
        Arrays.fill(large, (byte) 0xF5);
        try (Journal journal = fixture.open()) {
            journal.append(large);
            journal.commit();
        }
        byte[] content = fixture.content();
        for (int sector = whole.length / 512 + 1; (sector + 1) * 512 <= content.length; sector++) {
            byte[] torn = content.clone();
            Arrays.fill(torn, sector * 512, (sector + 1) * 512, (byte) 0);
            fixture.replaceBy(torn);

            assertThat(fixture.read()).as("without sector " + sector).hasSize(6);
        }
    }

    private void assertCutOff(byte[] torn, String how) throws IOException {
        fixture.replaceBy(torn);
        List<String> replayed = new ArrayList<>();
        Journal.Sync sync = torn.length % 2 == 0 ? Journal.Sync.OS : Journal.Sync.SYNCED;

        Journal.open(fixture.file(), FORMAT, sync, entry -> replayed.add(JournalFixture.text(entry)))
                .close();

        assertThat(replayed).as(how).containsExactly("a", "b", "c");
        assertThat(fixture.content()).as(how).isEqualTo(Arrays.copyOf(whole, lastFrame));
    }
}
