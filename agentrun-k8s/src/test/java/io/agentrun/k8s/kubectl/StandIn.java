package io.agentrun.k8s.kubectl;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;

/** An executable in kubectl's place: a shell script that notes its arguments and its input, and does what a test says. */
final class StandIn {

    private final Path directory;

    private StandIn(Path directory) {
        this.directory = directory;
    }

    /** Writes the script; its body runs after arguments and input were noted. */
    static StandIn running(Path directory, String body) {
        return written(directory, """
                printf '%s\\n' "$@" >> "$0.args"
                cat >> "$0.input"
                """ + body);
    }

    /** Writes a script that reads nothing. */
    static StandIn deaf(Path directory, String body) {
        return written(directory, body);
    }

    private static StandIn written(Path directory, String script) {
        StandIn standIn = new StandIn(directory);
        try {
            Files.writeString(standIn.executable(), "#!/bin/sh\n" + script + "\n");
            Files.setPosixFilePermissions(standIn.executable(), PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return standIn;
    }

    Path executable() {
        return directory.resolve("kubectl-stand-in");
    }

    KubectlOptions.Builder options() {
        return KubectlOptions.builder().executable(executable().toString()).deadline(Duration.ofSeconds(20));
    }

    ProcessKubectlHandler handler() {
        return new ProcessKubectlHandler(options().build());
    }

    List<String> arguments() {
        return read("args").lines().toList();
    }

    String input() {
        return read("input");
    }

    String read(String what) {
        Path file = directory.resolve("kubectl-stand-in." + what);
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
