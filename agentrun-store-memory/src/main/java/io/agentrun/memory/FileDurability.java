package io.agentrun.memory;

import io.agentrun.error.StoreUnavailableException;
import io.agentrun.memory.journal.Journal;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Change sets on a file: an entry of the journal each, a snapshot when the journal has grown past its state. */
final class FileDurability implements StepExecutor.Durability {

    private static final Journal.Format FORMAT = new Journal.Format("agentrun", 1);

    /** Below this size a journal is never rewritten. */
    private static final long SMALL = 16L << 20;

    private final Journal journal;
    private final WriteCodec codec;
    private long rewriteAt;
    private @Nullable String problem;

    private FileDurability(Journal journal, WriteCodec codec) {
        this.journal = journal;
        this.codec = codec;
        this.rewriteAt = Math.max(SMALL, 2 * journal.snapshotSize());
    }

    /** Opens the file and brings the state to where it was left. */
    static FileDurability open(Path file, boolean synced, MemoryState state) {
        WriteCodec codec = new WriteCodec();
        Journal journal = Journal.open(
                file,
                FORMAT,
                synced ? Journal.Sync.SYNCED : Journal.Sync.OS,
                entry -> codec.read(entry).forEach(state::apply));
        return new FileDurability(journal, codec);
    }

    @Override
    public void append(List<Write> changeSet) {
        journal.append(codec.write(changeSet));
    }

    @Override
    public void sync() {
        journal.commit();
    }

    /**
     * Rewrites a journal that has grown to twice its state. Where that fails nothing is lost: the journal goes on as it was,
     * the problem is told by {@link #problem}, and the next try waits until the journal has doubled again.
     */
    @Override
    public void tidy(MemoryState state) {
        if (journal.size() <= rewriteAt) {
            return;
        }
        try {
            journal.rewrite(() ->
                    state.writes().map(write -> codec.write(List.of(write))).iterator());
            problem = null;
            rewriteAt = Math.max(SMALL, 2 * journal.snapshotSize());
        } catch (StoreUnavailableException e) {
            problem = e.getMessage();
            rewriteAt = 2 * journal.size();
        }
    }

    @Override
    public @Nullable String problem() {
        return problem;
    }

    @Override
    public void close() {
        journal.close();
    }
}
