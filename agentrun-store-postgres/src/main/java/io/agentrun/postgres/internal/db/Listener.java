package io.agentrun.postgres.internal.db;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * Hears what other stores announce, on the one connection that this store keeps to itself from its first waiting call on.
 * Where listening is refused, or the connection is lost, it tries again later and with more patience each time.
 *
 * <p>Thread-safe.
 */
final class Listener {

    private static final int TURN_MILLIS = 10_000;
    private static final long FIRST_PAUSE_MILLIS = 200;
    private static final long MAX_PAUSE_MILLIS = 60_000;

    private final DataSource dataSource;
    private final String channel;
    private final Consumer<String> heard;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition closing = lock.newCondition();
    private @Nullable Thread thread;
    private @Nullable Connection connection;
    private boolean closed;

    Listener(DataSource dataSource, String channel, Consumer<String> heard) {
        this.dataSource = dataSource;
        this.channel = channel;
        this.heard = heard;
    }

    void start() {
        lock.lock();
        try {
            if (thread == null && !closed) {
                thread = new Thread(this::run, "agentrun-listener");
                thread.setDaemon(true);
                thread.start();
            }
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        long pause = FIRST_PAUSE_MILLIS;
        while (!isClosed()) {
            try (Connection opened = dataSource.getConnection()) {
                try {
                    if (!keep(opened)) {
                        return;
                    }
                    PGConnection postgres = opened.unwrap(PGConnection.class);
                    listen(opened);
                    pause = FIRST_PAUSE_MILLIS;
                    heard.accept(Wakeups.ALL);
                    while (!isClosed()) {
                        hear(postgres);
                    }
                } finally {
                    // It listens: nobody else may get it from the pool.
                    opened.abort(Runnable::run);
                }
            } catch (SQLException | RuntimeException e) {
                // Refused or lost: slow polling goes on meanwhile.
                pause(pause);
                pause = Math.min(pause * 2, MAX_PAUSE_MILLIS);
            }
        }
    }

    private void listen(Connection opened) throws SQLException {
        opened.setAutoCommit(true);
        try (Statement statement = opened.createStatement()) {
            statement.execute("LISTEN " + channel);
        }
    }

    private void hear(PGConnection postgres) throws SQLException {
        PGNotification[] notifications = postgres.getNotifications(TURN_MILLIS);
        if (notifications != null) {
            for (PGNotification notification : notifications) {
                heard.accept(notification.getParameter());
            }
        }
    }

    private boolean keep(Connection opened) {
        lock.lock();
        try {
            connection = opened;
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    private void pause(long millis) {
        lock.lock();
        try {
            long left = TimeUnit.MILLISECONDS.toNanos(millis);
            while (!closed && left > 0) {
                left = closing.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closed = true;
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            closing.signalAll();
            Connection open = connection;
            if (open != null) {
                // Only the end of the connection wakes a thread that reads from it.
                open.abort(Runnable::run);
            }
        } catch (SQLException e) {
            connection = null;
        } finally {
            lock.unlock();
        }
    }
}
