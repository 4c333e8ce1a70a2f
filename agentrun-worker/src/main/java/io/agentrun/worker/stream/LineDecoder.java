package io.agentrun.worker.stream;

import io.agentrun.check.Require;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes lines of the bytes that one process writes, in UTF-8, whatever the chunks: a character or a line end may be cut in two.
 * Bytes that are not UTF-8 become U+FFFD. {@link OutputText} says what a line is and what is cleaned.
 *
 * <p>It holds the line under way and nothing else, so that output without a line end takes no memory.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class LineDecoder {

    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private final CharBuffer chars = CharBuffer.allocate(4_096);
    private final LineBuilder builder;

    /** Bytes of a character that is not whole yet. */
    private ByteBuffer rest = ByteBuffer.allocate(0);

    private final List<String> lines = new ArrayList<>();

    LineDecoder(OutputText text) {
        this.builder = new LineBuilder(text, OutputText.collector(lines));
    }

    /** A decoder that gives pieces of lines away as soon as it has them, and returns none. */
    LineDecoder(OutputText text, LineBuilder.Pieces pieces) {
        this.builder = new LineBuilder(text, pieces);
    }

    /**
     * Takes bytes and returns the lines that have ended since; often there is none.
     *
     * @throws io.agentrun.error.InvalidInputException if the bytes are null, or offset and length lie outside of them
     */
    public List<String> decode(byte[] bytes, int offset, int length) {
        Require.given("bytes", bytes);
        Require.between("offset", offset, 0, bytes.length);
        Require.between("length", length, 0, bytes.length - offset);
        ByteBuffer in = ByteBuffer.allocate(rest.remaining() + length)
                .put(rest)
                .put(bytes, offset, length)
                .flip();
        decode(in, false);
        rest = in.slice();
        return taken();
    }

    /** Returns what was written without a line end, if anything; the next bytes begin a new text. */
    public List<String> finish() {
        decode(rest, true);
        while (decoder.flush(chars) == CoderResult.OVERFLOW) {
            drain();
        }
        drain();
        decoder.reset();
        rest = ByteBuffer.allocate(0);
        builder.finish();
        return taken();
    }

    private void decode(ByteBuffer in, boolean last) {
        CoderResult result;
        do {
            result = decoder.decode(in, chars, last);
            drain();
        } while (result.isOverflow());
    }

    private void drain() {
        chars.flip();
        while (chars.hasRemaining()) {
            builder.append(chars.get());
        }
        chars.clear();
    }

    private List<String> taken() {
        List<String> taken = List.copyOf(lines);
        lines.clear();
        return taken;
    }
}
