package io.agentrun.benchmark.jmh;

import io.agentrun.AgentRunStore;
import io.agentrun.benchmark.scenario.Given;
import io.agentrun.json.ContentHash;
import io.agentrun.json.JsonObject;
import io.agentrun.json.Redactor;
import io.agentrun.lease.RunLease;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.rules.LeaseRules;
import io.agentrun.rules.RunGuard;
import io.agentrun.rules.RunHead;
import io.agentrun.run.Run;
import java.time.Instant;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * The functions through which every event, command or heartbeat goes, on a payload of about 200 bytes.
 *
 * <p>Not thread-safe: one thread at a time.
 */
@State(Scope.Thread)
public class PureBenchmark {

    private final JsonObject payload = Given.EVENT.payload();
    private final String text = payload.toJson();
    private final Redactor redactor = Redactor.standard();
    private final RunLease lease = lease();
    private final Run run = lease.run();
    private final RunGuard guard = RunGuard.of(lease.fence().tokenHash());
    private final Instant now = lease.expiresAt().minusSeconds(60);

    private static RunLease lease() {
        try (AgentRunStore store = InMemoryAgentRunStore.create()) {
            return store.leases().claim(Given.pending(store).id(), "runner", Given.LEASE);
        }
    }

    /** Reads JSON into its canonical form. */
    @Benchmark
    public JsonObject parse() {
        return JsonObject.parse(text);
    }

    /** Hashes it, as for an idempotency key. */
    @Benchmark
    public String hash() {
        return ContentHash.of(payload);
    }

    /** Looks for secrets and finds none. */
    @Benchmark
    public JsonObject redact() {
        return redactor.redact(payload);
    }

    /** Decides a heartbeat. */
    @Benchmark
    public LeaseRules.Beat heartbeatRule() {
        return LeaseRules.heartbeat(RunHead.of(run, guard), lease.fence(), Given.LEASE, now);
    }
}
