package io.agentrun.tck.suite;

import io.agentrun.tck.StoreFixture;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInfo;

/**
 * The whole kit: an adapter's test class extends this one, gives its fixture, and runs every suite. A nested class is
 * named like its suite, without {@code Suite}. One suite, or one test, alone:
 *
 * <pre>{@code
 * mvn test -Dtest='MyConformanceTest,StoreConformance$Lease#*'
 * mvn test -Dtest='MyConformanceTest,StoreConformance$Lease#a_second_release_is_refused_because_another_epoch_has_begun'
 * }</pre>
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class StoreConformance extends RunnerConformance {

    /** For the adapter's test class. */
    protected StoreConformance() {}

    @Override
    protected abstract StoreFixture createFixture(TestInfo test);

    @Nested
    class Run extends RunSuite {}

    @Nested
    class RunList extends RunListSuite {}

    @Nested
    class RunEnd extends RunEndSuite {}

    @Nested
    class RunTimes extends RunTimesSuite {}

    @Nested
    class Lease extends LeaseSuite {}

    @Nested
    class Fence extends FenceSuite {}

    @Nested
    class Batch extends BatchSuite {}

    @Nested
    class ClaimNext extends ClaimNextSuite {}

    @Nested
    class Recovery extends RecoverySuite {}

    @Nested
    class Unclaimed extends UnclaimedSuite {}

    @Nested
    class Command extends CommandSuite {}

    @Nested
    class CommandEnd extends CommandEndSuite {}

    @Nested
    class TurnEnd extends TurnEndSuite {}

    @Nested
    class Turn extends TurnSuite {}

    @Nested
    class WaitingTurn extends WaitingTurnSuite {}

    @Nested
    class Busy extends BusySuite {}

    @Nested
    class Event extends EventSuite {}

    @Nested
    class Await extends AwaitSuite {}

    @Nested
    class AwaitAny extends AwaitAnySuite {}

    @Nested
    class Purge extends PurgeSuite {}

    @Nested
    class Race extends RaceSuite {}

    @Nested
    class Crossing extends CrossingSuite {}

    @Nested
    class Meeting extends MeetingSuite {}

    @Nested
    class Session extends SessionSuite {}

    @Nested
    class SessionExpect extends SessionExpectSuite {}

    @Nested
    class SessionActivity extends SessionActivitySuite {}

    @Nested
    class SessionRead extends SessionReadSuite {}

    @Nested
    class SessionList extends SessionListSuite {}

    @Nested
    class SessionChanges extends SessionChangesSuite {}

    @Nested
    class SessionTrace extends SessionTraceSuite {}

    @Nested
    class Question extends QuestionSuite {}

    @Nested
    class QuestionEnd extends QuestionEndSuite {}

    @Nested
    class QuestionWithdrawal extends QuestionWithdrawalSuite {}

    @Nested
    class QuestionRace extends QuestionRaceSuite {}

    @Nested
    class Park extends ParkSuite {}

    @Nested
    class ParkEnd extends ParkEndSuite {}

    @Nested
    class ParkRefusal extends ParkRefusalSuite {}

    @Nested
    class ParkLimit extends ParkLimitSuite {}

    @Nested
    class StorageState extends StorageStateSuite {}

    @Nested
    class Storage extends StorageSuite {}

    @Nested
    class StorageClaim extends StorageClaimSuite {}

    @Nested
    class Queue extends QueueSuite {}

    @Nested
    class QueueList extends QueueListSuite {}

    @Nested
    class QueueStats extends QueueStatsSuite {}

    @Nested
    class TaskBatch extends TaskBatchSuite {}

    @Nested
    class Retry extends RetrySuite {}

    @Nested
    class CancelMany extends CancelManySuite {}

    @Nested
    class Replace extends ReplaceSuite {}

    @Nested
    class Deadline extends DeadlineSuite {}

    @Nested
    class Schedule extends ScheduleSuite {}

    @Nested
    class OldRecords extends OldRecordsSuite {}

    @Nested
    class Dispatch extends DispatchSuite {}

    @Nested
    class DispatchRace extends DispatchRaceSuite {}

    @Nested
    class CreationRace extends CreationRaceSuite {}

    @Nested
    class EndRace extends EndRaceSuite {}

    @Nested
    class PurgeRace extends PurgeRaceSuite {}

    @Nested
    class Take extends TakeSuite {}

    @Nested
    class GivenBack extends GivenBackSuite {}

    @Nested
    class Limit extends LimitSuite {}

    @Nested
    class LimitChange extends LimitChangeSuite {}

    @Nested
    class PassingOver extends PassingOverSuite {}

    @Nested
    class TaskEnd extends TaskEndSuite {}

    @Nested
    class Attempt extends AttemptSuite {}

    @Nested
    class Runner extends RunnerSuite {}

    @Nested
    class Inspect extends InspectSuite {}

    @Nested
    class Text extends TextSuite {}

    @Nested
    class Bounds extends BoundsSuite {}

    @Nested
    class PageBytes extends PageBytesSuite {}

    @Nested
    class Json extends JsonSuite {}

    @Nested
    class Null extends NullSuite {}

    @Nested
    class Unknown extends UnknownSuite {}

    @Nested
    class View extends ViewSuite {}

    @Nested
    class ViewScope extends ViewScopeSuite {}

    @Nested
    class Moment extends MomentSuite {}

    @Nested
    class Pages extends PagesSuite {}

    @Nested
    class ExactTime extends ExactTimeSuite {}

    @Nested
    class Lifecycle extends LifecycleSuite {}

    @Nested
    class Persistence extends PersistenceSuite {}

    @Nested
    class Outage extends OutageSuite {}

    @Nested
    class History extends HistorySuite {}

    @Nested
    class Differential extends DifferentialSuite {}
}
