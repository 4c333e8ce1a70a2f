package io.agentrun.memory;

import io.agentrun.tck.StoreFixture;
import io.agentrun.tck.suite.AwaitSuite;
import io.agentrun.tck.suite.BusySuite;
import io.agentrun.tck.suite.ClaimNextSuite;
import io.agentrun.tck.suite.CloseSuite;
import io.agentrun.tck.suite.CommandEndSuite;
import io.agentrun.tck.suite.CommandSuite;
import io.agentrun.tck.suite.CrossingSuite;
import io.agentrun.tck.suite.EventSuite;
import io.agentrun.tck.suite.FenceSuite;
import io.agentrun.tck.suite.InputSuite;
import io.agentrun.tck.suite.LeaseSuite;
import io.agentrun.tck.suite.PurgeSuite;
import io.agentrun.tck.suite.RaceSuite;
import io.agentrun.tck.suite.RecoverySuite;
import io.agentrun.tck.suite.RunEndSuite;
import io.agentrun.tck.suite.RunListSuite;
import io.agentrun.tck.suite.RunSuite;
import io.agentrun.tck.suite.TurnSuite;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInfo;

/** The in-memory store under the whole kit. */
class MemoryConformanceTest {

    @Nested
    class Runs extends RunSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class RunList extends RunListSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class RunEnd extends RunEndSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class Leases extends LeaseSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class Fence extends FenceSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class ClaimNext extends ClaimNextSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class Recovery extends RecoverySuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class Commands extends CommandSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class CommandEnd extends CommandEndSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class Turns extends TurnSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class Busy extends BusySuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class Events extends EventSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class Await extends AwaitSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class Purge extends PurgeSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class Races extends RaceSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class Crossing extends CrossingSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class Input extends InputSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class Close extends CloseSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }
}
