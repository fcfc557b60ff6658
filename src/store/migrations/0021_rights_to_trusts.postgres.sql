-- Whoever reads tokens reads keys without one, and whoever signs tokens reads whom to trust.
DO $$
DECLARE
    role TEXT;
BEGIN
    FOR role IN
        SELECT DISTINCT r.rolname
        FROM pg_catalog.pg_class AS c
        CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) AS given
        JOIN pg_catalog.pg_roles AS r ON r.oid = given.grantee
        WHERE c.oid = pg_catalog.to_regclass('public.keyctl_tokens_v1') AND given.privilege_type = 'SELECT'
            AND given.grantee <> c.relowner
    LOOP
        EXECUTE pg_catalog.format('GRANT SELECT ON public.keyctl_tokenless_v1 TO %I', role);
    END LOOP;
    FOR role IN
        SELECT DISTINCT r.rolname
        FROM pg_catalog.pg_class AS c
        CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) AS given
        JOIN pg_catalog.pg_roles AS r ON r.oid = given.grantee
        WHERE c.oid = pg_catalog.to_regclass('public.keyctl_signers_v1') AND given.privilege_type = 'SELECT'
            AND given.grantee <> c.relowner
    LOOP
        EXECUTE pg_catalog.format('GRANT SELECT ON public.keyctl_trusts_v1 TO %I', role);
    END LOOP;
END
$$;
