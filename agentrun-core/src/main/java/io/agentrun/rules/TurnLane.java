package io.agentrun.rules;

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
 */
public record TurnLane(
        RunHead run,
        @Nullable Session session,
        long nextSeq,
        @Nullable CommandView active) {}
