package io.agentrun.rules;

import io.agentrun.queue.QueueTask;
import io.agentrun.session.Session;
import org.jspecify.annotations.Nullable;

/**
 * What a rule must see before a command is created, read under the store's locks.
 *
 * <p>Immutable.
 *
 * @param run the run that gets the command
 * @param session the run's session, if it has one
 * @param nextSeq the number that the new command will have
 * @param active the active turn of the session (on a run without one: of the run), in whichever run it stands
 * @param activeTask the task of the active turn's run; given only where that run is parked and is to end
 */
public record TurnLane(
        RunHead run,
        @Nullable Session session,
        long nextSeq,
        @Nullable CommandView active,
        @Nullable QueueTask activeTask) {

    /** Makes what is seen of a lane before it is known whether the run of its active turn is to end. */
    public TurnLane(RunHead run, @Nullable Session session, long nextSeq, @Nullable CommandView active) {
        this(run, session, nextSeq, active, null);
    }

    /** Returns the same with the task of the active turn's run. */
    public TurnLane with(QueueTask task) {
        return new TurnLane(run, session, nextSeq, active, task);
    }
}
