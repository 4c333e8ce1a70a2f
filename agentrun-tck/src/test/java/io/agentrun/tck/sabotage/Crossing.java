package io.agentrun.tck.sabotage;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Calls that cannot bear each other: of two at the same moment on one thing, one gets a raw error. Thread-safe. */
final class Crossing {

    private static final long CALL_NANOS = 1_000_000;

    private final Map<String, Thread> inside = new ConcurrentHashMap<>();

    /** The result of the call, unless another is inside. */
    <T> T enter(String thing, String error, Supplier<T> call) {
        if (inside.putIfAbsent(thing, Thread.currentThread()) != null) {
            throw new IllegalStateException("ERROR: " + error);
        }
        try {
            LockSupport.parkNanos(CALL_NANOS);
            return call.get();
        } finally {
            inside.remove(thing);
        }
    }
}
