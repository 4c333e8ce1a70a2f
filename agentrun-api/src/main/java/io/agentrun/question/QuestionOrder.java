package io.agentrun.question;

/**
 * In which order questions are listed.
 *
 * <p>Immutable.
 */
public enum QuestionOrder {
    /** The one that was asked first; then by id. */
    OLDEST,
    /** The one whose time is over first; then by id. */
    DUE
}
