package io.agentrun.worker;

import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Recovery;
import io.agentrun.model.BackendProfile;
import java.util.List;
import java.util.Set;

/**
 * Knows more of some runners than that their lease has run out: whether a Job is still there, say. Their runs are recovered through it
 * alone, so that nobody else begins a run again while its old runner is at work.
 *
 * <p>Thread-safe.
 */
public interface Witness {

    /** Returns the backends of whose runners it knows. */
    Set<BackendProfile> profiles();

    /** Stops the runners of those backends whose leases have run out, and recovers their runs. */
    List<Recovery> recover(ExpiredQuery query);
}
