package io.agentrun.spring;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Tells a host without a store what to do, in place of a stack trace. */
final class StoreNotConfiguredAnalyzer extends AbstractFailureAnalyzer<StoreNotConfiguredException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, StoreNotConfiguredException cause) {
        return new FailureAnalysis(String.valueOf(cause.getMessage()), cause.action(), cause);
    }
}
