package io.agentrun.lease;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a runner shows with every write: the run, itself, the epoch of its claim, and a secret token that only its claim was
 * answered with.
 *
 * <p>A fence holds while the run's epoch is this one, the token is the one of that epoch's claim and, if the run is leased,
 * the lease is this runner's; on a run without a lease it holds only if the run has ended in this epoch (so that a retry
 * gets the stored record). That the lease has run out does not break it; that somebody recovered the run, or claimed it
 * again, does. Run, runner and epoch stand in events and records: who knows them has no fence.
 *
 * <p>To a runner in another process it goes as {@link #wire()}, by a way that nobody else can read; {@link #parse} makes
 * it a fence again. Nothing else shows the token: {@code toString} and JSON write run, runner and epoch, and no mapper can read
 * a fence.
 *
 * <p>Immutable.
 */
public final class Fence {

    /** What every wire form begins with; by it the standard redactor finds one in texts. */
    static final String PREFIX = "arfence1_";

    private static final int ID_LENGTH_BYTES = Short.BYTES;

    private final String runId;
    private final String runnerId;
    private final long epoch;
    private final FenceToken token;

    /**
     * Makes the fence of a claim; for authors of stores.
     *
     * @param runId the run
     * @param runnerId the runner that claimed it
     * @param epoch the epoch of the claim, 1 or more
     * @param token the token that was drawn for the claim
     * @throws InvalidInputException if an id breaks the rule for ids, the epoch is less than 1 or the token is null
     */
    public Fence(String runId, String runnerId, long epoch, FenceToken token) {
        this.runId = Texts.id("runId", runId);
        this.runnerId = Texts.id("runnerId", runnerId);
        this.epoch = Require.between("epoch", epoch, 1, Long.MAX_VALUE);
        this.token = Require.given("token", token);
    }

    /** Returns the run. */
    @JsonProperty("runId")
    public String runId() {
        return runId;
    }

    /** Returns the runner that claimed it. */
    @JsonProperty("runnerId")
    public String runnerId() {
        return runnerId;
    }

    /** Returns the epoch of the claim, 1 or more. */
    @JsonProperty("epoch")
    public long epoch() {
        return epoch;
    }

    /** Returns the hash of the token, which a store compares with the one that it keeps; for authors of stores. */
    public String tokenHash() {
        return token.hash();
    }

    /** Returns {@link FenceToken#hashOf} of the token; for authors of stores. */
    public String hashOf(List<String> texts) {
        return token.hashOf(texts);
    }

    /**
     * Returns the fence as one opaque string of printable ASCII, at most 2,200 characters. It is a secret: who has it can
     * write to the run as its runner, until another epoch begins.
     */
    public String wire() {
        byte[] run = runId.getBytes(StandardCharsets.UTF_8);
        byte[] runner = runnerId.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes =
                ByteBuffer.allocate(FenceToken.BYTES + Long.BYTES + 2 * ID_LENGTH_BYTES + run.length + runner.length);
        token.write(bytes);
        bytes.putLong(epoch);
        bytes.putShort((short) run.length).put(run);
        bytes.putShort((short) runner.length).put(runner);
        return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
    }

    /**
     * Returns the fence of a wire form. Whether it holds, only a store can tell.
     *
     * @throws InvalidInputException naming {@code fence}, if the text is null or not what {@link #wire()} has returned; its
     *     message does not repeat the text
     */
    public static Fence parse(@Nullable String wire) {
        String given = Require.given("fence", wire);
        try {
            if (!given.startsWith(PREFIX)) {
                throw new IllegalArgumentException("another prefix");
            }
            ByteBuffer bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(given.substring(PREFIX.length())));
            FenceToken token = FenceToken.read(bytes);
            long epoch = bytes.getLong();
            String runId = text(bytes);
            String runnerId = text(bytes);
            if (bytes.hasRemaining()) {
                throw new IllegalArgumentException("too long");
            }
            return new Fence(runId, runnerId, epoch, token);
        } catch (IllegalArgumentException
                | BufferUnderflowException
                | CharacterCodingException
                | InvalidInputException e) {
            throw new InvalidInputException("fence", "is not the wire form of a fence");
        }
    }

    private static String text(ByteBuffer bytes) throws CharacterCodingException {
        int length = Short.toUnsignedInt(bytes.getShort());
        if (length > bytes.remaining()) {
            throw new BufferUnderflowException();
        }
        ByteBuffer text = bytes.slice(bytes.position(), length);
        bytes.position(bytes.position() + length);
        return StandardCharsets.UTF_8.newDecoder().decode(text).toString();
    }

    /** Returns whether the other is a fence of the same claim: run, runner, epoch and token. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Fence fence
                && runId.equals(fence.runId)
                && runnerId.equals(fence.runnerId)
                && epoch == fence.epoch
                && token.equals(fence.token);
    }

    @Override
    public int hashCode() {
        return Objects.hash(runId, runnerId, epoch);
    }

    /** Returns run, runner and epoch, and nothing of the token. */
    @Override
    public String toString() {
        return "Fence[runId=" + runId + ", runnerId=" + runnerId + ", epoch=" + epoch + "]";
    }
}
