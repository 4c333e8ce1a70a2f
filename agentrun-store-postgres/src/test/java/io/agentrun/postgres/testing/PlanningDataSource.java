package io.agentrun.postgres.testing;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentrun.json.JsonObject;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Has every statement explained, with the values that it runs with, directly before it runs; or has it carried out for that,
 * counted, and taken back.
 *
 * <p>Thread-safe.
 */
public final class PlanningDataSource {

    private static final Pattern EXPLAINED = Pattern.compile("(?s)^\\s*(SELECT|WITH|INSERT|UPDATE|DELETE).*");

    private final List<JsonNode> plans = new CopyOnWriteArrayList<>();
    private final DataSource dataSource;
    private final String explain;

    private PlanningDataSource(DataSource target, String explain) {
        this.explain = explain;
        this.dataSource = proxy(DataSource.class, (method, arguments) -> {
            Object result = invoke(target, method, arguments);
            return result instanceof Connection connection ? connection(connection) : result;
        });
    }

    /** Over the connections of another one. */
    public static PlanningDataSource over(DataSource target) {
        return new PlanningDataSource(target, "EXPLAIN (FORMAT JSON) ");
    }

    /** Over the connections of another one; the plans tell how many rows there were. */
    public static PlanningDataSource counting(DataSource target) {
        return new PlanningDataSource(target, "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ");
    }

    /** How many rows a plan that was counted has looked at, those included that it threw away. */
    public static long rows(JsonNode plan) {
        double seen = plan.path("Actual Loops").asDouble()
                * (plan.path("Actual Rows").asDouble()
                        + plan.path("Rows Removed by Filter").asDouble()
                        + plan.path("Rows Removed by Index Recheck").asDouble()
                        + plan.path("Rows Removed by Join Filter").asDouble());
        long rows = Math.round(seen);
        for (JsonNode child : plan.path("Plans")) {
            rows += rows(child);
        }
        return rows;
    }

    /** What the store is to use. */
    public DataSource dataSource() {
        return dataSource;
    }

    /** The plans of all statements that the call runs. */
    public List<JsonNode> of(Runnable call) {
        plans.clear();
        call.run();
        return List.copyOf(plans);
    }

    private Connection connection(Connection target) {
        return proxy(Connection.class, (method, arguments) -> {
            Object result = invoke(target, method, arguments);
            return result instanceof PreparedStatement statement && arguments != null
                    ? statement(target, statement, (String) arguments[0])
                    : result;
        });
    }

    private PreparedStatement statement(Connection connection, PreparedStatement target, String sql) {
        SortedMap<Integer, Call> values = new TreeMap<>();
        return proxy(PreparedStatement.class, (method, arguments) -> {
            if (method.getName().startsWith("set") && arguments != null && arguments.length >= 2) {
                values.put((Integer) arguments[0], new Call(method, Arrays.asList(arguments.clone())));
            }
            if (method.getName().startsWith("execute")) {
                explain(connection, sql, new ArrayList<>(values.values()));
            }
            return invoke(target, method, arguments);
        });
    }

    private record Call(Method method, List<Object> arguments) {}

    /** What is carried out for it stays until the whole script is explained: a statement may need what one before it wrote. */
    private void explain(Connection connection, String script, List<Call> values) throws Exception {
        boolean alone = connection.getAutoCommit();
        connection.setAutoCommit(false);
        Savepoint before = connection.setSavepoint();
        int next = 0;
        for (String sql : script.split(";\n")) {
            int count = (int) sql.chars().filter(c -> c == '?').count();
            if (EXPLAINED.matcher(sql).matches()) {
                try (PreparedStatement explained = connection.prepareStatement(explain + sql)) {
                    for (int i = 0; i < count; i++) {
                        Call call = values.get(next + i);
                        Object[] arguments = call.arguments().toArray();
                        arguments[0] = i + 1;
                        call.method().invoke(explained, arguments);
                    }
                    plans.add(plan(explained));
                }
            }
            next += count;
        }
        connection.rollback(before);
        if (alone) {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    private static JsonNode plan(PreparedStatement explain) throws SQLException {
        try (ResultSet row = explain.executeQuery()) {
            row.next();
            return JsonObject.parse("{\"plans\":" + row.getString(1) + "}")
                    .toJsonNode()
                    .path("plans")
                    .path(0)
                    .path("Plan");
        }
    }

    private interface Handler {
        @Nullable
        Object handle(Method method, Object @Nullable [] arguments) throws Exception;
    }

    private static <T> T proxy(Class<T> type, Handler handler) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    try {
                        return handler.handle(method, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause() == null ? e : e.getCause();
                    }
                }));
    }

    private static @Nullable Object invoke(Object target, Method method, Object @Nullable [] arguments)
            throws InvocationTargetException, IllegalAccessException {
        return method.invoke(target, arguments);
    }
}
