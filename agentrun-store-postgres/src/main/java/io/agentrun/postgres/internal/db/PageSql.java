package io.agentrun.postgres.internal.db;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Ends a page by its bytes on the server: a page of large rows is never sent as a whole. It sends the row with which the page is
 * too large, so that whoever counts exactly sees that there is more.
 *
 * <p>Thread-safe.
 */
public final class PageSql {

    /** What {@code :page_bytes} is where one page is read: somewhat more than a page has, because the server counts blanks. */
    public static final long MOST = 9L << 20;

    /** The column that says how many rows the page would have without the bound. */
    public static final String FOUND = "page_rows";

    private static final MadeSql<Page> BOUNDED = new MadeSql<>(Page::bounded);

    private PageSql() {}

    /**
     * Returns the query with its rows in their order, up to the one with which they have more than {@code :page_bytes} bytes.
     *
     * @param query with an order and a limit; its columns have names of their own
     * @param objects those of its columns that hold JSON
     */
    public static String bounded(String query, List<String> objects) {
        return BOUNDED.of(new Page(query, objects));
    }

    private record Page(String query, List<String> objects) {

        private String bounded() {
            String size = objects.stream().map(PageSql::size).collect(Collectors.joining("\n                + "));
            return """
                    SELECT w.*
                    FROM (
                        SELECT
                            m.*,
                            pg_catalog.sum(m.row_bytes) OVER (ROWS UNBOUNDED PRECEDING) - m.row_bytes AS bytes_before,
                            pg_catalog.row_number() OVER () AS page_row,
                            pg_catalog.count(*) OVER () AS page_rows
                        FROM (
                            SELECT p.*,
                    {size} AS row_bytes
                            FROM (
                    {query}
                            ) p
                        ) m
                    ) w
                    WHERE w.bytes_before <= :page_bytes
                    ORDER BY w.page_row
                    """.replace("{size}", size).replace("{query}", query);
        }
    }

    /** What is stored as it is has its size; only what is compressed has to be unpacked to know it. */
    private static String size(String column) {
        return """
                COALESCE(CASE
                    WHEN pg_catalog.pg_column_compression(p.{column}) IS NULL THEN pg_catalog.pg_column_size(p.{column})
                    ELSE pg_catalog.octet_length(CAST(p.{column} AS text))
                END, 0)""".replace("{column}", column);
    }
}
