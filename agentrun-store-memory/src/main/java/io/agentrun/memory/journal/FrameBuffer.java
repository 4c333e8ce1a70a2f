package io.agentrun.memory.journal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** The frame that is being filled: room for a header, and the entries so far behind it. */
final class FrameBuffer {
    static final int MAX_ENTRY = 64 << 20;
    static final int MAX_PAYLOAD = MAX_ENTRY + Integer.BYTES;
    private static final int USUAL = 64 << 10;

    private ByteBuffer bytes = ByteBuffer.allocate(USUAL).position(FrameHeader.BYTES);

    boolean isEmpty() {
        return payload() == 0;
    }

    int payload() {
        return bytes.position() - FrameHeader.BYTES;
    }

    boolean takes(byte[] entry) {
        return payload() + Integer.BYTES + entry.length <= MAX_PAYLOAD;
    }

    void add(byte[] entry) {
        int needed = bytes.position() + Integer.BYTES + entry.length;
        if (needed > bytes.capacity()) {
            int doubled = Math.min(2 * bytes.capacity(), FrameHeader.BYTES + MAX_PAYLOAD);
            bytes = ByteBuffer.allocate(Math.max(needed, doubled)).put(bytes.flip());
        }
        bytes.putInt(entry.length).put(entry);
    }

    /** Writes the frame in one call and keeps it; returns the bytes that it took. */
    int writeTo(RandomAccessFile file, long salt, long number) throws IOException {
        CRC32C crc = new CRC32C();
        crc.update(bytes.array(), FrameHeader.BYTES, payload());
        new FrameHeader(payload(), number, (int) crc.getValue()).encode(bytes, salt);
        int length = bytes.position();
        file.write(bytes.array(), 0, length);
        return length;
    }

    /** Begins the next frame. */
    void clear() {
        if (bytes.capacity() > 16 * USUAL) {
            bytes = ByteBuffer.allocate(USUAL); // one large entry does not keep its room for ever
        }
        bytes.clear().position(FrameHeader.BYTES);
    }
}
