package io.agentrun.k8s.object;

import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * How a volume may be mounted, in the words of Kubernetes.
 *
 * <p>Immutable.
 */
public enum AccessMode {
    /** By any number of pods of one node, for reading and writing. */
    READ_WRITE_ONCE("ReadWriteOnce"),
    /** By one pod alone. */
    READ_WRITE_ONCE_POD("ReadWriteOncePod"),
    /** By many nodes, for reading. */
    READ_ONLY_MANY("ReadOnlyMany"),
    /** By many nodes, for reading and writing. */
    READ_WRITE_MANY("ReadWriteMany");

    private final String wire;

    AccessMode(String wire) {
        this.wire = wire;
    }

    /** Returns the string in a manifest. */
    public String wire() {
        return wire;
    }

    /**
     * Returns the mode whose {@link #wire()} is given, letter for letter.
     *
     * @throws InvalidInputException naming {@code field} when there is none, or none is given
     */
    public static AccessMode fromWire(String field, @Nullable String wire) {
        return Texts.wire(field, wire, values(), AccessMode::wire);
    }
}
