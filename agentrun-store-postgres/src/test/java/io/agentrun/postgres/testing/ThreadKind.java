package io.agentrun.postgres.testing;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;

/** The kinds of threads that this JDK has: virtual ones came with JDK 21. Immutable. */
public enum ThreadKind {
    /** A thread of the operating system. */
    PLATFORM,
    /** A thread of the JDK. */
    VIRTUAL;

    /** Returns the kinds that there are. */
    public static List<ThreadKind> all() {
        List<ThreadKind> kinds = new ArrayList<>(List.of(PLATFORM));
        if (Runtime.version().feature() >= 21) {
            kinds.add(VIRTUAL);
        }
        return kinds;
    }

    /** Starts a thread of this kind. */
    public Thread start(Runnable work) {
        if (this == PLATFORM) {
            Thread thread = new Thread(work);
            thread.start();
            return thread;
        }
        try {
            Method start = Thread.class.getMethod("startVirtualThread", Runnable.class);
            return (Thread) start.invoke(null, work);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
