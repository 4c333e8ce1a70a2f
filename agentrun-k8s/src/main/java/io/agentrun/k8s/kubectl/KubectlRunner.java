package io.agentrun.k8s.kubectl;

import io.agentrun.error.InvalidInputException;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Runs kubectl, one process for each call, and says what went wrong.
 *
 * <p>Thread-safe.
 */
final class KubectlRunner {

    /** How the JDK names the code of the operating system: {@code error=2,} up to 17, {@code error: 2 (} in 25. */
    private static final Pattern ERROR_CODE = Pattern.compile("error(?:=|: )(\\d+)");

    private static final String NO_SUCH_FILE = "2";
    private static final String PERMISSION_DENIED = "13";

    /** An answer, and whether it is all of it. */
    record Answer(String text, Size size) {}

    /** Whether an answer is longer than is kept. */
    enum Size {
        WHOLE,
        CUT
    }

    private final KubectlOptions options;
    private final Map<String, String> environment;
    private final AtomicLong processes = new AtomicLong();

    KubectlRunner(KubectlOptions options, Map<String, String> host) {
        this.options = options;
        this.environment = ChildEnvironment.of(options, host);
    }

    long processes() {
        return processes.get();
    }

    int maxOutputBytes() {
        return options.maxOutputBytes();
    }

    /** Sends one request; what the server answered. */
    String raw(String operation, String verb, String path, @Nullable String body, Set<String> confidential) {
        return whole(operation, run(operation, arguments(verb, path, body), body, confidential));
    }

    /** Asks for something; what the server answered, or the beginning of it. */
    Answer get(String operation, String path) {
        return run(operation, arguments("get", path, null), null, Set.of());
    }

    /** Runs kubectl with these arguments; its standard output. */
    String run(String operation, List<String> arguments) {
        return whole(operation, run(operation, arguments, null, Set.of()));
    }

    /** Asks for a text of any length; the output takes it as it comes, and may want no more. */
    void stream(String operation, String path, Output output) {
        ChildProcess.Result result =
                start(operation, arguments("get", path, null), null, ChildProcess.Patience.FROM_LAST_BYTE, output);
        if (result.end() != ChildProcess.End.STOPPED) {
            requireSuccess(operation, result, Set.of());
        }
    }

    KubectlException tooLong(String operation) {
        return failure(
                Reason.UNKNOWN, false, operation, "the answer is longer than " + options.maxOutputBytes() + " bytes");
    }

    /** Returns words of the cluster as they may stand in a message. */
    String masked(String words) {
        return KubectlErrors.clean(words, options.redactor(), Set.of());
    }

    private String whole(String operation, Answer answer) {
        return switch (answer.size()) {
            case WHOLE -> answer.text();
            case CUT -> throw tooLong(operation);
        };
    }

    private static List<String> arguments(String verb, String path, @Nullable String body) {
        List<String> arguments = new ArrayList<>(List.of(verb, "--raw", path));
        if (body != null) {
            arguments.add("-f");
            arguments.add("-");
        }
        return arguments;
    }

    private Answer run(String operation, List<String> arguments, @Nullable String body, Set<String> confidential) {
        Capture capture = new Capture(options.maxOutputBytes(), Capture.Overflow.STOP);
        ChildProcess.Result result = start(operation, arguments, body, ChildProcess.Patience.FROM_START, capture);
        if (result.end() == ChildProcess.End.STOPPED) {
            return new Answer(capture.text(), Size.CUT);
        }
        requireSuccess(operation, result, confidential);
        return new Answer(capture.text(), Size.WHOLE);
    }

    private ChildProcess.Result start(
            String operation,
            List<String> arguments,
            @Nullable String body,
            ChildProcess.Patience patience,
            Output output) {
        List<String> command = new ArrayList<>();
        command.add(options.executable());
        if (options.kubeconfig() != null) {
            command.add("--kubeconfig=" + options.kubeconfig());
        }
        if (options.context() != null) {
            command.add("--context=" + options.context());
        }
        command.addAll(arguments);
        try {
            processes.incrementAndGet();
            return ChildProcess.run(command, body, environment, options.deadline(), patience, output);
        } catch (IOException e) {
            throw failure(Reason.UNAVAILABLE, false, operation, whyNot(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure(Reason.UNAVAILABLE, true, operation, "the calling thread was interrupted");
        }
    }

    private void requireSuccess(String operation, ChildProcess.Result result, Set<String> confidential) {
        if (result.end() == ChildProcess.End.DEADLINE) {
            throw failure(
                    Reason.TIMEOUT,
                    true,
                    operation,
                    "no answer within " + options.deadline().toMillis() + " ms");
        }
        if (result.exitCode() != 0) {
            KubectlErrors.Failure said = KubectlErrors.read(result.stderr(), options.redactor(), confidential);
            throw failure(said.reason(), said.reason().retryable(), operation, said.words());
        }
    }

    /** Reads an answer; one that is not what was asked for is {@code UNKNOWN}, and none of it is repeated. */
    <T> T read(String operation, String answer, Set<String> skipped, Function<LenientJson, T> reader) {
        try {
            return reader.apply(LenientJson.parse(answer, skipped));
        } catch (InvalidInputException e) {
            throw failure(Reason.UNKNOWN, false, operation, "the answer is not what was asked for: " + e.getMessage());
        }
    }

    /** Makes an exception that names the executable. */
    KubectlException failure(Reason reason, boolean retryable, String operation, String words) {
        return new KubectlException(reason, retryable, operation, words, options.executable(), null);
    }

    private static String whyNot(IOException e) {
        Matcher code = ERROR_CODE.matcher(String.valueOf(e.getMessage()));
        return switch (code.find() ? code.group(1) : "") {
            case NO_SUCH_FILE -> "kubectl is not there";
            case PERMISSION_DENIED -> "kubectl is not executable";
            default -> "kubectl cannot be run";
        };
    }
}
