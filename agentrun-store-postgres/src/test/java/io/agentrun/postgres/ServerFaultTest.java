package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariDataSource;
import io.agentrun.AgentRunStore;
import io.agentrun.command.CommandState;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.event.EventPage;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.postgres.testing.Invariants;
import io.agentrun.postgres.testing.LifeWriter;
import io.agentrun.postgres.testing.OwnServer;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.tck.Race;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** A server that goes away, writers that die, and one who does not know the password. */
class ServerFaultTest {

    private static final int KILLS = 4;
    private static final NewEvent EVENT = new NewEvent(EventType.ASSISTANT_MESSAGE, JsonObject.of("text", "hi"));

    private static OwnServer server;
    private static TestDatabase database;

    @BeforeAll
    static void start() {
        server = OwnServer.start();
        database = server.database();
    }

    @AfterAll
    static void stop() throws IOException {
        database.close();
        server.close();
    }

    private static PostgresAgentRunStore store(javax.sql.DataSource dataSource) {
        return PostgresAgentRunStore.builder(dataSource)
                .schema(TestDatabase.SCHEMA)
                .withoutMigration()
                .pollInterval(Duration.ofMillis(200))
                .build();
    }

    private static Run newRun(AgentRunStore store) {
        return store.runs()
                .create(NewRun.builder(new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
                        .build());
    }

    @Test
    void a_server_that_is_stopped_and_started_under_load_loses_nothing_acknowledged_and_nobody_is_stuck()
            throws Exception {
        HikariDataSource pool = database.pool(8);
        pool.setConnectionTimeout(1_000);
        try (PostgresAgentRunStore store = store(pool)) {
            int writers = 4;
            int each = 150;
            List<Run> runs = new ArrayList<>();
            for (int i = 0; i < writers; i++) {
                runs.add(newRun(store));
            }
            Future<Race.Finish<EventPage>> reader =
                    Race.waiting(() -> store.events().await(runs.get(0).id(), 10_000, 10, Duration.ofSeconds(90)));
            CountDownLatch half = new CountDownLatch(writers * each / 2);
            CountDownLatch down = new CountDownLatch(1);
            CountDownLatch refused = new CountDownLatch(writers);
            Future<Race.Finish<List<Race.Finish<Integer>>>> writing =
                    Race.background(() -> Race.of(writers, i -> () -> {
                        boolean seenDown = false;
                        int acknowledged = 0;
                        while (acknowledged < each || !seenDown) {
                            try {
                                store.events().appendUnfenced(runs.get(i).id(), List.of(EVENT, EVENT));
                                acknowledged++;
                                half.countDown();
                            } catch (StoreUnavailableException e) {
                                assertThat(e.retryable()).isTrue();
                                if (!seenDown && down.getCount() == 0) {
                                    seenDown = true;
                                    refused.countDown();
                                }
                            }
                        }
                        return acknowledged;
                    }));

            assertThat(half.await(60, TimeUnit.SECONDS)).isTrue();
            down.countDown();
            server.stop();
            assertThat(store.health().reachable()).isFalse();
            assertThat(refused.await(60, TimeUnit.SECONDS)).isTrue();
            server.startAgain();

            List<Integer> acknowledged = Race.values(
                    java.util.Objects.requireNonNull(Race.await(writing).value()));
            for (int i = 0; i < writers; i++) {
                long events = Long.parseLong(database.queryIn(
                                TestDatabase.SCHEMA,
                                "SELECT count(*) FROM agentrun_events WHERE run_id = '"
                                        + runs.get(i).id() + "'")
                        .get(0));
                assertThat(events)
                        .isGreaterThanOrEqualTo(1 + 2L * acknowledged.get(i))
                        .isOdd();
                store.runs().cancel(runs.get(i).id(), "done");
            }
            assertThat(store.health().ready()).isTrue();
            // A wait that the outage ended says so; one that it did not end sees the end of the run.
            Race.Finish<EventPage> waited = Race.await(reader);
            assertThat(waited.succeeded() || waited.failure() instanceof StoreUnavailableException)
                    .isTrue();
            assertThat(Invariants.broken(database)).isEmpty();
        }
    }

    @Test
    void acknowledged_writes_of_a_killed_process_are_complete() throws Exception {
        List<String> said = new ArrayList<>();
        for (int kill = 0; kill < KILLS; kill++) {
            said.addAll(writeUntilKilled("w" + kill, 60 + 45 * kill));
        }

        try (PostgresAgentRunStore store = store(database.pool(4))) {
            said.forEach(line -> assertKept(store, line.split(" ", -1)));
        }
        assertThat(said).anyMatch(line -> line.startsWith("finished"));
        assertThat(Invariants.broken(database)).isEmpty();
    }

    private static void assertKept(AgentRunStore store, String[] line) {
        switch (line[0]) {
            case "task" -> assertThat(store.queue().get(line[1]).id()).isEqualTo(line[1]);
            case "run" -> assertThat(store.runs().get(line[1]).id()).isEqualTo(line[1]);
            case "acknowledged" ->
                assertThat(store.commands().get(line[1]).state()).isNotEqualTo(CommandState.PENDING);
            case "event" ->
                assertThat(store.events()
                                .list(line[1], Long.parseLong(line[2]) - 2, 2)
                                .items())
                        .hasSize(2);
            case "finished" -> assertThat(store.runs().get(line[1]).status()).isEqualTo(RunStatus.COMPLETED);
            default -> throw new IllegalStateException(line[0]);
        }
    }

    /** The lines that were said whole. */
    private static List<String> writeUntilKilled(String name, int lines) throws Exception {
        Process writer = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LifeWriter.class.getName(),
                        server.url(),
                        name)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        StringBuilder said = new StringBuilder();
        try (BufferedReader out = writer.inputReader(StandardCharsets.UTF_8)) {
            int seen = 0;
            for (int c = out.read(); c >= 0; c = out.read()) {
                said.append((char) c);
                if (c == '\n' && ++seen == lines) {
                    // Not the process's own method, which would close what is still to be read.
                    writer.toHandle().destroyForcibly();
                }
            }
            assertThat(seen).isGreaterThanOrEqualTo(lines);
        }
        writer.waitFor();
        return said.substring(0, said.lastIndexOf("\n")).lines().toList();
    }

    @Test
    void a_wrong_password_is_a_matter_of_credentials_and_is_not_told() throws IOException {
        database.execute(
                "SET password_encryption = 'scram-sha-256'; CREATE ROLE guarded LOGIN PASSWORD 'right-password'");
        Path access = server.data().resolve("pg_hba.conf");
        Files.writeString(access, "host all guarded all scram-sha-256\n" + Files.readString(access));
        database.execute("SELECT pg_reload_conf()");
        PGSimpleDataSource wrong = new PGSimpleDataSource();
        wrong.setUrl(server.url().replaceAll("user=[^&]*", "user=guarded"));
        wrong.setPassword("wrong-password");

        try (PostgresAgentRunStore store = store(wrong)) {
            StoreUnavailableException e = refusedFor(store);
            StringWriter trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace));

            assertThat(e.reason()).isEqualTo(Reason.CREDENTIALS);
            assertThat(e.retryable()).isFalse();
            assertThat(trace.toString()).doesNotContain("wrong-password", "guarded", "jdbc:", "localhost");
            assertThat(store.health().ready()).isFalse();
            assertThat(store.health().message())
                    .contains("refuses the store's user")
                    .doesNotContain("guarded");
        }
    }

    /** The settings of a running server take a moment to be read. */
    private static StoreUnavailableException refusedFor(AgentRunStore store) {
        for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60); System.nanoTime() < end; ) {
            StoreUnavailableException e = catchThrowableOfType(
                    StoreUnavailableException.class, () -> store.runs().get("run_any"));
            if (e != null && e.reason() == Reason.CREDENTIALS) {
                return e;
            }
        }
        throw new AssertionError("the wrong password was never refused");
    }
}
