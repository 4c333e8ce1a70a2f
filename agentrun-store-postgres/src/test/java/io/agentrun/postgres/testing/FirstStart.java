package io.agentrun.postgres.testing;

import io.agentrun.postgres.PostgresMigrations;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.flywaydb.core.Flyway;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A host whose logging is that of the JDK as it comes: it migrates twice, with a Flyway of its own afterwards, and prints what is
 * logged at INFO and above, with the part that it was logged in before each line.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class FirstStart {

    private FirstStart() {}

    /** Begins, with the URL of an empty database. */
    public static void main(String[] args) {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(args[0]);
        List<String> lines = new ArrayList<>();
        Logger root = Logger.getLogger("");
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        root.addHandler(new Handler() {
            @Override
            public void publish(LogRecord line) {
                lines.add(line.getLevel() + " " + line.getLoggerName() + ": " + line.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        });
        Flyway hosts = Flyway.configure()
                .dataSource(dataSource)
                .defaultSchema("host")
                .createSchemas(true)
                .load();
        tell(
                "first",
                lines,
                () -> PostgresMigrations.in(dataSource, TestDatabase.SCHEMA).migrate());
        tell(
                "second",
                lines,
                () -> PostgresMigrations.in(dataSource, TestDatabase.SCHEMA).migrate());
        tell("host", lines, hosts::migrate);
    }

    private static void tell(String part, List<String> lines, Runnable work) {
        lines.clear();
        work.run();
        lines.forEach(line -> System.out.println(part + " " + line));
    }
}
