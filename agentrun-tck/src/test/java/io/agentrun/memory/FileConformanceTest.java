package io.agentrun.memory;

import io.agentrun.tck.StoreFixture;
import io.agentrun.tck.suite.StoreConformance;
import org.junit.jupiter.api.TestInfo;

/** The store on a file under the whole kit. */
class FileConformanceTest extends StoreConformance {

    @Override
    protected StoreFixture createFixture(TestInfo test) {
        return new FileFixture();
    }
}
