package io.agentrun.worker.stream;

/**
 * Takes the lines that a process writes.
 *
 * <p>Called by one thread at a time.
 */
@FunctionalInterface
public interface LineReceiver {

    /**
     * Takes a line, without its end.
     *
     * @param line what {@link OutputText} makes of it
     * @param whole false if this is one of several pieces of a line that is longer than {@link OutputText#maxLine()}
     * @throws InterruptedException if the thread is interrupted; nothing more is read then
     */
    void line(String line, boolean whole) throws InterruptedException;
}
