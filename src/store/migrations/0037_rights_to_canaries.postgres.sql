-- Roles of before: who writes down what keyctl serve answered, and who takes reports of leaks, may know canaries and count them.
DO $$
DECLARE
    writer TEXT;
BEGIN
    FOR writer IN
        SELECT DISTINCT r.rolname
        FROM pg_catalog.pg_attribute AS a
        CROSS JOIN LATERAL pg_catalog.aclexplode(a.attacl) AS given
        JOIN pg_catalog.pg_roles AS r ON r.oid = given.grantee
        WHERE a.attrelid = pg_catalog.to_regclass('keyctl.serve_claim') AND a.attname = 'instance'
            AND given.privilege_type = 'INSERT'
    LOOP
        EXECUTE pg_catalog.format('GRANT SELECT (key_id) ON keyctl.canary TO %I', writer);
        EXECUTE pg_catalog.format(
            'GRANT SELECT (key_id, hour, address, path, count, last_at), INSERT (key_id, hour, address, path, token_id, count, first_at, last_at), UPDATE (count, last_at) ON keyctl.canary_sighting TO %I',
            writer
        );
    END LOOP;
    FOR writer IN
        SELECT DISTINCT r.rolname
        FROM pg_catalog.pg_attribute AS a
        CROSS JOIN LATERAL pg_catalog.aclexplode(a.attacl) AS given
        JOIN pg_catalog.pg_roles AS r ON r.oid = given.grantee
        WHERE a.attrelid = pg_catalog.to_regclass('keyctl.leak_report') AND a.attname = 'digest'
            AND given.privilege_type = 'INSERT'
    LOOP
        EXECUTE pg_catalog.format('GRANT SELECT ON keyctl.canary TO %I', writer);
        EXECUTE pg_catalog.format(
            'GRANT SELECT (key_id, hour, address, path, count, last_at), INSERT (key_id, hour, address, path, token_id, count, first_at, last_at), UPDATE (count, last_at) ON keyctl.canary_sighting TO %I',
            writer
        );
        EXECUTE pg_catalog.format(
            'GRANT SELECT (subject_kind, subject_id, period, spent), INSERT (subject_kind, subject_id, period, spent), UPDATE (spent) ON keyctl.quota_spent TO %I',
            writer
        );
    END LOOP;
END
$$;
