package io.agentrun.k8s.kubectl.memory;

import io.agentrun.k8s.kubectl.KubectlException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which calls are let through, which fail, and which were made.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class Access {

    private final List<ClusterCall> calls = new ArrayList<>();
    private final List<Fault> faults = new ArrayList<>();
    private final Set<String> denied = new HashSet<>();
    private final Set<String> onlyNamespaces = new HashSet<>();

    void inject(Fault fault) {
        faults.add(fault);
    }

    void heal() {
        faults.clear();
    }

    void deny(String permission) {
        denied.add(permission);
    }

    void onlyIn(String namespace) {
        onlyNamespaces.add(namespace);
    }

    boolean allows(String permission, String namespace) {
        boolean inRole = onlyNamespaces.isEmpty() || onlyNamespaces.contains(namespace);
        return inRole && !denied.contains(permission);
    }

    List<ClusterCall> calls() {
        return List.copyOf(calls);
    }

    void forgetCalls() {
        calls.clear();
    }

    /**
     * Notes the call and refuses it if it must be; the fault that it shows once it is done, if there is one.
     *
     * @throws KubectlException when it is forbidden, or fails before anything is done
     */
    Optional<Fault> admit(ClusterCall call) {
        calls.add(call);
        if (!allows(call.permission(), call.namespace())) {
            throw new KubectlException(
                    KubectlException.Reason.FORBIDDEN,
                    call.operation(),
                    call.resource() + " is forbidden: User \"tester\" cannot " + call.verb() + " resource \""
                            + call.resource() + "\" in the namespace \"" + call.namespace() + "\"");
        }
        Optional<Fault> fault = next(call.permission());
        if (fault.isPresent() && fault.get().moment() == Fault.Moment.BEFORE) {
            throw new KubectlException(fault.get().reason(), call.operation(), "injected, nothing done");
        }
        return fault;
    }

    private Optional<Fault> next(String permission) {
        for (Iterator<Fault> all = faults.iterator(); all.hasNext(); ) {
            Fault fault = all.next();
            if (fault.permission().equals(permission)) {
                all.remove();
                if (fault.times() == Integer.MAX_VALUE) {
                    faults.add(0, fault);
                } else if (fault.times() > 1) {
                    faults.add(0, new Fault(permission, fault.reason(), fault.moment(), fault.times() - 1));
                }
                return Optional.of(fault);
            }
        }
        return Optional.empty();
    }
}
