package io.agentrun.benchmark;

import io.agentrun.benchmark.jmh.JmhScenario;
import io.agentrun.benchmark.scenario.Scenario;
import io.agentrun.benchmark.scenario.cost.FileScenario;
import io.agentrun.benchmark.scenario.cost.ObservedScenario;
import io.agentrun.benchmark.scenario.cost.RedactScenario;
import io.agentrun.benchmark.scenario.cost.StartUpScenario;
import io.agentrun.benchmark.scenario.cost.WaitingMemoryScenario;
import io.agentrun.benchmark.scenario.cost.WalScenario;
import io.agentrun.benchmark.scenario.growth.GrowthScenario;
import io.agentrun.benchmark.scenario.read.FeedScenario;
import io.agentrun.benchmark.scenario.read.PageScenario;
import io.agentrun.benchmark.scenario.read.StatisticsScenario;
import io.agentrun.benchmark.scenario.read.WakeUpScenario;
import io.agentrun.benchmark.scenario.stream.TailScenario;
import io.agentrun.benchmark.scenario.stream.WorkerScenario;
import io.agentrun.benchmark.scenario.stream.WriterScenario;
import io.agentrun.benchmark.scenario.write.AppendScenario;
import io.agentrun.benchmark.scenario.write.BeginScenario;
import io.agentrun.benchmark.scenario.write.CreateTaskScenario;
import io.agentrun.benchmark.scenario.write.DrainScenario;
import io.agentrun.benchmark.scenario.write.HistoryScenario;
import io.agentrun.benchmark.scenario.write.LimitScenario;
import io.agentrun.benchmark.scenario.write.RunnerSteps;
import io.agentrun.benchmark.scenario.write.WaitingScenario;
import java.util.List;
import java.util.stream.Collectors;

/** All that is measured, in the order of the table. */
final class Scenarios {

    static final List<Scenario> ALL = List.of(
            AppendScenario.ofOne(),
            AppendScenario.ofFifty(),
            new HistoryScenario(),
            RunnerSteps.heartbeat(),
            RunnerSteps.acknowledge(),
            RunnerSteps.claim(),
            WaitingScenario.claimNext(),
            new CreateTaskScenario(),
            WaitingScenario.dispatchNext(),
            new LimitScenario(),
            RunnerSteps.life(),
            new DrainScenario(),
            new BeginScenario(),
            new PageScenario(),
            new StatisticsScenario(),
            new FeedScenario(),
            new WakeUpScenario(),
            new WriterScenario(),
            new WorkerScenario(),
            new TailScenario(),
            new WaitingMemoryScenario(),
            new ObservedScenario(),
            new StartUpScenario(),
            new WalScenario(),
            new FileScenario(),
            new RedactScenario(),
            new JmhScenario(),
            new GrowthScenario());

    private Scenarios() {}

    /** Those of the scenarios with these keys, in the order of the table; all that need not be named if there is no key. */
    static List<Scenario> chosen(List<Scenario> all, List<String> keys) {
        if (keys.isEmpty()) {
            return all.stream().filter(scenario -> !scenario.onlyByName()).toList();
        }
        if (keys.equals(List.of(Options.NONE))) {
            return List.of();
        }
        List<String> known = all.stream().map(Scenario::key).toList();
        for (String key : keys) {
            if (!known.contains(key)) {
                throw new UsageException("there is no scenario '" + key + "', only "
                        + known.stream().collect(Collectors.joining(", ")));
            }
        }
        return all.stream().filter(scenario -> keys.contains(scenario.key())).toList();
    }
}
