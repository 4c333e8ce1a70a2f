package io.agentrun.worker.stream;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * What waits in an {@link EventWriter} to be sent, counted from its beginning.
 *
 * <p>Not thread-safe: under the writer's lock.
 */
final class EntryQueue {

    private final ArrayDeque<Entry> entries = new ArrayDeque<>();
    private long bytes;
    private long accepted;
    private long taken;

    void add(Entry entry) {
        entries.add(entry);
        bytes += entry.bytes();
        accepted++;
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    int size() {
        return entries.size();
    }

    void clear() {
        entries.clear();
    }

    /** Returns the bytes of what is in the queue or on its way. */
    long bytes() {
        return bytes;
    }

    /** Returns how many entries were ever added. */
    long accepted() {
        return accepted;
    }

    /** Returns how many entries were ever taken. */
    long taken() {
        return taken;
    }

    /** Takes the entries of one batch, none beyond the given number. */
    List<Entry> take(WriterSettings settings, long upTo) {
        List<Entry> batch = new ArrayList<>();
        long size = 0;
        while (!entries.isEmpty()
                && batch.size() < settings.batchEvents()
                && size < settings.batchBytes()
                && taken < upTo) {
            Entry entry = entries.remove();
            batch.add(entry);
            size += entry.bytes();
            taken++;
        }
        return batch;
    }

    /** Says that so many bytes of what was taken are on their way no more. */
    void stored(long entryBytes) {
        bytes -= entryBytes;
    }
}
