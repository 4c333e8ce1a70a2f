package io.agentrun.tck.suite;

import io.agentrun.tck.StoreFixture;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInfo;

/**
 * The whole kit: an adapter's test class extends this one, gives its fixture, and runs every suite.
 *
 * <p>A nested class is named like its suite, without {@code Suite}. One suite, or one test, alone:
 *
 * <pre>{@code
 * mvn test -Dtest='MyConformanceTest,StoreConformance$Lease#*'
 * mvn test -Dtest='MyConformanceTest,StoreConformance$Lease#a_second_release_is_refused_because_another_epoch_has_begun'
 * }</pre>
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class StoreConformance {

    /** For the adapter's test class. */
    protected StoreConformance() {}

    /** A fixture on empty data, asked for before each test; the kit closes it. */
    protected abstract StoreFixture createFixture(TestInfo test);

    @Nested
    class Run extends RunSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class RunList extends RunListSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class RunEnd extends RunEndSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class Lease extends LeaseSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class Fence extends FenceSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class ClaimNext extends ClaimNextSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class Recovery extends RecoverySuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class Command extends CommandSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class CommandEnd extends CommandEndSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class Turn extends TurnSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class WaitingTurn extends WaitingTurnSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class Busy extends BusySuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class Event extends EventSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class Await extends AwaitSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class Purge extends PurgeSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class Race extends RaceSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class Crossing extends CrossingSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class Meeting extends MeetingSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class Session extends SessionSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class SessionActivity extends SessionActivitySuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class SessionRead extends SessionReadSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class SessionExpect extends SessionExpectSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class SessionList extends SessionListSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class SessionChanges extends SessionChangesSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class SessionTrace extends SessionTraceSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class StorageState extends StorageStateSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class Storage extends StorageSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class StorageClaim extends StorageClaimSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class Queue extends QueueSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class QueueList extends QueueListSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class QueueStats extends QueueStatsSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class Dispatch extends DispatchSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class TaskEnd extends TaskEndSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class Attempt extends AttemptSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class Runner extends RunnerSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class Text extends TextSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class Bounds extends BoundsSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class Json extends JsonSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class Null extends NullSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class Unknown extends UnknownSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class Moment extends MomentSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class ExactTime extends ExactTimeSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class Lifecycle extends LifecycleSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class Persistence extends PersistenceSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }

    @Nested
    class Differential extends DifferentialSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return StoreConformance.this.createFixture(test);
        }
    }
}
