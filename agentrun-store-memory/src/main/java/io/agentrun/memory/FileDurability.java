package io.agentrun.memory;

import io.agentrun.memory.journal.Journal;
import java.nio.file.Path;
import java.util.List;

/** Change sets on a file: an entry of the journal each, a snapshot when the journal has grown past its state. */
final class FileDurability implements Engine.Durability {

    /** Below this size a journal is never rewritten. */
    private static final long SMALL = 16L << 20;

    private static final Journal.Format FORMAT = new Journal.Format("agentrun", 1);

    private final Journal journal;
    private final WriteCodec codec;
    private long sizeOfSnapshot;

    private FileDurability(Journal journal, WriteCodec codec, long sizeOfSnapshot) {
        this.journal = journal;
        this.codec = codec;
        this.sizeOfSnapshot = sizeOfSnapshot;
    }

    /** Opens the file and brings the state to where it was left. */
    static FileDurability open(Path file, boolean synced, MemoryState state) {
        WriteCodec codec = new WriteCodec();
        Journal journal = Journal.open(
                file,
                FORMAT,
                synced ? Journal.Sync.SYNCED : Journal.Sync.OS,
                entry -> codec.read(entry).forEach(state::apply));
        return new FileDurability(journal, codec, journal.size());
    }

    @Override
    public void append(List<Write> changeSet) {
        journal.append(codec.write(changeSet));
    }

    @Override
    public void sync() {
        journal.commit();
    }

    @Override
    public void tidy(MemoryState state) {
        if (journal.size() > Math.max(SMALL, 2 * sizeOfSnapshot)) {
            journal.rewrite(() ->
                    state.writes().map(write -> codec.write(List.of(write))).iterator());
            sizeOfSnapshot = journal.size();
        }
    }

    @Override
    public void close() {
        journal.close();
    }
}
