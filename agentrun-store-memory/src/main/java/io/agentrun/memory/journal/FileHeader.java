package io.agentrun.memory.journal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** The first bytes of a journal: they tell what the file is. */
record FileHeader(Journal.Format format, long salt, long base) {
    static final int BYTES = 52;
    private static final byte[] MAGIC = {(byte) 0x89, 'A', 'R', 'J', '\r', '\n', 0x1A, '\n'};
    private static final int LAYOUT = 1;

    byte[] encode() {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        byte[] name = Arrays.copyOf(format.name().getBytes(StandardCharsets.US_ASCII), Journal.Format.MAX_NAME);
        bytes.put(MAGIC).putInt(LAYOUT).put(name).putInt(format.version());
        bytes.putLong(salt).putLong(base);
        return bytes.putInt(checksum(bytes)).array();
    }

    /**
     * Returns what a file says of itself.
     *
     * @throws NotOurs when the file cannot be read as {@code wanted}; the message completes "the file …"
     */
    static FileHeader decode(byte[] start, Journal.Format wanted) throws NotOurs {
        if (!Arrays.equals(start, 0, Math.min(start.length, MAGIC.length), MAGIC, 0, MAGIC.length)) {
            throw new NotOurs("is not a journal of agentrun");
        }
        if (start.length < BYTES) {
            throw new NotOurs("is damaged at byte 0: it ends inside its header");
        }
        ByteBuffer bytes = ByteBuffer.wrap(start);
        if (bytes.getInt(BYTES - Integer.BYTES) != checksum(bytes)) {
            throw new NotOurs("is damaged at byte 0: the checksum of its header is wrong");
        }
        int layout = bytes.position(MAGIC.length).getInt();
        if (layout != LAYOUT) {
            throw new NotOurs("is a journal of layout " + layout + ", and this library reads layout " + LAYOUT);
        }
        byte[] name = new byte[Journal.Format.MAX_NAME];
        bytes.get(name);
        String found = new String(name, StandardCharsets.US_ASCII).replace("\0", "") + " " + bytes.getInt();
        if (!found.equals(wanted.toString())) {
            throw new NotOurs("is a journal of " + found + ", and this library reads " + wanted);
        }
        return new FileHeader(wanted, bytes.getLong(), bytes.getLong());
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(0, BYTES - Integer.BYTES));
        return (int) crc.getValue();
    }

    /** The file is something else than the journal that was asked for. */
    static final class NotOurs extends Exception {
        private static final long serialVersionUID = 1L;

        NotOurs(String what) {
            super(what);
        }
    }
}
