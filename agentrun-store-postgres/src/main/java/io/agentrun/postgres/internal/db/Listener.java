package io.agentrun.postgres.internal.db;

import io.agentrun.engine.report.OperatorLog;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * Hears what other stores announce, on the one connection that this store keeps to itself from its first waiting call or health
 * check on. Where listening is refused, or the connection is lost, it tries again later and with more patience each time.
 *
 * <p>A connection whose other end is gone looks like one that is silent: after a while without a notification the listener sends
 * one to its own channel, and takes another connection if it does not hear that.
 *
 * <p>Thread-safe.
 */
final class Listener {

    /** How long one read waits for notifications, and so how long a question waits at most for its turn. */
    private static final int TURN_MILLIS = 50;

    /** The same right after a question: who has asked often asks again. */
    private static final int NEXT_TURN_MILLIS = 2;

    private static final long FIRST_PAUSE_MILLIS = 200;
    private static final long MAX_PAUSE_MILLIS = 60_000;
    private static final int MIN_PROBE_MILLIS = 500;
    private static final int MAX_PROBE_MILLIS = 5_000;
    private static final int MAX_QUESTIONS = 100;

    private final OperatorLog log = OperatorLog.named("io.agentrun.postgres");
    private final DataSource dataSource;
    private final String channel;
    private final Duration quiet;
    private final Consumer<String> heard;
    private final LinkedBlockingQueue<Question<?>> questions = new LinkedBlockingQueue<>(MAX_QUESTIONS);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition closing = lock.newCondition();
    private @Nullable Thread thread;
    private @Nullable Connection connection;
    private boolean closed;
    private volatile boolean listening;
    private volatile @Nullable String problem;

    /**
     * Opens no connection yet.
     *
     * @param quiet how long the connection is silent before it is tried out
     */
    Listener(DataSource dataSource, String channel, Duration quiet, Consumer<String> heard) {
        this.dataSource = dataSource;
        this.channel = channel;
        this.quiet = quiet;
        this.heard = heard;
    }

    /** Says that the connection goes through a pooler, where another client would get what this one has asked for. */
    private static final class Pooled extends Exception {
        private static final long serialVersionUID = 1L;
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

    /** Returns whether it hears what other stores announce. */
    boolean isListening() {
        return listening;
    }

    /** Returns why it does not listen; null while it does, and before it has tried. */
    @Nullable
    String problem() {
        return problem;
    }

    /**
     * Asks on the listener's own connection.
     *
     * @return what the question returned; null if there is no such connection, or no answer in time
     */
    <T> @Nullable T ask(Function<Connection, T> question, Duration patience) {
        if (!listening) {
            return null;
        }
        Question<T> asked = new Question<>(() -> question.apply(current()));
        return questions.offer(asked) ? asked.answer(patience) : null;
    }

    private void run() {
        long pause = FIRST_PAUSE_MILLIS;
        while (!isClosed()) {
            try {
                Connection opened = dataSource.getConnection();
                boolean kept = false;
                try {
                    requireDirect(opened);
                    kept = true;
                    if (!keep(opened)) {
                        return;
                    }
                    pause = FIRST_PAUSE_MILLIS;
                    listen(opened);
                } finally {
                    listening = false;
                    giveBack(opened, kept);
                }
            } catch (Pooled e) {
                problem = "the connection goes through a pooler, which does not let a client listen";
                log.warn("the store goes through a pooler and does not listen: waiting calls look by themselves");
                pause = MAX_PAUSE_MILLIS;
                pause(pause);
            } catch (SQLException | RuntimeException e) {
                problem = "the connection that listens was refused or lost";
                if (!isClosed()) {
                    log.warn("the connection that listens was refused or lost: waiting calls look by themselves", e);
                }
                pause(pause);
                pause = Math.min(pause * 2, MAX_PAUSE_MILLIS);
            }
        }
    }

    /** Gives a connection back that was not used; nobody else may get one that has listened. */
    private static void giveBack(Connection opened, boolean listened) throws SQLException {
        if (!listened) {
            opened.close();
            return;
        }
        opened.abort(Runnable::run);
        try {
            opened.close();
        } catch (RuntimeException e) {
            // A pool that was closed meanwhile has let go of the connection: HikariCP then finds a null here.
            if (!opened.isClosed()) {
                throw e;
            }
        }
    }

    /** A pooler tells its client another process than the one whose connection it lends. */
    private static void requireDirect(Connection opened) throws SQLException, Pooled {
        opened.setAutoCommit(true);
        int told = opened.unwrap(PGConnection.class).getBackendPID();
        try (Statement statement = opened.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_catalog.pg_backend_pid()")) {
            if (!row.next() || row.getInt(1) != told) {
                throw new Pooled();
            }
        }
    }

    private void listen(Connection opened) throws SQLException {
        PGConnection postgres = opened.unwrap(PGConnection.class);
        opened.setNetworkTimeout(Runnable::run, probeMillis());
        try (Statement statement = opened.createStatement()) {
            statement.execute("LISTEN " + channel);
        }
        if (problem != null) {
            log.info("the store listens again");
        }
        problem = null;
        listening = true;
        heard.accept(Wakeups.ALL);
        long last = System.nanoTime();
        int turn = TURN_MILLIS;
        while (!isClosed()) {
            if (hear(postgres, turn)) {
                last = System.nanoTime();
            }
            turn = answer(opened) ? NEXT_TURN_MILLIS : TURN_MILLIS;
            if (System.nanoTime() - last >= quiet.toNanos()) {
                tryOut(opened, postgres);
                last = System.nanoTime();
            }
        }
    }

    private boolean hear(PGConnection postgres, int millis) throws SQLException {
        PGNotification[] notifications = postgres.getNotifications(millis);
        if (notifications == null) {
            return false;
        }
        for (PGNotification notification : notifications) {
            heard.accept(notification.getParameter());
        }
        return notifications.length > 0;
    }

    /** Answers what was asked, and returns whether anything was. */
    private boolean answer(Connection opened) throws SQLException {
        boolean asked = false;
        for (Question<?> question = questions.poll(); question != null; question = questions.poll()) {
            asked = true;
            question.run();
            if (opened.isClosed()) {
                throw new SQLException("the connection was lost", "08006");
            }
        }
        return asked;
    }

    private int probeMillis() {
        return (int) Math.min(MAX_PROBE_MILLIS, Math.max(MIN_PROBE_MILLIS, quiet.toMillis()));
    }

    /** Sends a notification that wakes nobody, and must hear it. */
    private void tryOut(Connection opened, PGConnection postgres) throws SQLException {
        try (Statement statement = opened.createStatement()) {
            statement.execute("NOTIFY " + channel);
        }
        if (!hear(postgres, probeMillis())) {
            throw new SQLException("nothing is heard", "08006");
        }
    }

    private Connection current() {
        lock.lock();
        try {
            return Objects.requireNonNull(connection);
        } finally {
            lock.unlock();
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
