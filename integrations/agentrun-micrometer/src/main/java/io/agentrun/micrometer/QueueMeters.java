package io.agentrun.micrometer;

import io.agentrun.QueueStore;
import io.agentrun.check.Require;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueStats;
import io.agentrun.queue.TaskState;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Shows how much is in the queue, counted when the registry asks, at most every 15 seconds, whatever the number of meters: one call of
 * {@link QueueStore#stats}, on the thread that asks.
 *
 * <ul>
 *   <li>{@code agentrun.queue.tasks} by {@code state};
 *   <li>{@code agentrun.queue.due}: pending tasks whose time has come;
 *   <li>{@code agentrun.queue.waiting}: running tasks whose run is parked until questions have ended;
 *   <li>{@code agentrun.queue.oldest}: how long the oldest pending task has waited, a time.
 * </ul>
 *
 * <p>All have the tag {@code queue}, {@code all} unless the scope has one. While the store cannot be asked they are NaN.
 *
 * <p>Thread-safe.
 */
public final class QueueMeters implements MeterBinder {

    private static final long FRESH_NANOS = Duration.ofSeconds(15).toNanos();

    private final QueueStore queue;
    private final QueueScope scope;
    private final LongSupplier ticker;
    private @Nullable QueueStats stats;
    private long asked;
    private boolean known;

    QueueMeters(QueueStore queue, QueueScope scope, LongSupplier ticker) {
        this.queue = queue;
        this.scope = scope;
        this.ticker = ticker;
    }

    /**
     * Returns meters of the tasks of the scope.
     *
     * @throws io.agentrun.error.InvalidInputException if a parameter is null
     */
    public static QueueMeters of(QueueStore queue, QueueScope scope) {
        return new QueueMeters(Require.given("queue", queue), Require.given("scope", scope), System::nanoTime);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        String name = Objects.requireNonNullElse(scope.queue(), "all");
        for (TaskState state : TaskState.values()) {
            Gauge.builder(
                            "agentrun.queue.tasks",
                            this,
                            each -> each.number(now -> (double) now.byState().getOrDefault(state, 0L)))
                    .description("tasks in this state")
                    .tags("queue", name, "state", state.wire())
                    .register(registry);
        }
        Gauge.builder("agentrun.queue.due", this, each -> each.number(now -> (double) now.due()))
                .description("pending tasks whose time has come")
                .tags("queue", name)
                .register(registry);
        Gauge.builder("agentrun.queue.waiting", this, each -> each.number(now -> (double) now.waiting()))
                .description("running tasks whose run is parked until questions have ended")
                .tags("queue", name)
                .register(registry);
        TimeGauge.builder("agentrun.queue.oldest", this, TimeUnit.SECONDS, each -> each.number(QueueMeters::oldest))
                .description("how long the oldest pending task has waited")
                .tags("queue", name)
                .register(registry);
    }

    private static double oldest(QueueStats now) {
        return now.oldestPendingAt() == null
                ? 0
                : Duration.between(now.oldestPendingAt(), now.generatedAt()).toNanos() / 1e9;
    }

    private double number(ToDoubleFunction<QueueStats> what) {
        QueueStats now = fresh();
        return now == null ? Double.NaN : what.applyAsDouble(now);
    }

    /** Counts if the last count is old. One that fails is not repeated by the next meter; the first one throws, for the registry's log. */
    private synchronized @Nullable QueueStats fresh() {
        long now = ticker.getAsLong();
        if (!known || now - asked >= FRESH_NANOS) {
            known = true;
            asked = now;
            stats = null;
            stats = queue.stats(scope);
        }
        return stats;
    }
}
