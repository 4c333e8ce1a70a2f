package io.agentrun.k8s.kubectl;

import io.agentrun.json.Redactor;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads what kubectl says on stderr. It goes by the anchored reason and by the few phrases that stand where a reason is
 * missing or means several things; the rest of the sentence is only passed on.
 *
 * <p>Thread-safe.
 */
final class KubectlErrors {

    private static final int MAX_MESSAGE = 500;

    // klog lines ("E1121 08:00:00.1 12 memcache.go:265] …") and warnings are no failures, whatever the exit code.
    private static final Pattern NOISE = Pattern.compile("[IWEF]\\d{4} .*|Warning: .*|\\s*");
    private static final Pattern FROM_SERVER = Pattern.compile("Error from server(?: \\(([A-Za-z]+)\\))?: (.*)");
    private static final Pattern INVALID = Pattern.compile("(?:The .* is invalid(?:: .*)?|The request is invalid.*)");
    private static final Pattern CREDENTIALS = Pattern.compile(
            "error: You must be logged in to the server.*|error: .*asked for the client to provide credentials.*"
                    + "|error: error loading config file .*|error: context .* does not exist|error: stat .*"
                    + "|error: .*invalid configuration.*|error: .*(?:cluster|user|auth info) .* does not exist.*"
                    + "|.*getting credentials: .*|.*exec plugin.*|.*x509: .*|.*open .*(?:no such file|permission denied).*");
    private static final Pattern TIMED_OUT =
            Pattern.compile(".*(?:request timed out|i/o timeout|deadline exceeded|Client\\.Timeout exceeded).*");
    private static final Pattern UNREACHABLE = Pattern.compile(
            "The connection to the server .*|Unable to connect to the server: .*|error: .*(?:connection refused|EOF|"
                    + "connection reset|no such host|network is unreachable|no route to host|broken pipe|"
                    + "use of closed network connection|http2: |stream error: ).*");
    // client-go's words for an answer that is no Status; a code of 500 or more has a reason of its own.
    private static final Pattern BARE_CODE =
            Pattern.compile(".*the server responded with the status code [1-4]\\d\\d but .*");

    private static final Map<String, Reason> REASONS = Map.ofEntries(
            Map.entry("NotFound", Reason.NOT_FOUND),
            Map.entry("AlreadyExists", Reason.ALREADY_EXISTS),
            Map.entry("Conflict", Reason.CONFLICT),
            Map.entry("Expired", Reason.CONFLICT),
            Map.entry("Gone", Reason.CONFLICT),
            Map.entry("Forbidden", Reason.FORBIDDEN),
            Map.entry("Invalid", Reason.INVALID),
            Map.entry("BadRequest", Reason.INVALID),
            Map.entry("RequestEntityTooLarge", Reason.INVALID),
            Map.entry("Unauthorized", Reason.UNAUTHORIZED),
            Map.entry("TooManyRequests", Reason.THROTTLED),
            Map.entry("Timeout", Reason.TIMEOUT),
            Map.entry("ServerTimeout", Reason.TIMEOUT),
            Map.entry("ServiceUnavailable", Reason.UNAVAILABLE),
            Map.entry("InternalError", Reason.UNAVAILABLE));

    private KubectlErrors() {}

    /** What a failed run means, and the words that say so as they may stand in a message. */
    record Failure(Reason reason, String words) {}

    /** Says what a failed run means. */
    static Failure read(String stderr, Redactor redactor, Set<String> confidential) {
        List<String> lines =
                stderr.lines().filter(line -> !NOISE.matcher(line).matches()).toList();
        int start = start(lines);
        String first = lines.isEmpty() ? "" : lines.get(start);
        String text = lines.stream().skip(start).collect(Collectors.joining(" "));
        Matcher matcher = FROM_SERVER.matcher(first);
        if (matcher.matches()) {
            String words = text.substring(matcher.start(2));
            return new Failure(fromServer(matcher.group(1), words), clean(words, redactor, confidential));
        }
        String words = text.isEmpty() ? "kubectl failed and said nothing" : text;
        return new Failure(local(first), clean(words, redactor, confidential));
    }

    /** Returns the last line that begins a message; what follows it are its other lines. */
    private static int start(List<String> lines) {
        for (int i = lines.size() - 1; i >= 0; i--) {
            String line = lines.get(i);
            if (FROM_SERVER.matcher(line).matches() || local(line) != Reason.UNKNOWN) {
                return i;
            }
        }
        return Math.max(0, lines.size() - 1);
    }

    private static Reason fromServer(@Nullable String reason, String words) {
        if (words.contains("exceeded quota:")) {
            return Reason.QUOTA_EXCEEDED;
        }
        if (words.contains("admission webhook") && words.contains("denied the request")) {
            return Reason.FORBIDDEN;
        }
        if (words.contains("storage usage per PersistentVolumeClaim is")) {
            return Reason.INVALID;
        }
        if (reason != null) {
            return REASONS.getOrDefault(reason, Reason.UNKNOWN);
        }
        if (TIMED_OUT.matcher(words).matches()) {
            return Reason.TIMEOUT;
        }
        // The API server gives each refusal a reason. Without one it passes on the error of a part behind it with the
        // code 500: a kubelet that cannot be reached, etcd without a leader, a konnectivity agent that is gone.
        return BARE_CODE.matcher(words).matches() ? Reason.UNKNOWN : Reason.UNAVAILABLE;
    }

    private static Reason local(String line) {
        if (INVALID.matcher(line).matches()) {
            return Reason.INVALID;
        }
        if (TIMED_OUT.matcher(line).matches()) {
            return Reason.TIMEOUT;
        }
        if (CREDENTIALS.matcher(line).matches()) {
            return Reason.UNAUTHORIZED;
        }
        return UNREACHABLE.matcher(line).matches() ? Reason.UNAVAILABLE : Reason.UNKNOWN;
    }

    /** One line of at most 500 characters without control characters, without what is confidential, and redacted. */
    static String clean(String words, Redactor redactor, Set<String> confidential) {
        String masked = words;
        // Longest first: a text that is a part of another one must not leave the other's rest behind.
        for (String text : confidential.stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList()) {
            masked = masked.replace(text, "[redacted]");
        }
        masked = redactor.redact(masked).replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
        return masked.length() <= MAX_MESSAGE ? masked : masked.substring(0, MAX_MESSAGE - 1) + "…";
    }
}
