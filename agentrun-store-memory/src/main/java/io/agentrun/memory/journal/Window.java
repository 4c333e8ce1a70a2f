package io.agentrun.memory.journal;

import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;

/** A view of a file that reads it in large pieces. */
final class Window {
    private static final int USUAL = 256 << 10;

    private final RandomAccessFile file;
    private final long size;
    private byte[] bytes = new byte[USUAL];
    private long start;
    private int filled;

    Window(RandomAccessFile file) throws IOException {
        this.file = file;
        this.size = file.length();
    }

    /** Returns the length of the file when it was opened. */
    long size() {
        return size;
    }

    boolean holds(long offset, long length) {
        return length <= size - offset;
    }

    /** Returns these bytes of the file, valid until the next call. */
    ByteBuffer at(long offset, int length) throws IOException {
        if (offset < start || offset + length > start + filled) {
            fill(offset, length);
        }
        return ByteBuffer.wrap(bytes, (int) (offset - start), length).slice();
    }

    private void fill(long offset, int length) throws IOException {
        if (length > bytes.length) {
            bytes = new byte[length];
        }
        file.seek(offset);
        start = offset;
        filled = 0;
        while (filled < bytes.length) {
            int read = file.read(bytes, filled, bytes.length - filled);
            if (read < 0) {
                break;
            }
            filled += read;
        }
        if (filled < length) {
            throw new EOFException("the file became shorter while it was read");
        }
    }
}
