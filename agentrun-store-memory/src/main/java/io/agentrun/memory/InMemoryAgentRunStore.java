package io.agentrun.memory;

import io.agentrun.StoreListener;
import io.agentrun.check.Require;
import io.agentrun.engine.EngineStore;
import io.agentrun.engine.Intake;
import io.agentrun.id.IdSource;
import io.agentrun.json.Redactor;
import io.agentrun.model.Limits;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The reference store: all in memory, or in memory and on one file.
 *
 * <p>{@link #create()} is for unit tests and demos: instant, and gone when it is closed. {@link #open(Path)} is the embedded
 * store of a small host: every operation that returned survives {@code kill -9} and a loss of power, whole or not at all;
 * one process at a time may have the file open. Both serve from memory, so that the data must fit there.
 *
 * <p>Thread-safe. Operations happen one at a time; waiting calls hold no one up.
 */
public final class InMemoryAgentRunStore extends EngineStore {

    private final MemoryBackend backend;
    private final IdSource ids;
    private final Intake intake;
    private final StoreListener listener;
    private final LongSupplier ticker;

    private InMemoryAgentRunStore(
            MemoryBackend backend, IdSource ids, Intake intake, StoreListener listener, LongSupplier ticker) {
        super(backend, ids, intake, listener, ticker);
        this.backend = backend;
        this.ids = ids;
        this.intake = intake;
        this.listener = listener;
        this.ticker = ticker;
    }

    /** Returns an empty store in memory, with the defaults of {@link #builder()}. */
    public static InMemoryAgentRunStore create() {
        return builder().build();
    }

    /**
     * Returns a store on the given file, which is created if it is not there, with the defaults of {@link #builder()}.
     *
     * @throws io.agentrun.error.StoreUnavailableException if another store has the file open ({@code IN_USE}), or if it is
     *     damaged, of another format, or cannot be read and written; it is then as it was
     */
    public static InMemoryAgentRunStore open(Path file) {
        return builder().open(file);
    }

    /** Returns a builder: the system clock, time-ordered ids, the standard redactor and the default limits unless set. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns another instance on the same data, as a second component of one host would have it; each is closed by itself,
     * and the file with the last.
     *
     * @throws io.agentrun.error.StoreClosedException if this instance is closed
     */
    public InMemoryAgentRunStore sibling() {
        return new InMemoryAgentRunStore(backend.sibling(), ids, intake, listener, ticker);
    }

    /** Returns all that the store holds, in no particular order, closed or not: for tests. */
    List<Write> contents() {
        return backend.contents();
    }

    /**
     * Options of the store.
     *
     * <p>Not thread-safe: one thread at a time.
     */
    public static final class Builder {

        private Clock clock = Clock.systemUTC();
        private IdSource ids = IdSource.timeOrdered();
        private Redactor redactor = Redactor.standard();
        private Limits limits = Limits.DEFAULTS;
        private StoreListener listener = StoreListener.NONE;
        private LongSupplier ticker = System::nanoTime;
        private boolean synced = true;

        private Builder() {}

        /** Sets the clock that decides when leases expire and that stamps records; the system's unless set. */
        public Builder clock(Clock value) {
            clock = Require.given("clock", value);
            return this;
        }

        /**
         * Sets the time, in nanoseconds that only move forward, by which leases say how long they are held
         * ({@code RunLease.heldUntilNanos}); {@link System#nanoTime()} unless set. It has to move with the clock.
         */
        public Builder ticker(LongSupplier value) {
            ticker = Require.given("ticker", value);
            return this;
        }

        /** Sets where ids come from; time-ordered ones unless set. */
        public Builder ids(IdSource value) {
            ids = Require.given("ids", value);
            return this;
        }

        /** Sets what keeps secrets out of events, messages and metadata; {@link Redactor#standard()} unless set. */
        public Builder redactor(Redactor value) {
            redactor = Require.given("redactor", value);
            return this;
        }

        /** Bounds on input; {@link Limits#DEFAULTS} unless set. */
        public Builder limits(Limits value) {
            limits = Require.given("limits", value);
            return this;
        }

        /** Sets what hears of each call of the store, its siblings and views, for metrics; nothing unless set. */
        public Builder listener(StoreListener value) {
            listener = Require.given("listener", value);
            return this;
        }

        /**
         * Leaves it to the operating system when a file is written to the disk: operations survive {@code kill -9}, but not a
         * loss of power. Without this call each operation waits for the disk.
         */
        public Builder withoutSync() {
            synced = false;
            return this;
        }

        /** Returns an empty store in memory. */
        public InMemoryAgentRunStore build() {
            return store(new MemoryState(), null, "memory");
        }

        /**
         * Returns a store on the given file, which is created if it is not there.
         *
         * @throws io.agentrun.error.StoreUnavailableException as {@link InMemoryAgentRunStore#open}
         */
        public InMemoryAgentRunStore open(Path file) {
            MemoryState state = new MemoryState();
            return store(state, FileDurability.open(Require.given("file", file), synced, state), "file");
        }

        private InMemoryAgentRunStore store(
                MemoryState state, StepExecutor.@Nullable Durability durability, String adapter) {
            MemoryBackend backend = new MemoryBackend(new StepExecutor(state, clock, durability), adapter);
            backend.seed();
            return new InMemoryAgentRunStore(backend, ids, new Intake(limits, redactor), listener, ticker);
        }
    }
}
