package io.agentrun.memory.journal;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** What stands before the payload of a frame. */
record FrameHeader(int length, long number, int payloadChecksum) {
    static final int BYTES = 24;

    /** Begins and ends with bytes that no UTF-8 text holds. */
    static final int MARKER = 0xF5_41_52_FA;

    /** Writes this header at the start of {@code bytes}. */
    void encode(ByteBuffer bytes, long salt) {
        bytes.putInt(0, MARKER).putInt(4, length).putLong(8, number).putInt(16, payloadChecksum);
        bytes.putInt(20, checksum(bytes, salt));
    }

    /** Returns the header at the start of {@code bytes}, or null when it is not one of the file with that salt. */
    static @Nullable FrameHeader decode(ByteBuffer bytes, long salt) {
        if (bytes.getInt(0) != MARKER || bytes.getInt(20) != checksum(bytes, salt)) {
            return null;
        }
        return new FrameHeader(bytes.getInt(4), bytes.getLong(8), bytes.getInt(16));
    }

    private static int checksum(ByteBuffer bytes, long salt) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, salt));
        crc.update(bytes.slice(0, 20));
        return (int) crc.getValue();
    }
}
