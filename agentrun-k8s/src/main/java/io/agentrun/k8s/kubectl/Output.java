package io.agentrun.k8s.kubectl;

/** Takes what a program writes, as it comes. */
@FunctionalInterface
interface Output {

    /** Takes the first {@code length} bytes; returns whether more are wanted. */
    boolean take(byte[] bytes, int length);
}
