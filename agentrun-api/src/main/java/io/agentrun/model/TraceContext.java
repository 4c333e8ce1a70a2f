package io.agentrun.model;

import io.agentrun.error.InvalidInputException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where in a distributed trace something was asked for, in the form of W3C Trace Context: what is done for it later, by another process,
 * can be shown below it.
 *
 * <p>Make one with {@link #of}, which drops what is malformed. Immutable.
 *
 * @param traceparent version 00, trace, span and flags: {@code 00-<32 digits>-<16 digits>-<2 digits>}, in lower-case hex
 * @param tracestate what tracing systems add, at most {@value #MOST_STATE} printable ASCII characters; null for nothing
 */
public record TraceContext(String traceparent, @Nullable String tracestate) {

    /** How many characters of a state are kept; of a longer one, none is. */
    public static final int MOST_STATE = 512;

    private static final int LONGEST_PARENT = 256;
    private static final Pattern PARENT =
            Pattern.compile("(?!ff)([0-9a-f]{2})-((?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2})(-.*)?");
    private static final String KEY = "[a-z0-9][a-z0-9_*/@-]{0,255}";
    private static final String VALUE = "[ -+--<>-~]{0,255}[!-+--<>-~]";
    private static final Pattern MEMBER = Pattern.compile("[ \t]*(" + KEY + "=" + VALUE + ")?[ \t]*");
    private static final int MOST_MEMBERS = 32;

    /**
     * Checks the form.
     *
     * @throws InvalidInputException if {@code traceparent} is not of version 00 or {@code tracestate} is not what {@link #of} would keep
     */
    public TraceContext {
        if (!traceparent.equals(known(traceparent))) {
            throw new InvalidInputException("traceparent", "must be a traceparent of version 00");
        }
        if (tracestate != null && !isState(tracestate)) {
            throw new InvalidInputException(
                    "tracestate", "must be a tracestate of at most " + MOST_STATE + " characters");
        }
    }

    /**
     * Returns the context that two headers say; empty if the first one is missing or malformed. A second one that is malformed, empty or too
     * long is dropped alone. A parent of a later version becomes one of version 00, as the standard wants it.
     */
    public static Optional<TraceContext> of(@Nullable String traceparent, @Nullable String tracestate) {
        String parent = traceparent == null ? null : known(traceparent);
        if (parent == null) {
            return Optional.empty();
        }
        return Optional.of(new TraceContext(parent, tracestate != null && isState(tracestate) ? tracestate : null));
    }

    /** Returns the variables by which a process learns of it: {@code TRACEPARENT}, and {@code TRACESTATE} if there is one. */
    public Map<String, String> environment() {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("TRACEPARENT", traceparent);
        if (tracestate != null) {
            variables.put("TRACESTATE", tracestate);
        }
        return variables;
    }

    /** Returns the parent in version 00, or null. */
    private static @Nullable String known(String traceparent) {
        Matcher parent = PARENT.matcher(traceparent);
        if (traceparent.length() > LONGEST_PARENT || !parent.matches()) {
            return null;
        }
        boolean more = parent.group(3) != null;
        return more && "00".equals(parent.group(1)) ? null : "00-" + parent.group(2);
    }

    private static boolean isState(String tracestate) {
        if (tracestate.isBlank() || tracestate.length() > MOST_STATE) {
            return false;
        }
        String[] members = tracestate.split(",", -1);
        if (members.length > MOST_MEMBERS) {
            return false;
        }
        for (String member : members) {
            if (!MEMBER.matcher(member).matches()) {
                return false;
            }
        }
        return true;
    }
}
