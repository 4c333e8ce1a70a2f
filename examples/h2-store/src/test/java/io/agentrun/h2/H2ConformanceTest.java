package io.agentrun.h2;

import io.agentrun.tck.StoreFixture;
import io.agentrun.tck.suite.StoreConformance;
import java.nio.file.Path;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** The whole kit, in memory; with {@code -Dagentrun.h2.file=true} on files, which takes some minutes. */
class H2ConformanceTest extends StoreConformance {

    @TempDir
    static Path directory;

    @Override
    protected StoreFixture createFixture(TestInfo test) {
        return Boolean.getBoolean("agentrun.h2.file") ? H2Fixture.onFile(directory) : H2Fixture.inMemory();
    }
}
