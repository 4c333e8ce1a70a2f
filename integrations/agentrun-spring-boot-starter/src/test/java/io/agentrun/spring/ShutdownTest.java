package io.agentrun.spring;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.agentrun.postgres.PostgresAgentRunStore;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Iterator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a host ends while an agent works and a browser reads along. */
@Timeout(120)
class ShutdownTest {

    @Test
    void the_agent_is_stopped_its_run_given_back_the_stream_ended_and_only_then_the_store_and_the_pool_closed()
            throws Exception {
        String url = TestPostgres.newDatabase();
        // A stream that nobody ended would hold the web server up for ten minutes.
        Host host = Host.onPostgres(
                url,
                "agentrun.worker.close-patience=1ms",
                "agentrun.worker.stop-grace=100ms",
                "spring.lifecycle.timeout-per-shutdown-phase=10m");
        HikariDataSource pool = host.bean(HikariDataSource.class);
        QueueTask task = host.bean(HostApplication.Orders.class).order("wait for ever");
        host.bean(HostApplication.Gate.class).entered.await();
        String runId = host.store().queue().get(task.id()).latestAttempt().runId();
        HttpResponse<Stream<String>> stream = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(host.uri("/runs/" + runId + "/events"))
                                .build(),
                        HttpResponse.BodyHandlers.ofLines());
        Iterator<String> lines = stream.body().iterator();
        String first = lines.next();

        host.close();

        assertThat(first).startsWith("retry:");
        assertThat(pool.isClosed()).isTrue();
        try (HikariDataSource another = pool(url);
                PostgresAgentRunStore store = PostgresAgentRunStore.builder(another)
                        .withoutMigration()
                        .build()) {
            Run run = store.runs().get(runId);
            assertThat(run.status()).isEqualTo(RunStatus.PENDING);
            assertThat(store.queue().get(task.id()).state()).isEqualTo(TaskState.RUNNING);
        }
    }

    private static HikariDataSource pool(String url) {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(url);
        pool.setMaximumPoolSize(2);
        return pool;
    }

    @Test
    void an_agent_that_ends_in_time_ends_its_task() throws Exception {
        String url = TestPostgres.newDatabase();
        QueueTask task;
        try (Host host = Host.onPostgres(url, "agentrun.worker.close-patience=60s")) {
            task = host.bean(HostApplication.Orders.class).order("wait a little");
            HostApplication.Gate gate = host.bean(HostApplication.Gate.class);
            gate.entered.await();
            Thread closing = new Thread(host::close);
            closing.start();
            gate.open.countDown();
            closing.join();
        }

        try (HikariDataSource another = pool(url);
                PostgresAgentRunStore store = PostgresAgentRunStore.builder(another)
                        .withoutMigration()
                        .build()) {
            assertThat(store.queue().get(task.id()).state()).isEqualTo(TaskState.COMPLETED);
        }
    }
}
