package io.agentrun.benchmark.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ResultTableTest {

    @Test
    void columns_are_aligned_and_what_does_not_apply_is_blank() {
        String table = new ResultTable(List.of(
                        new Result("one", 1, 12_345.6, 7.0, 99.9, 24_691.2, 0.5, null),
                        Result.of("WAL bytes", 32, 512, "bytes")))
                .text();

        assertThat(table).isEqualTo("""
                | scenario  | threads |     ops/s | p50 us | p99 us | limit/s | ratio | to reach |
                | --------- | ------: | --------: | -----: | -----: | ------: | ----: | -------: |
                | one       |       1 |    12,346 |   7.00 |    100 |  24,691 | 0.500 |          |
                | WAL bytes |      32 | 512 bytes |        |        |         |       |          |""");
    }

    @Test
    void a_line_with_a_goal_says_whether_it_is_reached() {
        Result reached = new Result(Names.HEARTBEAT, 1, 900.0, 1.0, 1.0, 1_000.0, 0.9, null);
        Result missed = new Result(Names.HEARTBEAT, 32, 700.0, 1.0, 1.0, 1_000.0, 0.7, null);

        String table = new ResultTable(List.of(reached, missed)).text();

        assertThat(table).contains(">= 0.80 x yes |").contains(">= 0.80 x NO |");
    }
}
