package io.agentrun.memory.journal;

import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.security.SecureRandom;

/**
 * A journal file that takes frames at its end.
 *
 * <p>It is a {@link RandomAccessFile} and no channel, because a channel is closed for everyone when a thread that uses
 * it is interrupted, and hosts interrupt their workers.
 */
final class FrameFile implements Closeable {
    private static final int SNAPSHOT_FRAME = 1 << 20;

    /** Where the next frame goes, and where the snapshot that the file began with ended. */
    record Tail(long salt, long number, long end, long base) {}

    private final RandomAccessFile file;
    private final FrameBuffer frame = new FrameBuffer();
    private Tail tail;

    /** Goes on at the end of {@code file}, which it owns from now on. */
    FrameFile(RandomAccessFile file, Tail tail) throws IOException {
        if (file.length() != tail.end()) {
            throw new IOException("the file has " + file.length() + " bytes instead of " + tail.end());
        }
        this.file = file;
        this.tail = tail;
        file.seek(tail.end());
    }

    static FrameFile reopen(Path path, Tail tail) throws IOException {
        RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
        try {
            return new FrameFile(file, tail);
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    FrameBuffer frame() {
        return frame;
    }

    long end() {
        return tail.end();
    }

    /** Writes the frame; returns the tail behind it, which counts from {@link #proceed} on. */
    Tail writeFrame() throws IOException {
        int written = frame.writeTo(file, tail.salt(), tail.number());
        return new Tail(tail.salt(), tail.number() + 1, tail.end() + written, tail.base());
    }

    /** Begins the next frame at the given tail. */
    void proceed(Tail next) {
        tail = next;
        frame.clear();
    }

    /** Cuts off what a failed write has left behind the last frame. */
    void rewind() throws IOException {
        file.setLength(tail.end());
        file.seek(tail.end());
    }

    void force() throws IOException {
        file.getFD().sync();
    }

    long base() {
        return tail.base();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    /** Writes and forces a whole file that holds {@code entries}; the header, and with it the base, comes last. */
    static Tail writeSnapshot(Path path, Journal.Format format, Iterable<byte[]> entries) throws IOException {
        long salt = new SecureRandom().nextLong();
        try (RandomAccessFile raw = new RandomAccessFile(path.toFile(), "rw")) {
            raw.setLength(0);
            raw.write(new byte[FileHeader.BYTES]);
            FrameFile snapshot = new FrameFile(raw, new Tail(salt, 1, FileHeader.BYTES, FileHeader.BYTES));
            for (byte[] entry : entries) {
                requireFits(entry);
                if (!snapshot.frame.takes(entry)) {
                    snapshot.proceed(snapshot.writeFrame());
                }
                snapshot.frame.add(entry);
                if (snapshot.frame.payload() >= SNAPSHOT_FRAME) {
                    snapshot.proceed(snapshot.writeFrame());
                }
            }
            if (!snapshot.frame.isEmpty()) {
                snapshot.proceed(snapshot.writeFrame());
            }
            raw.seek(0);
            raw.write(new FileHeader(format, salt, snapshot.end()).encode());
            snapshot.force();
            Tail end = snapshot.tail;
            return new Tail(salt, end.number(), end.end(), end.end());
        }
    }

    static void requireFits(byte[] entry) throws IOException {
        if (entry.length > FrameBuffer.MAX_ENTRY) {
            throw new IOException("an entry of " + entry.length + " bytes is longer than the " + FrameBuffer.MAX_ENTRY
                    + " that a journal takes");
        }
    }
}
