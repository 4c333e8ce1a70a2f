package io.agentrun.k8s.reconcile;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import java.util.List;

/**
 * Everything in which store and cluster differ.
 *
 * <p>Immutable.
 *
 * @param findings what was found, sessions first, by the order of the store's feed, then claims by name
 * @param problems what could not be seen, for people; empty when everything was
 */
public record ReconcileReport(List<Finding> findings, List<String> problems) {

    /**
     * Copies what is given.
     *
     * @throws InvalidInputException when a component is missing
     */
    public ReconcileReport {
        findings = Require.items("findings", findings);
        problems = Require.items("problems", problems);
    }

    /** Returns what was found of this kind. */
    public List<Finding> of(Finding.Kind kind) {
        return findings.stream().filter(finding -> finding.kind() == kind).toList();
    }
}
