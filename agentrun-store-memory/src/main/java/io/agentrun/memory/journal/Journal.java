package io.agentrun.memory.journal;

import io.agentrun.error.StoreClosedException;
import io.agentrun.error.StoreUnavailableException;
import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A file to whose end entries are added, and from which they are read back when it is opened.
 *
 * <p>Entries are gathered by {@link #append} and written by {@link #commit} as one frame with one checksum: after a
 * crash either all entries of a commit are there or none. When the file has grown far beyond what its entries are still
 * worth, {@link #rewrite} begins it anew with a snapshot. The format is described in the package documentation.
 *
 * <p>Opening it cuts off a frame that a crash has torn: the last one, if the file ends within it, it ends with zeros, or a sector of
 * it is zeros. Any other damage, also of the last frame, and a file that is something else, is an error
 * that leaves the file as it is. After a failed write the journal takes no more, until {@link #resume} has
 * written the same frame again.
 *
 * <p>Not thread-safe: one thread at a time. A thread that is interrupted does its work all the same.
 */
public final class Journal implements AutoCloseable {

    /** How much a commit survives. Immutable. */
    public enum Sync {
        /** A loss of power: each commit waits for the disk. */
        SYNCED,
        /** The end of the process, {@code kill -9} too: the operating system writes to the disk when it likes. */
        OS
    }

    /**
     * What the entries are, so that nobody else's are read. Immutable.
     *
     * @param name 1 to 16 characters of printable ASCII
     * @param version the version of their format; the journal only compares it
     */
    public record Format(String name, int version) {
        static final int MAX_NAME = 16;

        /** Checks the name. */
        public Format {
            if (name.isEmpty() || name.length() > MAX_NAME || !name.chars().allMatch(c -> c > ' ' && c < 127)) {
                throw new IllegalArgumentException("a format's name is 1 to 16 characters of printable ASCII");
            }
        }

        @Override
        public String toString() {
            return name + " " + version;
        }
    }

    private final JournalPaths paths;
    private final Format format;
    private final Sync sync;
    private final JournalLock lock;
    private FrameFile file;
    private @Nullable StoreUnavailableException broken;
    /** Whether what has failed was a write of the present frame, which is still there to be written again. */
    private boolean resumable;

    private boolean closed;

    private Journal(JournalPaths paths, Format format, Sync sync, JournalLock lock, FrameFile file) {
        this.paths = paths;
        this.format = format;
        this.sync = sync;
        this.lock = lock;
        this.file = file;
    }

    /**
     * Opens the journal, or begins one where there is no file or an empty one, after all its entries went to
     * {@code replay} in the order in which they were appended. An exception of {@code replay} ends it and is passed on.
     *
     * @throws StoreUnavailableException with reason {@code IN_USE} when it is open already, here or in another process;
     *     {@code CORRUPT} when the file is not a journal of this format or is damaged, the message naming the byte, and
     *     the file untouched; {@code UNREACHABLE}, {@code READ_ONLY}, {@code STORAGE_FULL} when the file system refuses
     */
    public static Journal open(Path file, Format format, Sync sync, Consumer<byte[]> replay) {
        JournalLock lock = null;
        RandomAccessFile raw = null;
        try {
            JournalPaths paths = JournalPaths.of(file);
            lock = JournalLock.take(paths);
            if (paths.isNew()) {
                paths.writeFresh(format, Collections.emptyList());
                paths.replace();
            }
            raw = new RandomAccessFile(paths.file().toFile(), "rw");
            FrameFile.Tail tail = Replay.of(paths.file(), raw, format, replay);
            settle(paths, raw, tail, sync);
            return new Journal(paths, format, sync, lock, new FrameFile(raw, tail));
        } catch (IOException e) {
            throw closing(Failures.of(file, e, FileHeader.BYTES), raw, lock);
        } catch (RuntimeException e) {
            throw closing(e, raw, lock);
        } catch (Error e) {
            throw closing(e, raw, lock);
        }
    }

    /** Removes what a crash left, and makes durable what was read: others will soon see it. */
    private static void settle(JournalPaths paths, RandomAccessFile raw, FrameFile.Tail tail, Sync sync)
            throws IOException {
        Files.deleteIfExists(paths.fresh());
        boolean torn = raw.length() > tail.end();
        if (torn) {
            raw.setLength(tail.end());
        }
        if (torn || sync == Sync.SYNCED) {
            raw.getFD().sync();
            paths.forceDirectory();
        }
    }

    private static <E extends Throwable> E closing(
            E because, @Nullable RandomAccessFile raw, @Nullable JournalLock lock) {
        close(because, raw);
        close(because, lock);
        return because;
    }

    private static void close(Throwable because, @Nullable Closeable resource) {
        try {
            if (resource != null) {
                resource.close();
            }
        } catch (IOException e) {
            because.addSuppressed(e);
        }
    }

    /**
     * Adds an entry to the frame of the next {@link #commit}; until then a crash takes it away. Where the entries since
     * the last commit are more than 64 MiB together, those before this one are committed first.
     *
     * @throws StoreUnavailableException when the entry is longer than 64 MiB, or that commit fails; the journal then
     *     takes no more writes
     */
    public void append(byte[] entry) {
        append(() -> entry);
    }

    /**
     * Adds the entry that the supplier makes, as {@link #append(byte[])} does. Where that fails, the entry is missing, and the journal takes
     * no more writes.
     *
     * @throws StoreUnavailableException when the entry cannot be made, and as for {@link #append(byte[])}
     */
    public void append(Supplier<byte[]> made) {
        requireUsable();
        try {
            byte[] entry = made.get();
            FrameFile.requireFits(entry);
            if (!file.frame().takes(entry)) {
                writeAndForce();
            }
            file.frame().add(entry);
        } catch (IOException | RuntimeException | Error e) {
            // The frame does not hold this entry, so that writing the frame again would not be enough.
            resumable = false;
            throw broken(e);
        }
    }

    /**
     * Makes all entries so far as durable as the journal was opened for; does nothing when there are no new ones.
     *
     * @throws StoreUnavailableException when the file could not be written; the entries may be there or not, and the
     *     journal takes no more writes
     */
    public void commit() {
        requireUsable();
        if (file.frame().isEmpty()) {
            return;
        }
        try {
            writeAndForce();
        } catch (IOException | RuntimeException | Error e) {
            throw broken(e);
        }
    }

    /** Writes the frame, which is given up only once it is in the file, so that {@link #resume} can write it again. */
    private void writeAndForce() throws IOException {
        resumable = true;
        FrameFile.Tail next = file.writeFrame();
        if (sync == Sync.SYNCED) {
            file.force();
        }
        file.proceed(next);
        resumable = false;
    }

    /**
     * Tries to go on after a failed write: cuts off what it has left in the file, and writes the same entries again. Does
     * nothing when no write has failed.
     *
     * @throws StoreUnavailableException when that fails too, or when the failure was not that of a write, so that only
     * opening the
     *     journal again helps
     */
    public void resume() {
        if (broken == null || closed) {
            requireOpen();
            return;
        }
        if (!resumable) {
            throw Failures.unusable(paths.file(), broken);
        }
        try {
            file.rewind();
            writeAndForce();
            broken = null;
        } catch (IOException | RuntimeException | Error e) {
            throw broken(e);
        }
    }

    /** Returns the length of the file in bytes, up to the last commit. */
    public long size() {
        return file.end();
    }

    /** Returns the length in bytes of the snapshot that the file began with. */
    public long snapshotSize() {
        return file.base();
    }

    /**
     * Replaces all entries by these, which a crash does either whole or not at all; on return they are on the disk, with
     * either {@link Sync}.
     *
     * @param entries read once, one at a time; an exception of theirs is passed on, and the journal is as it was
     * @throws StoreUnavailableException when the new file could not be written, and the journal goes on as it was; or
     *     when it could not be put in the place of the old one, and the journal takes no more writes
     * @throws IllegalStateException when entries were appended and not committed
     */
    public void rewrite(Iterable<byte[]> entries) {
        requireUsable();
        if (!file.frame().isEmpty()) {
            throw new IllegalStateException("commit before rewriting");
        }
        FrameFile.Tail tail;
        try {
            tail = paths.writeFresh(format, entries);
        } catch (IOException e) {
            throw Failures.of(paths.file(), e, FileHeader.BYTES);
        }
        resumable = false;
        try {
            file.close(); // before the move: Windows does not replace a file that is open
            paths.replace();
            file = FrameFile.reopen(paths.file(), tail);
        } catch (IOException | RuntimeException | Error e) {
            throw broken(e);
        }
    }

    /**
     * Gives the file back, for others to open; entries that were not committed are gone. A second call does nothing.
     *
     * @throws StoreUnavailableException when the operating system reports an error; the file is given back all the same
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try (JournalLock last = lock;
                FrameFile first = file) {
            first.close();
            last.close();
        } catch (IOException e) {
            throw Failures.of(paths.file(), e, 0);
        }
    }

    /** Returns the file, for tests that take it away. */
    FrameFile file() {
        return file;
    }

    private void requireOpen() {
        if (closed) {
            throw new StoreClosedException();
        }
    }

    private void requireUsable() {
        requireOpen();
        if (broken != null) {
            throw resumable ? broken : Failures.unusable(paths.file(), broken);
        }
    }

    private StoreUnavailableException broken(Throwable cause) {
        StoreUnavailableException failure = Failures.of(
                paths.file(), cause, FrameHeader.BYTES + file.frame().payload());
        broken = failure;
        return failure;
    }
}
