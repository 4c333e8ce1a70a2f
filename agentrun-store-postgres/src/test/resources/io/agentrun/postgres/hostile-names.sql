-- A schema of another user, full of what a careless statement finds through search_path: for every operator and pair of types
-- one that fits better than the server's own, unless the server has exactly that one; and functions beside those that the
-- store calls. Each leaves a trace that no rollback takes back, and fails.
CREATE SCHEMA hostile;
CREATE SEQUENCE hostile.calls;
DO $$
DECLARE
    types text[] := ARRAY[
        'text', 'varchar', 'name', 'bigint', 'integer', 'smallint', 'numeric', 'double precision', 'boolean', 'jsonb',
        'timestamptz', 'timestamp', 'interval', 'xid8', 'oid', 'text[]', 'bigint[]'];
    names text[] := ARRAY[
        'array_length', 'bool_and', 'bool_or', 'btrim', 'cardinality', 'count', 'current_setting',
        'hashtextextended', 'jsonb_agg', 'jsonb_build_object', 'jsonb_strip_nulls', 'left', 'length', 'make_interval', 'max',
        'min', 'nextval', 'octet_length', 'pg_advisory_xact_lock', 'pg_notify', 'replace', 'set_config', 'setval',
        'sha256', 'sum', 'to_char', 'unnest'];
    body text := 'BEGIN PERFORM pg_catalog.nextval(''hostile.calls''::pg_catalog.regclass);'
        ' RAISE EXCEPTION ''a statement found a hostile name''; END';
    l text;
    r text;
    f text;
BEGIN
    FOREACH l IN ARRAY types LOOP
        FOREACH f IN ARRAY names LOOP
            EXECUTE format('CREATE FUNCTION hostile.%I(%s) RETURNS %s LANGUAGE plpgsql AS %L', f, l, l, body);
        END LOOP;
        FOREACH r IN ARRAY types LOOP
            EXECUTE format('CREATE FUNCTION hostile.compare(%s, %s) RETURNS boolean LANGUAGE plpgsql AS %L', l, r, body);
            EXECUTE format('CREATE FUNCTION hostile.compute(%s, %s) RETURNS %s LANGUAGE plpgsql AS %L', l, r, l, body);
            FOREACH f IN ARRAY ARRAY['=', '<>', '<', '>', '<=', '>=', '~', '~~', '@>', '?'] LOOP
                EXECUTE format('CREATE OPERATOR hostile.%s (FUNCTION = hostile.compare, LEFTARG = %s, RIGHTARG = %s)', f, l, r);
            END LOOP;
            FOREACH f IN ARRAY ARRAY['+', '-', '*', '/', '%', '||', '->', '->>', '#>', '#>>'] LOOP
                EXECUTE format('CREATE OPERATOR hostile.%s (FUNCTION = hostile.compute, LEFTARG = %s, RIGHTARG = %s)', f, l, r);
            END LOOP;
        END LOOP;
    END LOOP;
    FOREACH f IN ARRAY ARRAY['jsonb_build_object', 'pg_notify', 'set_config', 'replace', 'concat'] LOOP
        EXECUTE format('CREATE FUNCTION hostile.%I(text, text) RETURNS text LANGUAGE plpgsql AS %L', f, body);
        EXECUTE format('CREATE FUNCTION hostile.%I(text, jsonb) RETURNS jsonb LANGUAGE plpgsql AS %L', f, body);
        EXECUTE format('CREATE FUNCTION hostile.%I(text, text, boolean) RETURNS text LANGUAGE plpgsql AS %L', f, body);
        EXECUTE format('CREATE FUNCTION hostile.%I(text, text, text) RETURNS text LANGUAGE plpgsql AS %L', f, body);
        EXECUTE format(
            'CREATE FUNCTION hostile.%I(text, text, text, text, text, bigint) RETURNS jsonb LANGUAGE plpgsql AS %L', f, body);
    END LOOP;
END
$$;
