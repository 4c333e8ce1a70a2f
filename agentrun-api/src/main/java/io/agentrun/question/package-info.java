/**
 * Questions: what an agent asks a person in the middle of a turn, and what became of it.
 *
 * <p>Start at {@link io.agentrun.QuestionStore#ask}, which the runner of a turn calls, and {@link io.agentrun.QuestionStore#answer}, which
 * a host calls for the person.
 */
@NullMarked
package io.agentrun.question;

import org.jspecify.annotations.NullMarked;
