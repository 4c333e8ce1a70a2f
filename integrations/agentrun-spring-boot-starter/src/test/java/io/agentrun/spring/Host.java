package io.agentrun.spring;

import io.agentrun.AgentRunStore;
import io.agentrun.queue.QueueTask;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** A running host, and what its users do with it. Not thread-safe: one test at a time. */
final class Host implements AutoCloseable {

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final ConfigurableApplicationContext context;

    private Host(ConfigurableApplicationContext context) {
        this.context = context;
    }

    /** Starts the host on a database of its own, with a web server on a free port. */
    static Host onPostgres(String url, String... properties) {
        List<String> all = new ArrayList<>(List.of(
                "spring.main.banner-mode=off",
                "spring.application.name=host",
                "spring.datasource.url=" + url,
                "spring.datasource.username=postgres",
                "spring.datasource.password=postgres",
                "spring.datasource.hikari.maximum-pool-size=6",
                "server.port=0",
                "server.shutdown=graceful",
                "logging.level.root=warn",
                "management.endpoint.health.show-details=always",
                "agentrun.worker.queue=orders",
                "agentrun.worker.slots=2"));
        all.addAll(List.of(properties));
        return new Host(start(HostApplication.class, all.toArray(String[]::new)));
    }

    /** Starts an application without a web server, unless a property says otherwise. */
    static ConfigurableApplicationContext start(Class<?> application, String... properties) {
        SpringApplication made = new SpringApplicationBuilder(application)
                .properties(properties)
                .registerShutdownHook(false)
                .build();
        return made.run();
    }

    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    AgentRunStore store() {
        return bean(AgentRunStore.class);
    }

    URI uri(String path) {
        return URI.create("http://localhost:" + context.getEnvironment().getProperty("local.server.port") + path);
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return HTTP.send(HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> post(String path, String json) throws IOException, InterruptedException {
        return HTTP.send(
                HttpRequest.newBuilder(uri(path))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(json))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Returns the task once it has ended. */
    static QueueTask ended(AgentRunStore store, String taskId) {
        QueueTask task = store.queue().get(taskId);
        while (!task.state().terminal()) {
            LockSupport.parkNanos(5_000_000);
            task = store.queue().get(taskId);
        }
        return task;
    }

    ConfigurableApplicationContext context() {
        return context;
    }

    @Override
    public void close() {
        context.close();
    }
}
