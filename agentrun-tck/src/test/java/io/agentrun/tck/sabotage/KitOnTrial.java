package io.agentrun.tck.sabotage;

import io.agentrun.tck.StoreFixture;
import io.agentrun.tck.suite.StoreConformance;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.TestInfo;

/**
 * The whole kit on whichever store is to be tested now. Its name keeps it out of the build's own tests: only {@link KitRun}
 * runs it.
 */
class KitOnTrial extends StoreConformance {

    static final AtomicReference<Supplier<StoreFixture>> STORE = new AtomicReference<>();

    @Override
    protected StoreFixture createFixture(TestInfo test) {
        return STORE.get().get();
    }
}
