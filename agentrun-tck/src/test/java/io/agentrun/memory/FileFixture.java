package io.agentrun.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.tck.SettableClock;
import io.agentrun.tck.StoreFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * The store on a file, and a sibling of it. When it is closed, the file is opened once more: it must hold the very state that
 * was in memory. A listener hears of each call, so that the kit proves that it changes nothing.
 */
final class FileFixture implements StoreFixture {

    private final SettableClock clock = SettableClock.at(Instant.parse("2026-01-02T03:04:05.123456789Z"));
    private final AtomicLong heard = new AtomicLong();
    private final Path folder;
    private InMemoryAgentRunStore store;
    private InMemoryAgentRunStore second;

    FileFixture() {
        try {
            folder = Files.createTempDirectory("agentrun-file-store");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        store = open();
        second = store.sibling();
    }

    private InMemoryAgentRunStore open() {
        return InMemoryAgentRunStore.builder()
                .clock(clock)
                .listener(call -> heard.incrementAndGet())
                .open(folder.resolve("store"));
    }

    @Override
    public String name() {
        return "file";
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
        clock.advance(by);
    }

    @Override
    public Persistence reopen() {
        second.close();
        store.close();
        store = open();
        second = store.sibling();
        return Persistence.KEPT;
    }

    @Override
    public Reach cutOff() {
        return Reach.ALWAYS_THERE;
    }

    @Override
    public void close() {
        List<String> before = sorted(store);
        second.close();
        store.close();
        try (InMemoryAgentRunStore again = open()) {
            assertThat(sorted(again)).as("what the file holds").isEqualTo(before);
        } finally {
            delete();
        }
    }

    private static List<String> sorted(InMemoryAgentRunStore store) {
        return store.contents().stream().map(Write::toString).sorted().toList();
    }

    private void delete() {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted((a, b) -> b.compareTo(a)).forEach(path -> {
                try {
                    Files.delete(path);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
