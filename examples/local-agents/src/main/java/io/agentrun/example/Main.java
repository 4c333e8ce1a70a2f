package io.agentrun.example;

/** Runs the example. Not thread-safe: one thread at a time. */
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        System.out.println("agentrun example: " + String.join(" ", args));
    }
}
