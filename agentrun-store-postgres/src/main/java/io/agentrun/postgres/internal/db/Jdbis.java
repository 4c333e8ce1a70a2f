package io.agentrun.postgres.internal.db;

import java.sql.Connection;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handles;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.ColonPrefixSqlParser;
import org.jdbi.v3.core.statement.SqlParser;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.StatementExceptions;
import org.jdbi.v3.core.statement.TemplateEngine;

/** Makes the store's own Jdbi, which shares nothing with the host's. */
final class Jdbis {

    /** Shared by all stores: it keeps what it has parsed, and parsing is expensive. */
    private static final SqlParser PARSER = new ColonPrefixSqlParser();

    private Jdbis() {}

    static Jdbi over(Connections connections, Settings settings) {
        return configured(Jdbi.create(connections), settings);
    }

    /** Returns access over the host's connection, whose transaction is not ours to end. */
    static Jdbi over(Connection connection, Settings settings) {
        Jdbi jdbi = configured(Jdbi.create(connection), settings);
        jdbi.getConfig(Handles.class).setForceEndTransactions(false);
        return jdbi;
    }

    private static Jdbi configured(Jdbi jdbi, Settings settings) {
        ConcurrentHashMap<String, String> placed = new ConcurrentHashMap<>();
        TemplateEngine engine = (template, context) -> placed.computeIfAbsent(template, settings.schema()::sql);
        SqlStatements statements = jdbi.getConfig(SqlStatements.class);
        statements.setTemplateEngine(engine);
        statements.setSqlParser(PARSER);
        statements.setQueryTimeout(seconds(settings.statementTimeout()));
        jdbi.getConfig(StatementExceptions.class).setMessageRendering(StatementExceptions.MessageRendering.NONE);
        return jdbi;
    }

    private static int seconds(Duration timeout) {
        return (int) Math.max(1, timeout.plusMillis(999).toSeconds());
    }
}
