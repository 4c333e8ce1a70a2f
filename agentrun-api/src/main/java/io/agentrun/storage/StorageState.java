package io.agentrun.storage;

import com.fasterxml.jackson.annotation.JsonValue;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * Where a session's volume stands:
 * {@code none → provisioning → ready → evicting → evicted}, and {@code missing} when the cluster has lost it. New runs
 * and turns are refused while it is {@link #EVICTING}, {@link #EVICTED} or {@link #MISSING}.
 *
 * <p>Immutable.
 */
public enum StorageState {
    /** No volume was ever asked for. */
    NONE("none"),

    /** A volume is about to be created, or was created and not yet confirmed. */
    PROVISIONING("provisioning"),

    /** The volume exists and its uid is known. */
    READY("ready"),

    /** The volume is being taken away: new work is refused until that is done. */
    EVICTING("evicting"),

    /** The volume is gone, on purpose and confirmed by the cluster. */
    EVICTED("evicted"),

    /** The cluster has lost the volume, or its name now belongs to another one. */
    MISSING("missing");

    private final String wire;

    StorageState(String wire) {
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
    public static StorageState fromWire(String field, @Nullable String wire) {
        return Texts.wire(field, wire, values(), StorageState::wire);
    }

    /** Returns the kind that a session in this state shows. */
    public StorageKind kind() {
        return switch (this) {
            case NONE -> StorageKind.NONE;
            case PROVISIONING, READY, EVICTING, MISSING -> StorageKind.PVC;
            case EVICTED -> StorageKind.EVICTED;
        };
    }

    /** Returns whether new runs and turns of the session are refused in this state. */
    public boolean refusesWork() {
        return switch (this) {
            case NONE, PROVISIONING, READY -> false;
            case EVICTING, EVICTED, MISSING -> true;
        };
    }
}
