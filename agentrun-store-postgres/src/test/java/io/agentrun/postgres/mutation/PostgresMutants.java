package io.agentrun.postgres.mutation;

import io.agentrun.postgres.testing.TestServer;
import io.agentrun.tck.mutation.Mutant;
import io.agentrun.tck.mutation.MutationProgram;
import io.agentrun.tck.mutation.MutationTarget;
import io.agentrun.tck.suite.StoreConformance;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The mutants of this module against the suites of the conformance kit, on one PostgreSQL server for all of them. Not thread-safe:
 * one thread at a time.
 */
public final class PostgresMutants implements MutationTarget {

    private PostgresMutants() {}

    /** Runs the program; see {@link MutationProgram} for its properties. */
    public static void main(String[] args) throws IOException {
        System.setProperty("agentrun.test.jdbc-url", TestServer.url("postgres"));
        System.exit(MutationProgram.run(new PostgresMutants()));
    }

    @Override
    public String rootPackage() {
        return "io.agentrun.postgres";
    }

    @Override
    public List<TestClass> tests(Mutant mutant, ClassLoader loader) throws ClassNotFoundException {
        String name = mutant.plain() ? "PostgresWithoutShortcutsConformanceTest" : "PostgresConformanceTest";
        Class<?> adapter = loader.loadClass(rootPackage() + "." + name);
        return mutant.tests().stream()
                .map(suite -> new TestClass(nested(suite), adapter))
                .toList();
    }

    private static Class<?> nested(String suite) {
        return Stream.of(StoreConformance.class, StoreConformance.class.getSuperclass())
                .flatMap(type -> Stream.of(type.getDeclaredClasses()))
                .filter(nested -> nested.getSimpleName().equals(suite))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the kit has no suite " + suite));
    }

    @Override
    public void afterTests(ClassLoader loader) throws ReflectiveOperationException {
        loader.loadClass(rootPackage() + ".testing.PostgresFixture")
                .getMethod("closeFree")
                .invoke(null);
        try {
            dropDatabases();
        } catch (SQLException e) {
            throw new IllegalStateException("the databases of the tests cannot be dropped", e);
        }
    }

    /** Drops what the fixtures of one mutant have left, and ends its connections. */
    private static void dropDatabases() throws SQLException {
        try (Connection connection = TestServer.connect("postgres");
                Statement statement = connection.createStatement()) {
            List<String> names = new ArrayList<>();
            try (ResultSet rows =
                    statement.executeQuery("SELECT datname FROM pg_database WHERE datname LIKE 'agentrun\\_%'")) {
                while (rows.next()) {
                    names.add(rows.getString(1));
                }
            }
            for (String name : names) {
                statement.execute("DROP DATABASE IF EXISTS \"" + name + "\" WITH (FORCE)");
            }
        }
    }
}
