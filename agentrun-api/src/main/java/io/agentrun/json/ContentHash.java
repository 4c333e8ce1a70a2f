package io.agentrun.json;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The hash by which two contents are known to be the same content. Thread-safe. */
public final class ContentHash {

    private static final String VERSION = "v1:";

    private ContentHash() {}

    /**
     * Returns the version {@code v1:} and the SHA-256, in lower-case hex, of the canonical text in UTF-8. Equal for equal
     * objects, in every release: another way to hash would have another version.
     */
    public static String of(JsonObject content) {
        byte[] text = content.toJson().getBytes(StandardCharsets.UTF_8);
        return VERSION + HexFormat.of().formatHex(sha256().digest(text));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
