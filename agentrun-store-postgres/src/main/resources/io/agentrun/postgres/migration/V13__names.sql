-- The functions of the schema resolve no name through the search_path of their caller. The first is inlined, which a setting
-- of its own would prevent.
CREATE OR REPLACE FUNCTION agentrun_now() RETURNS timestamptz
    LANGUAGE sql STABLE PARALLEL SAFE
    AS 'SELECT pg_catalog.statement_timestamp()';
ALTER FUNCTION agentrun_cluster() SET search_path = pg_catalog, pg_temp;
