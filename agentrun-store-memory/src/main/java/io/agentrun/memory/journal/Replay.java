package io.agentrun.memory.journal;

import io.agentrun.error.StoreUnavailableException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads a journal from its start and tells where its good part ends.
 *
 * <p>A frame that cannot be read is either the last one, torn by a crash while it was written, or damage. It is damage
 * when it lies in the part that was there when the file took its name, and when anything that was written after it can
 * be found: a frame is begun only when the one before is on the disk.
 */
final class Replay {

    /** What a disk writes as a whole, or not. */
    private static final int SECTOR = 512;

    private final Path path;
    private final Window window;
    private final Consumer<byte[]> entries;
    private final FileHeader header;

    private Replay(Path path, RandomAccessFile file, Journal.Format format, Consumer<byte[]> entries)
            throws IOException {
        this.path = path;
        this.window = new Window(file);
        this.entries = entries;
        this.header = header(format);
    }

    /**
     * Passes on every entry of every whole frame, in order, and changes nothing.
     *
     * @return where the good part ends; what comes after is a torn frame, and may be cut off
     * @throws StoreUnavailableException with reason {@code CORRUPT} when the file is another than {@code format} says
     *     or is damaged
     */
    static FrameFile.Tail of(Path path, RandomAccessFile file, Journal.Format format, Consumer<byte[]> entries)
            throws IOException {
        return new Replay(path, file, format, entries).run();
    }

    private FileHeader header(Journal.Format format) throws IOException {
        try {
            byte[] start = new byte[(int) Math.min(window.size(), FileHeader.BYTES)];
            window.at(0, start.length).get(start);
            return FileHeader.decode(start, format);
        } catch (FileHeader.NotOurs e) {
            throw Failures.corrupt(path, e.getMessage());
        }
    }

    private FrameFile.Tail run() throws IOException {
        long at = FileHeader.BYTES;
        long number = 1;
        while (at < window.size()) {
            FrameHeader frame = frameAt(at);
            if (frame != null && frame.number() != number) {
                throw damaged(at, "here is frame " + frame.number() + " instead of frame " + number);
            }
            ByteBuffer payload = frame == null ? null : payloadOf(frame, at);
            if (payload == null) {
                requireTorn(frame, at);
                break;
            }
            handOn(payload, at);
            at += FrameHeader.BYTES + payload.limit();
            number++;
        }
        if (at < header.base()) {
            throw damaged(at, "no whole frame is here, inside the snapshot that goes to byte " + header.base());
        }
        return new FrameFile.Tail(header.salt(), number, at, header.base());
    }

    private @Nullable FrameHeader frameAt(long at) throws IOException {
        if (!window.holds(at, FrameHeader.BYTES)) {
            return null;
        }
        return FrameHeader.decode(window.at(at, FrameHeader.BYTES), header.salt());
    }

    private @Nullable ByteBuffer payloadOf(FrameHeader frame, long at) throws IOException {
        long start = at + FrameHeader.BYTES;
        if (frame.length() <= 0 || frame.length() > FrameBuffer.MAX_PAYLOAD || !window.holds(start, frame.length())) {
            return null;
        }
        ByteBuffer payload = window.at(start, frame.length());
        CRC32C crc = new CRC32C();
        crc.update(payload);
        return (int) crc.getValue() == frame.payloadChecksum() ? payload.rewind() : null;
    }

    private void handOn(ByteBuffer payload, long at) {
        while (payload.hasRemaining()) {
            int length = payload.remaining() < Integer.BYTES ? -1 : payload.getInt();
            if (length < 0 || length > payload.remaining()) {
                throw damaged(at, "the entries of the frame do not fill it");
            }
            byte[] entry = new byte[length];
            payload.get(entry);
            entries.accept(entry);
        }
    }

    private void requireTorn(@Nullable FrameHeader frame, long at) throws IOException {
        for (long later = at + 1; window.holds(later, FrameHeader.BYTES); later++) {
            if (window.at(later, Integer.BYTES).getInt() == FrameHeader.MARKER && frameAt(later) != null) {
                throw damaged(at, "the frame here is not whole, and another follows at byte " + later);
            }
        }
        if (at >= header.base() && !lacksBytes(frame, at)) {
            throw damaged(at, "the last frame has all its bytes, and they are not what was written");
        }
    }

    /**
     * Returns whether some of the last frame has never reached the disk: the file ends within it, or it ends with zeros, or the
     * part of it that is in one sector is all zeros. A change that left the zeros of a sector is not told from that.
     */
    private boolean lacksBytes(@Nullable FrameHeader frame, long at) throws IOException {
        long end = frame == null ? window.size() : at + FrameHeader.BYTES + Math.max(frame.length(), 0);
        if (end > window.size() || !window.holds(at, FrameHeader.BYTES)) {
            return true;
        }
        boolean zeros = false;
        for (long from = at; from < end && !zeros; from = (from / SECTOR + 1) * SECTOR) {
            int length = (int) (Math.min((from / SECTOR + 1) * SECTOR, end) - from);
            zeros = isZero(window.at(from, length));
        }
        return zeros || window.at(end - 1, 1).get() == 0;
    }

    private static boolean isZero(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            if (bytes.get() != 0) {
                return false;
            }
        }
        return true;
    }

    private StoreUnavailableException damaged(long at, String what) {
        return Failures.corrupt(path, "is damaged at byte " + at + ": " + what);
    }
}
