package io.agentrun.h2;

import io.agentrun.tck.StoreFixture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/** Takes a writer's version from a sequence before the writer has the lock, so that versions do not rise by commits. */
final class EarlyVersions implements UnaryOperator<String> {

    private static final String LAST = "SELECT MAX(version) FROM sessions WHERE TRUE";

    private final AtomicLong sequence;
    private final ThreadLocal<Long> taken = new ThreadLocal<>();

    private EarlyVersions(AtomicLong sequence) {
        this.sequence = sequence;
    }

    static StoreFixture fixture() {
        String name = H2Fixture.newName();
        AtomicLong sequence = new AtomicLong();
        return H2Fixture.of(
                H2AgentRunStore.inMemory(name).statements(new EarlyVersions(sequence)),
                H2AgentRunStore.inMemory(name).statements(new EarlyVersions(sequence)));
    }

    @Override
    public String apply(String sql) {
        if (sql.contains("FOR UPDATE")) {
            taken.set(sequence.getAndIncrement());
        } else if (sql.equals(LAST) && taken.get() != null) {
            String early = "SELECT " + taken.get();
            taken.remove();
            return early;
        }
        return sql;
    }
}
