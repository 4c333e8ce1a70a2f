package io.agentrun.memory;

import io.agentrun.tck.StoreFixture;
import io.agentrun.tck.suite.StoreConformance;
import org.junit.jupiter.api.TestInfo;

/** The store in memory under the whole kit. */
class MemoryConformanceTest extends StoreConformance {

    @Override
    protected StoreFixture createFixture(TestInfo test) {
        return new MemoryFixture();
    }
}
