package io.agentrun.k8s.kubectl.memory;

import io.agentrun.k8s.kubectl.KubectlException;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.KubernetesSyntax;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * What an API server and the driver of a volume make of a claim that asks for another size.
 *
 * <p>Thread-safe.
 */
final class ClaimGrowth {

    private ClaimGrowth() {}

    /** Changes what the claim asks for, or refuses it in the server's words. */
    static ClaimView grown(ClusterState state, ClaimView claim, String size) {
        if (!claim.phase().equals("Bound")) {
            throw refused(
                    Reason.INVALID,
                    claim,
                    "is invalid: spec: Forbidden: spec is immutable after creation except resources.requests and"
                            + " volumeAttributesClassName for bound claims");
        }
        if (amount(size).compareTo(amount(claim.size())) < 0) {
            throw refused(
                    Reason.INVALID,
                    claim,
                    "is invalid: spec.resources.requests.storage: Forbidden: field can not be less than previous value");
        }
        if (!state.claimsGrow) {
            throw refused(
                    Reason.FORBIDDEN,
                    claim,
                    "is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the"
                            + " pvc must support resize");
        }
        return state.claim(claim, claim.phase(), size, claim.capacity());
    }

    private static BigDecimal amount(@Nullable String quantity) {
        return KubernetesSyntax.amount(quantity).orElse(BigDecimal.ZERO);
    }

    private static KubectlException refused(Reason reason, ClaimView claim, String words) {
        return new KubectlException(
                reason,
                "update persistentvolumeclaims " + claim.meta().ref(),
                "PersistentVolumeClaim \"" + claim.meta().ref().name() + "\" " + words);
    }
}
