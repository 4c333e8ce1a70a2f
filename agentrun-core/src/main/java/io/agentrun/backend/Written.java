package io.agentrun.backend;

import io.agentrun.event.RunEvent;
import io.agentrun.question.Question;
import io.agentrun.queue.QueueTask;
import io.agentrun.session.Session;
import java.util.List;

/**
 * What a change has got by being written: the versions of sessions, tasks and questions, the numbers of events.
 *
 * <p>Immutable.
 *
 * @param sessions the sessions of the change, the new ones first
 * @param tasks the tasks of the change, the new ones first
 * @param events the events, in the order of the change
 * @param questions the questions of the change, the new ones first
 */
public record Written(List<Session> sessions, List<QueueTask> tasks, List<RunEvent> events, List<Question> questions) {

    /** Nothing was written. */
    public static final Written NOTHING = new Written(List.of(), List.of(), List.of(), List.of());
}
