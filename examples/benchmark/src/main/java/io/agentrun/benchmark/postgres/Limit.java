package io.agentrun.benchmark.postgres;

import io.agentrun.benchmark.measure.Client;
import io.agentrun.benchmark.measure.Contender;
import io.agentrun.id.IdSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the database does for anybody: rows that equal one that the store wrote, column by column but for what makes them
 * unique, inserted one by one into a table with the same columns and indexes. Each client has a connection to itself, in
 * autocommit, and one prepared statement.
 *
 * <p>Thread-safe.
 */
public final class Limit {

    private static final AtomicInteger TABLES = new AtomicInteger();

    private final Bed bed;
    private final List<String> columns;
    private final List<@Nullable String> values;
    private final String insert;

    private Limit(Bed bed, String table, String where) throws SQLException {
        this.bed = bed;
        this.columns = new ArrayList<>();
        this.values = new ArrayList<>();
        String copy = bed.schema() + ".benchmark_limit_" + TABLES.incrementAndGet();
        bed.execute("CREATE TABLE " + copy + " (LIKE {schema}." + table + " INCLUDING ALL)");
        read("SELECT * FROM " + bed.schema() + "." + table + " WHERE " + where + " LIMIT 1");
        this.insert = "INSERT INTO " + copy + " (" + String.join(", ", columns) + ") VALUES ("
                + Stream.generate(() -> "?").limit(columns.size()).collect(Collectors.joining(", ")) + ")";
    }

    /** Rows like the last event of a run. */
    public static Limit ofEvents(Bed bed, String runId) throws SQLException {
        return new Limit(bed, "agentrun_events", "run_id = '" + runId + "' ORDER BY seq DESC");
    }

    /** Rows like a task. */
    public static Limit ofTasks(Bed bed, String taskId) throws SQLException {
        return new Limit(bed, "agentrun_queue_tasks", "id = '" + taskId + "'");
    }

    private void read(String query) throws SQLException {
        try (Connection connection = bed.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            ResultSetMetaData meta = row.getMetaData();
            if (!row.next()) {
                throw new IllegalStateException("there is no row to copy: " + query);
            }
            for (int i = 1; i <= meta.getColumnCount(); i++) {
                columns.add(meta.getColumnName(i));
                values.add(row.getString(i));
            }
        }
    }

    /** So many clients that insert. */
    public Contender contender(int threads) {
        return Contender.of(threads, number -> client());
    }

    private Client client() {
        try {
            return new Inserter(bed.connect());
        } catch (SQLException e) {
            throw new IllegalStateException("no connection for a client", e);
        }
    }

    /** One client: its rows are the stream of one run. */
    private final class Inserter implements Client {

        private final Connection connection;
        private final PreparedStatement statement;
        private final String runId = IdSource.timeOrdered().next(IdSource.RUN);
        private final List<@Nullable Supplier<String>> changing = new ArrayList<>();
        private int seq;

        Inserter(Connection connection) throws SQLException {
            this.connection = connection;
            this.statement = connection.prepareStatement(insert);
            for (int i = 0; i < columns.size(); i++) {
                changing.add(changing(columns.get(i), values.get(i)));
                statement.setObject(i + 1, values.get(i), Types.OTHER);
            }
        }

        private @Nullable Supplier<String> changing(String column, @Nullable String value) {
            return switch (column) {
                case "id" -> {
                    String prefix = value == null ? IdSource.EVENT : value.substring(0, value.indexOf('_'));
                    yield () -> IdSource.timeOrdered().next(prefix);
                }
                case "run_id" -> () -> runId;
                case "seq" -> () -> String.valueOf(++seq);
                default -> null;
            };
        }

        @Override
        public boolean once() throws SQLException {
            for (int i = 0; i < changing.size(); i++) {
                Supplier<String> value = changing.get(i);
                if (value != null) {
                    statement.setObject(i + 1, value.get(), Types.OTHER);
                }
            }
            statement.executeUpdate();
            return true;
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }
}
