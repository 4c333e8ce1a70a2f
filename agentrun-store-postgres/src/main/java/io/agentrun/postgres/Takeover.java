package io.agentrun.postgres;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.postgres.internal.db.SchemaName;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * What comes before the migrations where the original manager's tables are: a look at whether they are as its code makes them, and
 * the sessions that only runs still know. Where they are not, or have been taken over, nothing is done.
 *
 * <p>Immutable.
 *
 * @param checksums what the checksums of its migrations have to be, by id; any SHA-256 for an id that is not named
 */
record Takeover(Map<String, String> checksums) {

    /** The migrations of the original, oldest first. */
    static final List<String> ORIGINAL = List.of(
            "001_v01_initial_durable_store",
            "002_v01_backend_profiles",
            "003_v01_hwlab_manual_dispatch",
            "004_v01_queue_q1",
            "005_v01_minimax_m3_backend_profile",
            "006_v01_session_control",
            "007_v01_session_state_storage");

    /** The SQLState with which the script refuses; of a class that neither the standard nor the server has. */
    private static final String REFUSED = "AG001";

    private static final String SCRIPT = "io/agentrun/postgres/takeover/original.sql";
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    Takeover {
        checksums = Map.copyOf(Require.given("checksums", checksums));
        checksums.forEach((id, checksum) -> {
            if (!ORIGINAL.contains(id)) {
                throw new InvalidInputException("checksums", "the original has no migration of that id");
            }
            if (!SHA256.matcher(checksum).matches()) {
                throw new InvalidInputException("checksums", "a checksum is 64 hexadecimal digits in lower case");
            }
        });
    }

    static Takeover ofAny() {
        return new Takeover(Map.of());
    }

    /** Returns the script, for a transaction whose first schema in {@code search_path} is the one to look at. */
    String script() {
        String known = IntStream.range(0, ORIGINAL.size())
                .mapToObj(i -> "(" + (i + 1) + ", '" + ORIGINAL.get(i) + "', '^"
                        + checksums.getOrDefault(ORIGINAL.get(i), SHA256.pattern()) + "$')")
                .collect(Collectors.joining(",\n            "));
        return MigrationScripts.read(SCRIPT).replace("{known}", known).replace("{refused}", REFUSED);
    }

    /**
     * Runs the script in a transaction of its own.
     *
     * @throws StoreUnavailableException with {@code SCHEMA} if the original is newer or was altered; nothing is changed then
     */
    void prepare(Connection connection, SchemaName schema) throws SQLException {
        boolean autoCommit = connection.getAutoCommit();
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET LOCAL search_path = " + schema.quoted());
            statement.execute(script());
            connection.commit();
        } catch (SQLException e) {
            connection.rollback();
            throw refusal(e);
        } finally {
            connection.setAutoCommit(autoCommit);
        }
    }

    private static SQLException refusal(SQLException failure) {
        ServerErrorMessage said = failure instanceof PSQLException driver ? driver.getServerErrorMessage() : null;
        if (REFUSED.equals(failure.getSQLState()) && said != null) {
            throw PostgresMigrations.schema(String.valueOf(said.getMessage()));
        }
        return failure;
    }
}
