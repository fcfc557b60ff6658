-- Whoever reads tokens may verify short-lived ones; whoever revokes keys raises their version.
DO $$
DECLARE
    reader TEXT;
    revoker TEXT;
BEGIN
    FOR reader IN
        SELECT DISTINCT r.rolname
        FROM pg_catalog.pg_class AS c
        CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) AS given
        JOIN pg_catalog.pg_roles AS r ON r.oid = given.grantee
        WHERE c.oid = pg_catalog.to_regclass('public.keyctl_tokens_v1') AND given.privilege_type = 'SELECT'
            AND given.grantee <> c.relowner
    LOOP
        EXECUTE pg_catalog.format(
            'GRANT SELECT ON public.keyctl_signing_keys_v1, public.keyctl_key_versions_v1, public.keyctl_jwt_v1 TO %I',
            reader
        );
    END LOOP;
    FOR revoker IN
        SELECT DISTINCT r.rolname
        FROM pg_catalog.pg_attribute AS a
        CROSS JOIN LATERAL pg_catalog.aclexplode(a.attacl) AS given
        JOIN pg_catalog.pg_roles AS r ON r.oid = given.grantee
        WHERE a.attrelid = pg_catalog.to_regclass('keyctl.key') AND a.attname = 'revoked_at'
            AND given.privilege_type = 'UPDATE'
    LOOP
        EXECUTE pg_catalog.format('GRANT UPDATE (kver, kver_seq, kver_at) ON keyctl.key TO %I', revoker);
        EXECUTE pg_catalog.format('GRANT UPDATE (kver) ON keyctl.token TO %I', revoker);
    END LOOP;
END
$$;
