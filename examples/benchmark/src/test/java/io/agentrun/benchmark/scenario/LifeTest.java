package io.agentrun.benchmark.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.benchmark.measure.Alternation;
import io.agentrun.benchmark.measure.Contender;
import io.agentrun.benchmark.measure.Pace;
import io.agentrun.benchmark.measure.Series;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.model.TenantScope;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LifeTest {

    @Test
    void each_life_that_is_counted_is_a_run_that_ended_with_all_its_events() throws SQLException {
        try (InMemoryAgentRunStore store = InMemoryAgentRunStore.create()) {
            Life life = new Life(store, "runner");
            Contender ours = Contender.of(2, i -> () -> {
                life.live();
                return true;
            });

            List<Series> done = Alternation.of(Pace.of(Duration.ofMillis(1), 2, 0), List.of(ours));

            List<Run> runs = store.runs()
                    .list(RunQuery.in(TenantScope.all()).withLimit(500))
                    .items();
            assertThat(runs).hasSizeGreaterThanOrEqualTo(4).allMatch(Run::isTerminal);
            assertThat(runs).hasSize(Math.min(500, done.get(0).latencies().size()));
            // What a life begins and ends with writes events, too.
            assertThat(store.events().list(runs.get(0).id(), 0, 100).items()).hasSizeGreaterThanOrEqualTo(20);
        }
    }
}
