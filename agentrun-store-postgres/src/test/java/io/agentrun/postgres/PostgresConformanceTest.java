package io.agentrun.postgres;

import io.agentrun.postgres.testing.PostgresFixture;
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

/** The whole conformance kit on PostgreSQL. */
class PostgresConformanceTest {

    @Nested
    class RunRules extends RunSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class RunListRules extends RunListSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class RunEndRules extends RunEndSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class LeaseRules extends LeaseSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class FenceRules extends FenceSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class ClaimNextRules extends ClaimNextSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class RecoveryRules extends RecoverySuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class CommandRules extends CommandSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class CommandEndRules extends CommandEndSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class TurnRules extends TurnSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class BusyRules extends BusySuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class EventRules extends EventSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class AwaitRules extends AwaitSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class PurgeRules extends PurgeSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class RaceRules extends RaceSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class CrossingRules extends CrossingSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class SessionRules extends SessionSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class SessionActivityRules extends SessionActivitySuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class SessionReadRules extends SessionReadSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class SessionListRules extends SessionListSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class SessionChangesRules extends SessionChangesSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class SessionTraceRules extends SessionTraceSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class StorageStateRules extends StorageStateSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class StorageRules extends StorageSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class StorageClaimRules extends StorageClaimSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class QueueRules extends QueueSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class QueueListRules extends QueueListSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class QueueStatsRules extends QueueStatsSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class DispatchRules extends DispatchSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class TaskEndRules extends TaskEndSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class AttemptRules extends AttemptSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class RunnerRules extends RunnerSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class TextRules extends TextSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class BoundsRules extends BoundsSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class JsonRules extends JsonSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class NullRules extends NullSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class UnknownRules extends UnknownSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class MomentRules extends MomentSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }

    @Nested
    class LifecycleRules extends LifecycleSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return new PostgresFixture();
        }
    }
}
