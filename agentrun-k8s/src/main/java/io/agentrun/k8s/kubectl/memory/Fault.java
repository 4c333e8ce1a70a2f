package io.agentrun.k8s.kubectl.memory;

import io.agentrun.check.Require;
import io.agentrun.k8s.kubectl.KubectlException.Reason;

/**
 * A failure that the cluster in memory is told to show. Make one with {@link #before} or {@link #after}.
 *
 * <p>Immutable.
 *
 * @param permission which calls fail, as {@code verb resource}: {@code create persistentvolumeclaims}
 * @param reason how they fail
 * @param moment whether the work is done before the caller hears of a failure
 * @param times how many calls fail, 1 or more; {@link Integer#MAX_VALUE} for all of them
 */
public record Fault(String permission, Reason reason, Moment moment, int times) {

    /** When a call fails. Immutable. */
    public enum Moment {
        /** Nothing was done. */
        BEFORE,
        /** It was done, and the answer was lost. */
        AFTER
    }

    /**
     * Checks what is given.
     *
     * @throws io.agentrun.error.InvalidInputException when a component is missing, or {@code times} less than 1
     */
    public Fault {
        permission = Require.given("permission", permission);
        reason = Require.given("reason", reason);
        moment = Require.given("moment", moment);
        times = Require.between("times", times, 1, Integer.MAX_VALUE);
    }

    /** Returns the fault of the next such call, which is not done. */
    public static Fault before(String permission, Reason reason) {
        return new Fault(permission, reason, Moment.BEFORE, 1);
    }

    /** Returns the fault of the next such call, which is done and whose answer is lost. */
    public static Fault after(String permission, Reason reason) {
        return new Fault(permission, reason, Moment.AFTER, 1);
    }

    /** Returns the fault of all such calls from now on. */
    public Fault always() {
        return new Fault(permission, reason, moment, Integer.MAX_VALUE);
    }
}
