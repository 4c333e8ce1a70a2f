package io.agentrun.example;

import io.agentrun.queue.NewQueueTask;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What the command line asks for.
 *
 * <p>Immutable.
 *
 * @param store where the state is kept
 * @param tasks the file of tasks
 * @param workers how many tasks are worked on at once, 1 to 64
 * @param lease how long a lease is unless it is extended, 1 second to 1 hour
 * @param tail the number or title of the task whose output is shown; null for none
 * @param cancel the number or title of the task that is cancelled once it runs; null for none
 * @param answers what is answered to tasks that ask, by their number or title
 * @param runner where agents run
 * @param agent what works on the tasks
 * @param help whether only the help is asked for
 * @param console whether the console is shown, until Ctrl-C
 */
record Options(
        StoreOption store,
        Path tasks,
        int workers,
        Duration lease,
        @Nullable String tail,
        @Nullable String cancel,
        Map<String, String> answers,
        RunnerOption runner,
        AgentOption agent,
        boolean help,
        boolean console) {

    static final String HELP = """
            Runs tasks from a file: command lines in place of agents, or prompts by Codex or Claude Code.

              --store memory|file:PATH|h2:PATH  where the state is kept (memory)
                      postgres[:PATH]       on a PostgreSQL that is started for it, with its data in PATH
                      postgres://[USER[:PASSWORD]@]HOST[:PORT]/DATABASE
                                            on that one; PGUSER and PGPASSWORD count as well
              --tasks FILE              the tasks, one JSON object a line (a sample)
              --workers N               how many tasks at once, 1 to 64 (2)
              --lease SECONDS           how long a lease lasts unless extended, 1 to 3600 (10)
              --tail N|TASK|none        shows the output of the N-th task, or of the task with this title (1)
              --cancel N|TASK           cancels that task once it runs
              --answer N|TASK=TEXT      answers what that task asks; may be repeated
              --agent command|codex|claude  what works on a task: a shell on its "command", or an agent on its "prompt" (command)
              --agent-path PATH         the program of the agent (codex or claude, on the PATH)
              --agent-arg ARG           one more argument for it; may be repeated
              --runner processes|kubernetes  what runs the command lines: processes of this machine, or Jobs (processes)
              --namespace NAME          the namespace of the Jobs (default)
              --image IMAGE             the image of the Jobs, one with a shell (busybox:stable)
              --kubectl PATH, --kubeconfig FILE, --context NAME  which kubectl and cluster (kubectl's own choice)
              --console                 shows the console in a browser, and stays there until Ctrl-C
              --help                    this

            Ctrl-C gives running work back; started again on the same state it goes on.
            """;

    private static final String NONE = "none";

    static Options defaults() {
        String sample = System.getProperty("agentrun.example.tasks", "tasks.jsonl");
        return new Options(
                new StoreOption.Memory(),
                Path.of(sample),
                2,
                Duration.ofSeconds(10),
                "1",
                null,
                Map.of(),
                RunnerOption.processes(),
                AgentOption.commandLines(),
                false,
                false);
    }

    static Options parse(String... args) {
        Options options = defaults();
        Deque<String> left = new ArrayDeque<>(List.of(args));
        while (!left.isEmpty()) {
            options = options.with(left.remove(), left);
        }
        options.agent.requireConsistent();
        options.runner.requireConsistent(options.agent);
        return options;
    }

    private Options with(String option, Deque<String> left) {
        if (RunnerOption.NAMES.contains(option)) {
            return withRunner(runner.with(option, value(option, left)));
        }
        if (AgentOption.NAMES.contains(option)) {
            return withAgent(agent.with(option, value(option, left)));
        }
        return switch (option) {
            case "--help" ->
                new Options(store, tasks, workers, lease, tail, cancel, answers, runner, agent, true, console);
            case "--console" -> withConsole();
            case "--store" -> withStore(StoreOption.parse(value(option, left)));
            case "--tasks" -> withTasks(path(option, value(option, left)));
            case "--workers" -> withWorkers(number(option, value(option, left), 1, 64));
            case "--lease" -> withLease(Duration.ofSeconds(number(option, value(option, left), 1, 3600)));
            case "--tail" -> {
                String task = value(option, left);
                yield withTail(task.equals(NONE) ? null : task);
            }
            case "--cancel" -> withCancel(value(option, left));
            case "--answer" -> withAnswer(value(option, left));
            default -> throw new UsageException("there is no option '" + option + "'; --help shows those that are");
        };
    }

    Options withStore(StoreOption value) {
        return new Options(value, tasks, workers, lease, tail, cancel, answers, runner, agent, help, console);
    }

    /** Long enough to be looked at: the sample for the console, unless there is another file. */
    private Options withConsole() {
        Path watched = tasks.equals(defaults().tasks) ? tasks.resolveSibling("watch.jsonl") : tasks;
        return new Options(store, watched, workers, lease, tail, cancel, answers, runner, agent, help, true);
    }

    Options withTasks(Path value) {
        return new Options(store, value, workers, lease, tail, cancel, answers, runner, agent, help, console);
    }

    Options withWorkers(int value) {
        return new Options(store, tasks, value, lease, tail, cancel, answers, runner, agent, help, console);
    }

    Options withLease(Duration value) {
        return new Options(store, tasks, workers, value, tail, cancel, answers, runner, agent, help, console);
    }

    Options withTail(@Nullable String value) {
        return new Options(store, tasks, workers, lease, value, cancel, answers, runner, agent, help, console);
    }

    Options withCancel(@Nullable String value) {
        return new Options(store, tasks, workers, lease, tail, value, answers, runner, agent, help, console);
    }

    /** The same with an answer, written TASK=TEXT. */
    Options withAnswer(String value) {
        int equals = value.indexOf('=');
        if (equals < 1) {
            throw new UsageException("--answer must be TASK=TEXT, not '" + value + "'");
        }
        Map<String, String> more = new LinkedHashMap<>(answers);
        more.put(value.substring(0, equals), value.substring(equals + 1));
        return new Options(store, tasks, workers, lease, tail, cancel, more, runner, agent, help, console);
    }

    Options withRunner(RunnerOption value) {
        return new Options(store, tasks, workers, lease, tail, cancel, answers, value, agent, help, console);
    }

    Options withAgent(AgentOption value) {
        return new Options(store, tasks, workers, lease, tail, cancel, answers, runner, value, help, console);
    }

    private static String value(String option, Deque<String> left) {
        if (left.isEmpty()) {
            throw new UsageException(option + " must be followed by a value");
        }
        return left.remove();
    }

    private static int number(String option, String text, int least, int most) {
        if (text.matches("[0-9]{1,6}")) {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        }
        throw new UsageException(option + " must be a number from " + least + " to " + most + ", not '" + text + "'");
    }

    static Path path(String option, String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new UsageException(option + " must name a file, not '" + text + "'");
        }
    }

    /**
     * Checks that the tasks that are named by {@code --tail}, {@code --cancel} and {@code --answer} are in the file.
     *
     * @throws UsageException if one is not
     */
    void requireKnown(List<NewQueueTask> known) {
        requireKnown("--tail", tail, known);
        requireKnown("--cancel", cancel, known);
        answers.keySet().forEach(task -> requireKnown("--answer", task, known));
    }

    private void requireKnown(String option, @Nullable String task, List<NewQueueTask> known) {
        if (task != null
                && indexOf(task, known.stream().map(NewQueueTask::title).toList())
                        .isEmpty()) {
            throw new UsageException(option + ": there is no task '" + task + "' in " + tasks);
        }
    }

    /** The place of the task that is named by its number, from 1 on, or by its title. */
    static OptionalInt indexOf(String task, List<String> titles) {
        OptionalInt byTitle = IntStream.range(0, titles.size())
                .filter(i -> titles.get(i).toLowerCase(Locale.ROOT).equals(task.toLowerCase(Locale.ROOT)))
                .findFirst();
        if (byTitle.isPresent() || !task.matches("[0-9]{1,6}")) {
            return byTitle;
        }
        return IntStream.of(Integer.parseInt(task) - 1)
                .filter(i -> i >= 0 && i < titles.size())
                .findFirst();
    }
}
