package io.agentrun.postgres;

import io.agentrun.postgres.internal.db.SchemaName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Looks for functions and operators of other users that a migration would find in place of the server's own. Unlike the statements
 * of the store, those of Flyway and of the first migrations resolve names through {@code search_path}, with the rights of
 * whoever migrates.
 *
 * <p>Not to be feared are those of extensions, of superusers, of the owners of the schema and of the database, and of roles that
 * the user is a member of.
 */
final class ForeignNames {

    private static final String FIND = """
            SELECT n.nspname
            FROM (
                SELECT p.oid, p.tableoid, p.pronamespace AS namespace, p.proowner AS owner
                FROM pg_catalog.pg_proc p
                WHERE EXISTS (
                    SELECT FROM pg_catalog.pg_proc b
                    WHERE b.proname = p.proname AND b.pronamespace = CAST(CAST('pg_catalog' AS regnamespace) AS oid))
                UNION ALL
                SELECT o.oid, o.tableoid, o.oprnamespace, o.oprowner
                FROM pg_catalog.pg_operator o
            ) f
            JOIN pg_catalog.pg_namespace n ON n.oid = f.namespace
            JOIN pg_catalog.pg_roles r ON r.oid = f.owner
            JOIN pg_catalog.pg_roles u ON u.rolname = current_user
            WHERE (n.nspname = CAST(? AS name) OR n.nspname = ANY (pg_catalog.current_schemas(false)))
                AND NOT r.rolsuper
                AND f.owner <> n.nspowner
                AND f.owner <> u.oid
                AND f.owner <> (SELECT d.datdba FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
                AND (u.rolsuper OR NOT pg_catalog.pg_has_role(f.owner, CAST('MEMBER' AS text)))
                AND NOT EXISTS (
                    SELECT FROM pg_catalog.pg_depend e
                    WHERE e.classid = f.tableoid AND e.objid = f.oid AND e.deptype = CAST('e' AS "char"))
            ORDER BY n.nspname
            LIMIT 1
            """;

    private ForeignNames() {}

    /**
     * Returns normally if the migration finds nobody else's names.
     *
     * @throws io.agentrun.error.StoreUnavailableException with {@code SCHEMA} if it would
     */
    static void refuse(Connection connection, SchemaName schema) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(FIND)) {
            statement.setString(1, schema.name());
            try (ResultSet found = statement.executeQuery()) {
                if (found.next()) {
                    throw PostgresMigrations.schema(
                            "the schema " + found.getString(1) + " has functions or operators of"
                                    + " another user that a migration would find in place of the server's own; drop them, and"
                                    + " take the right to create in that schema from other users");
                }
            }
        }
    }
}
