package io.agentrun.k8s.job;

import io.agentrun.k8s.log.LogSink;

/**
 * Hears of one Job that a {@link JobWatch} watches. Its lines come in order, each once; its status comes when it has
 * changed, the last one after the last line. It is called by the thread that looks, or by one that works for it, one call
 * at a time. What it throws is a problem of the look and does not reach the other Jobs; the line, or the status, comes again
 * at a later look.
 */
public interface JobObserver extends LogSink {

    /** Hears where the Job stands now. After a status that is {@link RunnerJobStatus#decided()} nothing more comes. */
    void status(RunnerJobStatus status);

    /**
     * Hears that lines may be missing after the last one: the node has rotated the log between two looks, or has not let
     * the rest of it be read for two minutes after the runner had ended, or the pod went before its log was read to the end.
     */
    void linesMissing();
}
