package io.agentrun.storage;

import com.fasterxml.jackson.annotation.JsonValue;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * What a session keeps its files on, as the original names it. It follows from the {@link StorageState}.
 *
 * <p>Immutable.
 */
public enum StorageKind {
    /** No volume was ever asked for. */
    NONE("none"),

    /** There is, or should be, a volume. */
    PVC("pvc"),

    /** The volume was taken away after its time. */
    EVICTED("evicted");

    private final String wire;

    StorageKind(String wire) {
        this.wire = wire;
    }

    /** Returns the string that stands for this value in JSON and in databases. */
    @JsonValue
    public String wire() {
        return wire;
    }

    /**
     * Returns the value whose {@link #wire()} is given, letter for letter.
     *
     * @throws InvalidInputException naming {@code field} when there is none, or none is given
     */
    public static StorageKind fromWire(String field, @Nullable String wire) {
        return Texts.wire(field, wire, values(), StorageKind::wire);
    }
}
