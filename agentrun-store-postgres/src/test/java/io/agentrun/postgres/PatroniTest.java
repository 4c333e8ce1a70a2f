package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.postgres.testing.FailoverLoad;
import io.agentrun.postgres.testing.PatroniCluster;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * One running store through failovers that nobody but Patroni makes: its leader is killed again and again. Needs Debian's patroni,
 * etcd-server and postgresql; see CONTRIBUTING.md.
 */
@Tag("patroni")
class PatroniTest {

    private static final int ROUNDS = Integer.getInteger("agentrun.failover.rounds", 3);

    @Test
    void no_acknowledged_write_and_no_change_is_lost_when_patroni_fails_over() throws Exception {
        try (PatroniCluster cluster = PatroniCluster.start()) {
            for (int round = 1; round <= ROUNDS; round++) {
                cluster.awaitBoth();
                FailoverLoad load = new FailoverLoad(cluster.url(), "r" + round + "-");
                load.failOver(() -> {}, cluster::takeOver);

                assertThat(load.lost()).isEmpty();
                assertThat(load.missed()).isEmpty();
                load.print("Patroni", round);
            }
        }
    }
}
