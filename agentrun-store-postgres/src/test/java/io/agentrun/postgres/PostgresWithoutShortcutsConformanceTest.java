package io.agentrun.postgres;

import io.agentrun.postgres.testing.PostgresFixture;
import io.agentrun.tck.StoreFixture;
import io.agentrun.tck.suite.StoreConformance;
import org.junit.jupiter.api.TestInfo;

/**
 * The store on PostgreSQL under the whole kit, with every operation as the engine does it step by step, and with every waiting task that
 * something holds in a group.
 */
class PostgresWithoutShortcutsConformanceTest extends StoreConformance {

    @Override
    protected StoreFixture createFixture(TestInfo test) {
        return new PostgresFixture(builder -> builder.withoutShortcuts().crowd(0));
    }
}
