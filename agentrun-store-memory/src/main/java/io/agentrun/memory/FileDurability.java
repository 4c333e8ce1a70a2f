package io.agentrun.memory;

import io.agentrun.engine.report.OperatorLog;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.memory.journal.Journal;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Change sets on a file: an entry of the journal each, a snapshot when the journal has grown past its state. */
final class FileDurability implements StepExecutor.Durability {

    private static final Journal.Format FORMAT = new Journal.Format("agentrun", 1);

    /** Below this size a journal is never rewritten. */
    private static final long SMALL = 16L << 20;

    private final OperatorLog log;
    private final Journal journal;
    private final WriteCodec codec;
    private long rewriteAt;
    /** After a rewrite that failed: the size below which none is tried. */
    private long notBelow = SMALL;
    /** How many records were written to the file since it was begun. */
    private long records;

    private @Nullable String problem;

    private FileDurability(OperatorLog log, Journal journal, WriteCodec codec, long records) {
        this.log = log;
        this.journal = journal;
        this.codec = codec;
        this.records = records;
        this.rewriteAt = Math.max(SMALL, 2 * journal.snapshotSize());
    }

    /** Opens the file and brings the state to where it was left. */
    static FileDurability open(Path file, boolean synced, MemoryState state) {
        OperatorLog log = OperatorLog.named("io.agentrun.file");
        WriteCodec codec = new WriteCodec();
        long length = file.toFile().length();
        AtomicLong records = new AtomicLong();
        Journal journal = Journal.open(file, FORMAT, synced ? Journal.Sync.SYNCED : Journal.Sync.OS, entry -> {
            List<Write> writes = codec.read(entry);
            writes.forEach(state::apply);
            records.addAndGet(writes.size());
        });
        if (length > journal.size()) {
            log.warn("the last entry of the file was not written whole and was left out: no call has returned for it");
        }
        return new FileDurability(log, journal, codec, records.get());
    }

    @Override
    public void append(List<Write> changeSet) {
        journal.append(() -> codec.write(changeSet));
        records += changeSet.size();
    }

    @Override
    public void sync() {
        journal.commit();
    }

    @Override
    public void resume() {
        journal.resume();
    }

    /**
     * Rewrites a journal that has grown to twice its snapshot, or most of whose records are gone or replaced, as after a purge.
     * Where that fails nothing is lost: the journal goes on as it was, the problem is told by {@link #problem}, and the next try
     * waits until the journal has doubled again.
     */
    @Override
    public void tidy(MemoryState state) {
        boolean grown = journal.size() > rewriteAt;
        boolean mostlyGone = records > 2 * state.size();
        if (journal.size() <= notBelow || !(grown || mostlyGone)) {
            return;
        }
        try {
            journal.rewrite(() ->
                    state.writes().map(write -> codec.write(List.of(write))).iterator());
            problem = null;
            records = state.size();
            notBelow = SMALL;
            rewriteAt = Math.max(SMALL, 2 * journal.snapshotSize());
        } catch (StoreUnavailableException e) {
            problem = e.getMessage();
            log.warn("the file could not be rewritten and goes on as it is", e);
            notBelow = 2 * journal.size();
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
