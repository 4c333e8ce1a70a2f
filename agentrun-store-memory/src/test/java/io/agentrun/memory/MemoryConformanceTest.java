package io.agentrun.memory;

import io.agentrun.tck.StoreFixture;
import io.agentrun.tck.suite.AttemptSuite;
import io.agentrun.tck.suite.AwaitSuite;
import io.agentrun.tck.suite.BoundsSuite;
import io.agentrun.tck.suite.BusySuite;
import io.agentrun.tck.suite.ClaimNextSuite;
import io.agentrun.tck.suite.CommandEndSuite;
import io.agentrun.tck.suite.CommandSuite;
import io.agentrun.tck.suite.CrossingSuite;
import io.agentrun.tck.suite.DispatchSuite;
import io.agentrun.tck.suite.EventSuite;
import io.agentrun.tck.suite.FenceSuite;
import io.agentrun.tck.suite.JsonSuite;
import io.agentrun.tck.suite.LeaseSuite;
import io.agentrun.tck.suite.LifecycleSuite;
import io.agentrun.tck.suite.MomentSuite;
import io.agentrun.tck.suite.NullSuite;
import io.agentrun.tck.suite.PurgeSuite;
import io.agentrun.tck.suite.QueueListSuite;
import io.agentrun.tck.suite.QueueStatsSuite;
import io.agentrun.tck.suite.QueueSuite;
import io.agentrun.tck.suite.RaceSuite;
import io.agentrun.tck.suite.RecoverySuite;
import io.agentrun.tck.suite.RunEndSuite;
import io.agentrun.tck.suite.RunListSuite;
import io.agentrun.tck.suite.RunSuite;
import io.agentrun.tck.suite.RunnerSuite;
import io.agentrun.tck.suite.SessionActivitySuite;
import io.agentrun.tck.suite.SessionChangesSuite;
import io.agentrun.tck.suite.SessionListSuite;
import io.agentrun.tck.suite.SessionReadSuite;
import io.agentrun.tck.suite.SessionSuite;
import io.agentrun.tck.suite.SessionTraceSuite;
import io.agentrun.tck.suite.StorageClaimSuite;
import io.agentrun.tck.suite.StorageStateSuite;
import io.agentrun.tck.suite.StorageSuite;
import io.agentrun.tck.suite.TaskEndSuite;
import io.agentrun.tck.suite.TextSuite;
import io.agentrun.tck.suite.TurnSuite;
import io.agentrun.tck.suite.UnknownSuite;
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
    class Sessions extends SessionSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class SessionActivity extends SessionActivitySuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class SessionRead extends SessionReadSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class SessionList extends SessionListSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class SessionChanges extends SessionChangesSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class SessionTrace extends SessionTraceSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class StorageState extends StorageStateSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class Storage extends StorageSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class StorageClaim extends StorageClaimSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class Queues extends QueueSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class QueueList extends QueueListSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class QueueStats extends QueueStatsSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class Dispatch extends DispatchSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class TaskEnd extends TaskEndSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class Attempt extends AttemptSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class Runners extends RunnerSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class Text extends TextSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class Bounds extends BoundsSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class Json extends JsonSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class Null extends NullSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class Unknown extends UnknownSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class Moment extends MomentSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }

    @Nested
    class Lifecycle extends LifecycleSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new MemoryFixture();
        }
    }
}
