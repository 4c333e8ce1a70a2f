package io.agentrun.k8s.log;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.storage.KubernetesNames;
import org.jspecify.annotations.Nullable;

/**
 * Which log is read, and from where on. Make one with {@link #of}.
 *
 * <p>Immutable.
 *
 * @param pod the pod
 * @param container the container of the pod, named always: a mesh or a webhook may have added others
 * @param after where the last look ended, null for the beginning
 * @param lastLines only so many lines from the end, 1 to 1000000; null for all. It goes with no {@code after}
 * @param writer whether the container may write more
 */
public record LogQuery(
        ObjectRef pod,
        String container,
        @Nullable LogPosition after,
        @Nullable Integer lastLines,
        Writer writer) {

    /** Whether a container may write more. Immutable. */
    public enum Writer {
        /** It may: a last line without an end is left for the next look. */
        RUNNING,
        /** It has ended: a last line without an end is a line. */
        ENDED
    }

    private static final int MAX_LAST = 1_000_000;

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException naming the component that is missing or out of the bounds stated above
     */
    public LogQuery {
        pod = Require.given("pod", pod);
        container = KubernetesNames.label("container", container);
        writer = Require.given("writer", writer);
        if (lastLines != null) {
            lastLines = Require.between("lastLines", lastLines, 1, MAX_LAST);
            if (after != null) {
                throw new InvalidInputException("lastLines", "must not be given beside a position");
            }
        }
    }

    /** Returns the query for the whole log of a container that may write more. */
    public static LogQuery of(ObjectRef pod, String container) {
        return new LogQuery(pod, container, null, null, Writer.RUNNING);
    }

    /** Returns the same query from where another look ended; null for the beginning. */
    public LogQuery after(@Nullable LogPosition value) {
        return new LogQuery(pod, container, value, null, writer);
    }

    /** Returns the query for the last lines of the log alone. */
    public LogQuery withLastLines(int value) {
        return new LogQuery(pod, container, null, value, writer);
    }

    /** Returns the same query for a container that may write more, or one that has ended. */
    public LogQuery withWriter(Writer value) {
        return new LogQuery(pod, container, after, lastLines, value);
    }
}
