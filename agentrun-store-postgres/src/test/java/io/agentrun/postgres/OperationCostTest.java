package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.postgres.testing.CostMeter;
import io.agentrun.postgres.testing.CostMeter.Cost;
import io.agentrun.postgres.testing.OwnServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;

/**
 * What every operation costs, beside {@code operation-costs.txt}: round trips, statements, row versions and index entries as much
 * as there or less, HOT updates as many or more, bytes of the write-ahead log at most a tenth more.
 *
 * <p>{@code -Dagentrun.costs.write=true} writes the file anew.
 */
class OperationCostTest {

    private static final int WARM_UP = 5;
    private static final int STORIES = 5;
    private static final Path BASELINE =
            Path.of("src", "test", "resources", "io", "agentrun", "postgres", "operation-costs.txt");
    private static final String HEAD = """
            # What every operation of OperationStory costs; the median of several. Written by
            #   mvn test -pl agentrun-store-postgres -Dtest=OperationCostTest -Dagentrun.costs.write=true
            # round trips, statements, row versions, HOT updates, index entries, bytes of WAL
            """;

    @Test
    void no_operation_costs_more_than_it_did() throws IOException {
        Map<String, Cost> costs = costs();
        if (Boolean.getBoolean("agentrun.costs.write")) {
            Files.writeString(BASELINE, text(costs));
        }

        Map<String, Cost> baseline = baseline();

        assertThat(costs.keySet()).containsExactlyElementsOf(baseline.keySet());
        List<String> dearer = new ArrayList<>();
        costs.forEach((operation, now) -> {
            Cost before = baseline.getOrDefault(operation, now);
            if (isDearer(before, now)) {
                dearer.add(operation + ": " + before + " -> " + now);
            }
        });
        assertThat(dearer).isEmpty();
    }

    @Test
    void one_statement_one_row_one_index_entry_or_a_tenth_of_the_log_more_is_dearer() {
        Cost before = new Cost(2, 5, 3, 1, 9, 1_000);

        assertThat(isDearer(before, before)).isFalse();
        assertThat(isDearer(before, new Cost(1, 4, 2, 2, 8, 1_100))).isFalse();
        assertThat(isDearer(before, new Cost(3, 5, 3, 1, 9, 1_000))).isTrue();
        assertThat(isDearer(before, new Cost(2, 6, 3, 1, 9, 1_000))).isTrue();
        assertThat(isDearer(before, new Cost(2, 5, 4, 1, 9, 1_000))).isTrue();
        assertThat(isDearer(before, new Cost(2, 5, 3, 0, 9, 1_000))).isTrue();
        assertThat(isDearer(before, new Cost(2, 5, 3, 1, 10, 1_000))).isTrue();
        assertThat(isDearer(before, new Cost(2, 5, 3, 1, 9, 1_101))).isTrue();
        assertThat(isDearer(new Cost(1, 1, 0, 0, 0, 0), new Cost(1, 1, 0, 0, 0, 200)))
                .isFalse();
        assertThat(isDearer(new Cost(1, 1, 0, 0, 0, 0), new Cost(1, 1, 0, 0, 0, 300)))
                .isTrue();
    }

    /** Bytes of log that a statement without a change may write: it tidies a page that it has looked at, or does not. */
    private static final long OF_A_LOOK = 256;

    private static boolean isDearer(Cost before, Cost now) {
        return now.trips() > before.trips()
                || now.statements() > before.statements()
                || now.rows() > before.rows()
                || now.hot() - now.rows() < before.hot() - before.rows()
                || now.entries() > before.entries()
                || now.wal() * 10 > (before.wal() + (now.rows() == 0 ? OF_A_LOOK : 0)) * 11;
    }

    /** The first stories prepare the statements and fill the first pages; the others are measured. */
    private static Map<String, Cost> costs() throws IOException {
        Map<String, List<Cost>> measured = new LinkedHashMap<>();
        try (OwnServer server = OwnServer.start()) {
            CostMeter meter = CostMeter.on(server);
            try (PostgresAgentRunStore store = CountedStore.on(meter.dataSource())) {
                for (int story = 0; story < WARM_UP + STORIES; story++) {
                    boolean warm = story >= WARM_UP;
                    new OperationStory(store, story, new OperationStory.Step() {
                                @Override
                                public <T> T take(String name, Supplier<T> call) {
                                    List<T> result = new ArrayList<>(1);
                                    Cost cost = meter.of(() -> result.add(call.get()));
                                    if (warm) {
                                        measured.computeIfAbsent(name, operation -> new ArrayList<>())
                                                .add(cost);
                                    }
                                    return result.get(0);
                                }
                            })
                            .tell();
                }
            }
        }
        Map<String, Cost> medians = new LinkedHashMap<>();
        measured.forEach((operation, all) -> {
            assertThat(all)
                    .as(operation)
                    .extracting(Cost::trips)
                    .containsOnly(all.get(0).trips());
            assertThat(all)
                    .as(operation)
                    .extracting(Cost::statements)
                    .containsOnly(all.get(0).statements());
            medians.put(
                    operation,
                    new Cost(
                            median(all, Cost::trips),
                            median(all, Cost::statements),
                            median(all, Cost::rows),
                            median(all, Cost::hot),
                            median(all, Cost::entries),
                            median(all, Cost::wal)));
        });
        return medians;
    }

    private static long median(List<Cost> costs, ToLongFunction<Cost> part) {
        return costs.stream().mapToLong(part).sorted().toArray()[costs.size() / 2];
    }

    private static String text(Map<String, Cost> costs) {
        StringBuilder text = new StringBuilder(HEAD);
        costs.forEach((operation, cost) -> text.append(String.format(
                "%-36s %2d %2d %3d %3d %3d %6d%n",
                operation, cost.trips(), cost.statements(), cost.rows(), cost.hot(), cost.entries(), cost.wal())));
        return text.toString();
    }

    private static Map<String, Cost> baseline() throws IOException {
        Map<String, Cost> baseline = new LinkedHashMap<>();
        for (String line : Files.readAllLines(BASELINE)) {
            if (!line.startsWith("#")) {
                List<Long> numbers = List.of(line.substring(36).strip().split(" +")).stream()
                        .map(Long::valueOf)
                        .toList();
                baseline.put(
                        line.substring(0, 36).strip(),
                        new Cost(
                                numbers.get(0),
                                numbers.get(1),
                                numbers.get(2),
                                numbers.get(3),
                                numbers.get(4),
                                numbers.get(5)));
            }
        }
        return baseline;
    }
}
