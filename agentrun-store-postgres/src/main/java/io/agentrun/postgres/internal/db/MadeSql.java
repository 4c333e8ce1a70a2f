package io.agentrun.postgres.internal.db;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Statements that are put together of parts, each of them once: building a long text for each call, and the hash by which the caches
 * behind it know it, would cost more than binding its parameters. There must not be many of them.
 *
 * <p>Thread-safe.
 *
 * @param <K> what tells one from another, with {@code equals} and {@code hashCode}
 */
public final class MadeSql<K> {

    private final ConcurrentHashMap<K, String> texts = new ConcurrentHashMap<>();
    private final Function<K, String> made;

    /** Makes each statement by the function, when it is asked for first. */
    public MadeSql(Function<K, String> made) {
        this.made = made;
    }

    /** Returns the statement for the key: the same string each time. */
    public String of(K key) {
        String text = texts.get(key);
        return text == null ? texts.computeIfAbsent(key, made) : text;
    }
}
