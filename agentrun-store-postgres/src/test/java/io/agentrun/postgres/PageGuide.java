package io.agentrun.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.agentrun.AgentRunStore;
import io.agentrun.error.AgentRunException;
import io.agentrun.model.Deadlines;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.CancelledTasks;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.TaskCancel;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.PurgeResult;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;

/** The Java programs of the pages about PostgreSQL, errors and performance. */
final class PageGuide {

    private PageGuide() {}

    static PostgresAgentRunStore opened(String user, String password) {
        // guide begins
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:postgresql://db.example/app?tcpKeepAlive=true&socketTimeout=60");
        config.setUsername(user);
        config.setPassword(password);
        config.setMaximumPoolSize(12);
        config.setConnectionTimeout(5_000);

        HikariDataSource pool = new HikariDataSource(config);
        PostgresAgentRunStore store =
                PostgresAgentRunStore.builder(pool).schema("agentrun").build();
        // guide ends
        return store;
    }

    static PostgresAgentRunStore migratedByHand(DataSource pool) {
        // guide begins
        System.out.println(PostgresMigrations.in(pool, "agentrun").ddl()); // for the one who may
        PostgresMigrations.in(pool, "agentrun").validate(); // afterwards; throws if it is not as it should be
        PostgresAgentRunStore store = PostgresAgentRunStore.builder(pool)
                .schema("agentrun")
                .withoutMigration()
                .build();
        // guide ends
        return store;
    }

    static void together(Jdbi jdbi, PostgresAgentRunStore store, String orderId, NewQueueTask task) {
        // guide begins
        jdbi.useTransaction(handle -> {
            handle.execute("INSERT INTO orders (id) VALUES (?)", orderId);
            store.in(handle).queue().create(task);
        });
        // guide ends
    }

    static PurgeResult purged(AgentRunStore store) {
        // guide begins
        // Every few minutes, by one process or by any number of them: bounded batches, each its own transaction.
        PurgeResult done = store.runs().purge(PurgeRequest.olderThan(Duration.ofDays(30)));
        // guide ends
        return done;
    }

    static void cancelled(AgentRunStore store, TenantScope scope) {
        // guide begins
        TaskCancel request =
                TaskCancel.in(scope, "the release is off").withQueue("nightly").withLimit(200);
        CancelledTasks step;
        do {
            step = store.queue().cancelAll(request);
            request = request.withCursor(step.nextCursor());
        } while (step.nextCursor() != null);
        // guide ends
    }

    static NewQueueTask.Builder dated(Owner owner, RunSpec spec, Instant tonight, Instant tomorrow) {
        // guide begins
        NewQueueTask.Builder task = NewQueueTask.builder(owner, "builds", "Build", spec);
        task.deadlines(Deadlines.beginBy(tonight).withEndBy(tomorrow).withWithin(Duration.ofHours(2)));
        // guide ends
        return task;
    }

    static Map<String, Object> problem(AgentRunException e) {
        // guide begins
        Map<String, Object> problem = new LinkedHashMap<>();
        problem.put("type", "urn:agentrun:" + e.code());
        problem.put("title", e.getMessage());
        problem.put("status", e.httpStatus());
        problem.put("failureKind", e.failureKind().wire());
        problem.put("retryable", e.retryable());
        problem.put("details", e.details());
        // guide ends
        return problem;
    }
}
