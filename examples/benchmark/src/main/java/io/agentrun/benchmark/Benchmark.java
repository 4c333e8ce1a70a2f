package io.agentrun.benchmark;

import io.agentrun.benchmark.postgres.Server;
import io.agentrun.benchmark.report.DocsTable;
import io.agentrun.benchmark.report.Result;
import io.agentrun.benchmark.report.ResultJson;
import io.agentrun.benchmark.report.ResultTable;
import io.agentrun.benchmark.scenario.Lab;
import io.agentrun.benchmark.scenario.Scenario;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;

/**
 * Measures how fast the stores are: runs the scenarios that the command line names, prints one table, and writes the same
 * numbers as JSON.
 */
public final class Benchmark {

    private final Options options;
    private final List<Scenario> scenarios;
    private final PrintStream out;

    private Benchmark(Options options, List<Scenario> scenarios, PrintStream out) {
        this.options = options;
        this.scenarios = scenarios;
        this.out = out;
    }

    /** Runs the benchmark; says what is wrong with the arguments, and ends with 2, if something is. */
    public static void main(String[] args) throws Exception {
        run(Scenarios.ALL, args);
    }

    /** Runs these scenarios, or those of them that the arguments name, as {@link #main} does. */
    @SuppressWarnings("SystemOut")
    public static void run(List<Scenario> scenarios, String... args) throws Exception {
        Path folder = Path.of(System.getProperty("agentrun.benchmark.folder", ""));
        try {
            new Benchmark(Options.parse(folder, args), scenarios, System.out).run();
        } catch (UsageException e) {
            System.err.println(e.getMessage());
            System.exit(2);
        }
    }

    void run() throws Exception {
        if (options.help()) {
            out.print(Options.HELP);
            scenarios.forEach(scenario -> out.printf("  %-16s %s%n", scenario.key(), scenario.what()));
            return;
        }
        List<Scenario> chosen = Scenarios.chosen(scenarios, options.only());
        if (!chosen.isEmpty()) {
            measure(chosen);
        }
        Path docs = options.docs();
        if (docs != null) {
            DocsTable.rewrite(docs, new ResultTable(ResultJson.read(options.json())).text());
        }
    }

    private void measure(List<Scenario> chosen) throws Exception {
        try (Lab lab = new Lab(
                options.pace(), options.threads(), options.pool(), options.day(), this::server, this::progress)) {
            for (Scenario scenario : chosen) {
                out.println(scenario.key() + ": " + scenario.what());
                scenario.run(lab);
                ResultJson.write(options.json(), lab.results());
            }
            out.println();
            out.println(new ResultTable(lab.results()).text());
            out.println();
            out.println(options.json());
        }
    }

    private Server server() {
        String url = options.url();
        Path folder = options.json().toAbsolutePath().resolveSibling("postgres");
        return url == null ? Server.start(folder) : Server.at(url);
    }

    private void progress(Result result) {
        String table = new ResultTable(List.of(result)).text();
        out.println(table.substring(table.lastIndexOf('\n') + 1));
    }
}
