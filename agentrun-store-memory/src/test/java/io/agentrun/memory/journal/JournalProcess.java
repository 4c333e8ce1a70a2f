package io.agentrun.memory.journal;

import io.agentrun.error.StoreUnavailableException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Another process that uses a journal and prints what came of it. */
final class JournalProcess {

    private JournalProcess() {}

    /** Runs {@code what} in a JVM of its own and returns the line that it printed. */
    static String run(String what, Path file) throws IOException, InterruptedException {
        return run(List.of(), what, file);
    }

    /** As {@link #run(String, Path)}, with the JVM begun by the command {@code before}. */
    static String run(List<String> before, String what, Path file) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(before);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), JournalProcess.class.getName()));
        command.addAll(List.of(what, file.toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output.strip();
    }

    public static void main(String[] arguments) throws IOException {
        JournalFixture fixture = new JournalFixture(Path.of(arguments[1]));
        try (Journal journal = fixture.open()) {
            if (arguments[0].startsWith("fill")) {
                fill(journal);
            }
            if (arguments[0].equals("fill-and-go-on")) {
                goOn(journal);
            }
            System.out.println("opened");
        } catch (StoreUnavailableException e) {
            System.out.println(e.reason() + e.getMessage().replaceFirst(".* in use by", ""));
        }
    }

    /** Tries in vain, then with room, and writes one entry more. */
    private static void goOn(Journal journal) throws IOException {
        try {
            journal.resume();
        } catch (StoreUnavailableException full) {
            // Printed by the caller's list of lines: still no room.
            System.out.println(full.reason() + ": " + full.getMessage());
        }
        String pid = Long.toString(ProcessHandle.current().pid());
        new ProcessBuilder("prlimit", "--pid", pid, "--fsize=unlimited")
                .start()
                .onExit()
                .join();
        journal.resume();
        journal.append(JournalFixture.bytes("one more"));
        journal.commit();
        System.out.println("resumed");
    }

    /** Writes until it cannot, and tries once more; prints the two messages and how much was acknowledged. */
    private static void fill(Journal journal) {
        int acknowledged = 0;
        try {
            while (true) {
                journal.append(JournalFixture.bytes("entry " + (acknowledged + 1) + "x".repeat(1000)));
                journal.commit();
                acknowledged++;
            }
        } catch (StoreUnavailableException full) {
            System.out.println(acknowledged);
            System.out.println(full.reason() + ": " + full.getMessage());
        }
        try {
            journal.commit();
        } catch (StoreUnavailableException still) {
            System.out.println(still.reason() + ": " + still.getMessage());
        }
    }
}
