package io.agentrun.lease;

import io.agentrun.id.SecureBits;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * The secret of one claim: 128 random bits. It leaves a {@link Fence} only by {@link Fence#wire()}; a store keeps its
 * {@link #hash} alone. For authors of stores.
 *
 * <p>Immutable.
 */
public final class FenceToken {

    static final int BYTES = 16;

    private final byte[] bits;
    private final String hash;

    private FenceToken(byte[] bits) {
        this.bits = bits;
        this.hash = HexFormat.of().formatHex(sha256().digest(bits));
    }

    /** Draws a token that nobody has. */
    public static FenceToken random() {
        SecureBits source = SecureBits.shared();
        return new FenceToken(ByteBuffer.allocate(BYTES)
                .putLong(source.getAsLong())
                .putLong(source.getAsLong())
                .array());
    }

    /** Reads the token from a fence's wire form. */
    static FenceToken read(ByteBuffer from) {
        byte[] bits = new byte[BYTES];
        from.get(bits);
        return new FenceToken(bits);
    }

    void write(ByteBuffer to) {
        to.put(bits);
    }

    /** Returns the SHA-256 of the token as 64 hexadecimal digits in lower case; it does not tell the token. */
    public String hash() {
        return hash;
    }

    /**
     * Returns the SHA-256 of the token followed by the texts, as 64 hexadecimal digits in lower case. Without the token
     * nobody can find the texts by trying.
     */
    public String hashOf(List<String> texts) {
        MessageDigest digest = sha256();
        digest.update(bits);
        for (String text : texts) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            // With its length in front, no text can be taken for two.
            digest.update(
                    ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
            digest.update(bytes);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FenceToken token && MessageDigest.isEqual(bits, token.bits);
    }

    /** Returns a number that does not tell the token. */
    @Override
    public int hashCode() {
        return hash.hashCode();
    }

    /** Returns a text that does not tell the token. */
    @Override
    public String toString() {
        return "FenceToken";
    }
}
