package io.agentrun.h2;

import io.agentrun.AgentRunStore;
import io.agentrun.tck.StoreFixture;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Two stores on one database, whose time stands still until it is advanced. */
final class H2Fixture implements StoreFixture {

    private static final AtomicLong DATABASES = new AtomicLong();

    private final H2AgentRunStore.Options firstOptions;
    private final H2AgentRunStore.Options secondOptions;
    private H2AgentRunStore store;
    private H2AgentRunStore second;
    private boolean onFile;
    private Instant now = Instant.parse("2026-01-02T03:04:05.123456Z");

    private H2Fixture(H2AgentRunStore.Options first, H2AgentRunStore.Options second) {
        this.firstOptions = first;
        this.secondOptions = second;
        this.store = first.open();
        this.second = second.open();
        stopTime(store, now);
    }

    static H2Fixture of(H2AgentRunStore.Options first, H2AgentRunStore.Options second) {
        return new H2Fixture(first, second);
    }

    static H2Fixture inMemory() {
        String name = newName();
        return of(H2AgentRunStore.inMemory(name), H2AgentRunStore.inMemory(name));
    }

    static H2Fixture onFile(Path directory) {
        Path path = directory.resolve(newName());
        H2Fixture fixture = of(
                H2AgentRunStore.onFile(path).shared(),
                H2AgentRunStore.onFile(path).shared());
        fixture.onFile = true;
        return fixture;
    }

    static String newName() {
        return "kit_" + DATABASES.incrementAndGet();
    }

    /** Stops the time of every instance on the store's database. */
    static void stopTime(H2AgentRunStore store, Instant at) {
        store.backend.write(tx -> ((H2Tx) tx).sql().update("UPDATE agentrun_store SET stopped_at = ?", at));
    }

    @Override
    public String name() {
        return "h2";
    }

    @Override
    public AgentRunStore store() {
        return store;
    }

    @Override
    public AgentRunStore second() {
        return second;
    }

    @Override
    public void advance(Duration by) {
        now = now.plus(by);
        stopTime(store, now);
    }

    @Override
    public List<String> declarations() {
        return List.of("calls that wait are woken by looking again");
    }

    /** A database in memory is gone with its last store: a third one keeps it meanwhile, as the file does otherwise. */
    @Override
    public Persistence reopen() {
        Optional<AgentRunStore> keeper = onFile ? Optional.empty() : Optional.of(firstOptions.open());
        close();
        store = firstOptions.open();
        second = secondOptions.open();
        keeper.ifPresent(AgentRunStore::close);
        return Persistence.KEPT;
    }

    @Override
    public Reach cutOff() {
        return Reach.ALWAYS_THERE;
    }

    @Override
    public void close() {
        second.close();
        store.close();
    }
}
