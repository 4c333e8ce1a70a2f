package io.agentrun.postgres.testing;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentrun.json.JsonObject;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.sql.DataSource;
import org.postgresql.PGConnection;

/**
 * Hears from the server how it carried out each statement, with the plan that it keeps for it: made when the statement ran
 * first on its connection, whatever the tables were like then.
 *
 * <p>Thread-safe.
 */
public final class PlanLog {

    private static final String TALK = """
            LOAD 'auto_explain';
            SET auto_explain.log_min_duration = 0;
            SET auto_explain.log_analyze = on;
            SET auto_explain.log_timing = off;
            SET auto_explain.log_buffers = on;
            SET auto_explain.log_format = json;
            SET client_min_messages = log;
            SET plan_cache_mode = force_generic_plan;
            """;

    private final List<JsonNode> plans = new CopyOnWriteArrayList<>();
    private final Set<PGConnection> talking = ConcurrentHashMap.newKeySet();
    private final DataSource dataSource;

    private PlanLog(DataSource target) {
        this.dataSource = proxy(DataSource.class, target, result -> {
            if (!(result instanceof Connection connection)) {
                return result;
            }
            talk(connection);
            return proxy(Connection.class, connection, this::listening);
        });
    }

    /** Over the connections of another one, whose user may load what the server talks with. */
    public static PlanLog over(DataSource target) {
        return new PlanLog(target);
    }

    /** What the store is to use. */
    public DataSource dataSource() {
        return dataSource;
    }

    /** How the server carried out the statements of the call, each with its text. */
    public List<JsonNode> of(Runnable call) {
        plans.clear();
        call.run();
        return heard();
    }

    /** What was heard since the last call began. */
    public List<JsonNode> heard() {
        return List.copyOf(plans);
    }

    private void talk(Connection connection) throws SQLException {
        PGConnection postgres = connection.unwrap(PGConnection.class);
        if (talking.add(postgres)) {
            postgres.setPrepareThreshold(1);
            try (Statement statement = connection.createStatement()) {
                statement.execute(TALK);
            }
        }
    }

    private Object listening(Object result) {
        return result instanceof PreparedStatement statement
                ? proxy(PreparedStatement.class, statement, done -> {
                    hear(statement);
                    return done;
                })
                : result;
    }

    private void hear(Statement statement) throws SQLException {
        for (SQLWarning said = statement.getWarnings(); said != null; said = said.getNextWarning()) {
            int json = said.getMessage().indexOf('{');
            if (said.getMessage().contains("plan:") && json >= 0) {
                plans.add(JsonObject.parse(said.getMessage().substring(json)).toJsonNode());
            }
        }
        statement.clearWarnings();
    }

    @FunctionalInterface
    private interface Then {
        Object with(Object result) throws SQLException;
    }

    private static <T> T proxy(Class<T> type, Object target, Then then) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    try {
                        Object result = method.invoke(target, arguments);
                        return method.getName().matches("execute.*|prepareStatement|getConnection")
                                ? then.with(result)
                                : result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause() == null ? e : e.getCause();
                    }
                }));
    }
}
