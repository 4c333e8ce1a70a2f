package io.agentrun.example;

import io.agentrun.AgentRunStore;
import io.agentrun.error.AgentRunException;
import io.agentrun.queue.NewQueueTask;
import java.io.PrintStream;
import java.time.Instant;
import java.util.List;

/**
 * Runs the example: reads the options and the tasks, opens the store, and leaves the rest to {@link LocalAgents}.
 *
 * <p>Exit code 0: all tasks completed; 1: some did not, or the store could not be used; 2: bad options or a bad file;
 * 130: stopped by Ctrl-C. Not thread-safe: one thread at a time.
 */
public final class Main {
    static final int NOT_COMPLETED = 1;
    static final int BAD_INPUT = 2;

    private Main() {}

    public static void main(String[] args) {
        int code = run(args, System.out, System.err);
        if (code != 0) {
            System.exit(code);
        }
    }

    static int run(String[] args, PrintStream out, PrintStream err) {
        try {
            Options options = Options.parse(args);
            if (options.help()) {
                out.print(Options.HELP);
                return 0;
            }
            List<NewQueueTask> tasks =
                    TaskFile.read(options.tasks(), options.agent().kind(), Instant.now());
            options.requireKnown(tasks);
            return run(options, tasks, out);
        } catch (UsageException e) {
            err.println("agentrun: " + e.getMessage());
            return BAD_INPUT;
        } catch (BadTaskFileException e) {
            err.println("agentrun: nothing was queued: " + e.getMessage());
            e.problems().forEach(problem -> err.println("  " + problem));
            return BAD_INPUT;
        } catch (AgentRunException e) {
            err.println("agentrun: " + e.getMessage());
            return NOT_COMPLETED;
        }
    }

    private static int run(Options options, List<NewQueueTask> tasks, PrintStream out) {
        try (AgentRunStore store = options.store().open();
                ShownConsole console = ShownConsole.of(options, store, out)) {
            LocalAgents agents = new LocalAgents(store, options.runner().open(store, options.agent()), options, out);
            try (CtrlC ignored = CtrlC.stops(agents, store)) {
                return console.stayAfter(agents.run(tasks), agents);
            }
        }
    }
}
