package io.agentrun.k8s.kubectl;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A variable in the environment of a program, by which its descendants are found after their parents have ended: they
 * inherit it. It needs Linux's {@code /proc}; elsewhere nobody is found.
 *
 * <p>Thread-safe.
 */
final class CallMark {

    private static final String NAME = "AGENTRUN_KUBECTL_CALL";
    private static final Path PROC = Path.of("/proc");

    private final String value = UUID.randomUUID().toString();

    /** Marks what is about to be started with this environment. */
    void put(Map<String, String> environment) {
        environment.put(NAME, value);
    }

    /** Returns the processes of this user that bear the mark now. */
    Set<ProcessHandle> bearers() {
        byte[] entry = (NAME + "=" + value).getBytes(StandardCharsets.US_ASCII);
        try (Stream<Path> all = Files.list(PROC)) {
            return all.map(path -> path.getFileName().toString())
                    .filter(name -> name.matches("[0-9]{1,10}") && bears(name, entry))
                    .flatMap(name -> ProcessHandle.of(Long.parseLong(name)).stream())
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            return Set.of();
        }
    }

    private static boolean bears(String pid, byte[] entry) {
        try {
            return contains(Files.readAllBytes(PROC.resolve(pid).resolve("environ")), entry);
        } catch (IOException e) {
            // It has ended since, or is another user's.
            return false;
        }
    }

    private static boolean contains(byte[] text, byte[] entry) {
        for (int from = 0; from + entry.length <= text.length; from++) {
            int i = 0;
            while (i < entry.length && text[from + i] == entry[i]) {
                i++;
            }
            if (i == entry.length) {
                return true;
            }
        }
        return false;
    }
}
