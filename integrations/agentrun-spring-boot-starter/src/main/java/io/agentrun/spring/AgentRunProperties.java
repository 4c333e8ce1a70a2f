package io.agentrun.spring;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties {@code agentrun.*}.
 *
 * <p>Immutable.
 *
 * @param store where the state is kept
 * @param worker the worker, which there is if the host has a bean of the type Agent
 * @param maintenance what every host does now and then
 * @param problemDetails how errors are answered
 * @param console the console, which there is with {@code agentrun-console} and a guard or a token
 */
@ConfigurationProperties("agentrun")
public record AgentRunProperties(
        @DefaultValue Store store,
        @DefaultValue Worker worker,
        @DefaultValue Maintenance maintenance,
        @DefaultValue ProblemDetails problemDetails,
        @DefaultValue Console console) {

    /** Where the state is kept. Immutable. */
    public enum StoreType {
        /** PostgreSQL, by the host's data source. */
        POSTGRES,
        /** In memory: gone when the host ends, and outside of its transactions. */
        MEMORY,
        /** In memory and on a file: outside of the host's transactions. */
        FILE,
        /** No store and nothing else of this starter. */
        NONE
    }

    /**
     * The store.
     *
     * @param type where the state is kept. Unless set: PostgreSQL if there is one data source
     * @param file the file of the store, with the type FILE
     * @param schema the PostgreSQL schema of the tables
     * @param migrate whether the schema is brought up to date at the start
     * @param statementTimeout how long one statement may take
     * @param lockTimeout how long a transaction waits for one row
     * @param pollInterval how often a waiting call looks by itself
     * @param notifications whether commits are told to other hosts, and heard of theirs
     * @param maxConnections how many connections the calls of virtual threads take at once
     */
    public record Store(
            @Nullable StoreType type,
            @Nullable Path file,
            @DefaultValue("public") String schema,
            @DefaultValue("true") boolean migrate,
            @DefaultValue("30s") Duration statementTimeout,
            @DefaultValue("10s") Duration lockTimeout,
            @DefaultValue("1s") Duration pollInterval,
            @DefaultValue("true") boolean notifications,
            @DefaultValue("16") int maxConnections) {}

    /**
     * The worker.
     *
     * @param enabled whether the host's agent works on tasks
     * @param runnerId who holds the leases, another one for each process. Unless set: application, host and a random part
     * @param queue the queue whose tasks are taken. Unless set: all
     * @param lane the lane whose tasks are taken. Unless set: all
     * @param backends the backends whose tasks are taken. Unless set: all
     * @param slots how many agents work at once
     * @param lease how long a lease is
     * @param stopGrace how long an agent may take to end once it was asked to
     * @param closePatience how long the host waits at its end for agents to finish their turns, before they are asked to end
     */
    public record Worker(
            @DefaultValue("true") boolean enabled,
            @Nullable String runnerId,
            @Nullable String queue,
            @Nullable String lane,
            @DefaultValue Set<String> backends,
            @DefaultValue("1") int slots,
            @DefaultValue("2m") Duration lease,
            @DefaultValue("10s") Duration stopGrace,
            @DefaultValue("10s") Duration closePatience) {}

    /**
     * What every host does now and then.
     *
     * @param enabled whether this host does it; some host must
     * @param recoverEvery how often expired leases are looked for
     * @param purgeAfter how long ago a run must have ended to be deleted. Unless set: nothing is deleted
     * @param purgeEvery how often runs are deleted
     */
    public record Maintenance(
            @DefaultValue("true") boolean enabled,
            @DefaultValue("15s") Duration recoverEvery,
            @Nullable Duration purgeAfter,
            @DefaultValue("1h") Duration purgeEvery) {}

    /**
     * How errors are answered.
     *
     * @param enabled whether what a controller lets through of agentrun's errors is answered as problem details
     */
    public record ProblemDetails(@DefaultValue("true") boolean enabled) {}

    /**
     * The console.
     *
     * @param path where it is mounted, without a slash at its end
     * @param token what gives access to everything in it, at least 16 characters. Unless set: only a bean of the type Guard gives any
     */
    public record Console(
            @DefaultValue("/agentrun-console") String path,
            @Nullable String token) {

        /** Tells the path, not the token. */
        @Override
        public String toString() {
            return "Console[path=" + path + "]";
        }
    }
}
