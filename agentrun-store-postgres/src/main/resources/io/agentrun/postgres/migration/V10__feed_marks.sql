-- Change feeds through a failover. A server that takes over goes on with the tables and the transaction ids of the one before,
-- on a timeline of its own: a reader's position says on which timeline it was given out.

-- Where transaction ids are from: the cluster. Its timeline is told apart by the positions.
CREATE OR REPLACE FUNCTION agentrun_cluster() RETURNS text
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    RETURN (SELECT CAST(s.system_identifier AS text) FROM pg_catalog.pg_control_system() s);
EXCEPTION WHEN insufficient_privilege THEN
    RETURN 'unknown';
END
$$;
UPDATE agentrun_feeds SET home = pg_catalog.regexp_replace(home, '^([0-9]+)/[0-9]+/', '\1/');

-- The timeline that this server writes; 'unknown' where a managed server does not tell. The control file still names the
-- old one for a while after a promotion. A standby has none: its feeds are not read.
CREATE FUNCTION agentrun_timeline() RETURNS text
    LANGUAGE plpgsql VOLATILE
    AS $$
BEGIN
    IF pg_catalog.pg_is_in_recovery() THEN
        RAISE EXCEPTION USING
            ERRCODE = 'read_only_sql_transaction',
            MESSAGE = 'a change feed is read from a primary only';
    END IF;
    BEGIN
        RETURN pg_catalog.substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, 8);
    EXCEPTION WHEN OTHERS THEN
        RETURN 'unknown';
    END;
END
$$;

-- How far the feeds had come on a timeline when somebody last looked: every transaction below the id had ended, as every
-- server that has this row knows. One row for each timeline, updated in place, kept for ever.
CREATE TABLE agentrun_feed_marks (
    timeline text COLLATE "C" PRIMARY KEY,
    xid xid8 NOT NULL,
    marked_at timestamptz NOT NULL
) WITH (fillfactor = 50);
