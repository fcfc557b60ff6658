-- For which key a lease was taken, where a server took it: that it is still bound is looked at when it is held for longer.
ALTER TABLE keyctl.oauth_lease ADD COLUMN key_id TEXT COLLATE "C";

-- Whoever takes leases writes it.
DO $$
DECLARE
    taker TEXT;
BEGIN
    FOR taker IN
        SELECT DISTINCT r.rolname
        FROM pg_catalog.pg_attribute AS a
        CROSS JOIN LATERAL pg_catalog.aclexplode(a.attacl) AS given
        JOIN pg_catalog.pg_roles AS r ON r.oid = given.grantee
        WHERE a.attrelid = pg_catalog.to_regclass('keyctl.oauth_lease') AND a.attname = 'who'
            AND given.privilege_type = 'INSERT'
    LOOP
        EXECUTE pg_catalog.format('GRANT INSERT (key_id) ON keyctl.oauth_lease TO %I', taker);
    END LOOP;
END
$$;

-- A lease of a token that does, as one statement whose plans the server keeps: through a pooler statements may have no
-- name, and planning the four of it took three times as long as running them. It does what the statements in
-- src/store/credentials/leases.rs do on SQLite, with the rights of whoever calls it. Names are qualified, and what is
-- found without one is the server's own: it runs on any search path. All or nothing; else nothing is changed but fences.

CREATE FUNCTION keyctl.lease_v1(
    wanted_lease text, wanted_holder bytea, wanted_names text[], wanted_margins bigint[], wanted_most bigint,
    wanted_who text, wanted_key text, wanted_by text
)
RETURNS TABLE (
    secret_id text, name text, provider text, version bigint, master_key_id text, envelope bytea, lease_id text,
    fence bigint, acquired_at bigint, expires_at bigint, who text, current bigint
)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET lock_timeout = 1000 SET jit = off AS $$
#variable_conflict use_column
DECLARE
    passed text;
    passed_all text[] := '{}';
    local_commit text := set_config('synchronous_commit', 'local', true);
BEGIN
    -- The gate of each is passed by one at a time, in the order in which they are named.
    FOR n IN 1 .. cardinality(wanted_names) LOOP
        UPDATE keyctl.oauth_use AS u SET fence = u.fence + 1, last_lease = wanted_lease
        WHERE u.secret_id = (SELECT s.id FROM keyctl.secret s
                WHERE (s.name = wanted_names[n] OR s.id = wanted_names[n]) AND s.deleted_at IS NULL)
            AND EXISTS (SELECT 1 FROM keyctl.secret s
                JOIN keyctl.secret_version v ON v.secret_id = s.id AND v.version = s.version
                WHERE s.id = u.secret_id AND (u.announced IS NULL OR u.announced <> s.version)
                    AND v.created_at <= keyctl.now_ms() + 60000
                    AND (v.expires_at IS NULL
                        OR v.expires_at - keyctl.now_ms() > LEAST((v.expires_at - v.created_at) / 2, wanted_margins[n])))
        RETURNING u.secret_id INTO passed;
        IF NOT FOUND THEN
            RETURN;
        END IF;
        passed_all := passed_all || passed;
    END LOOP;
    -- While it waited at a gate, another version may have come, and a refresh of that one been announced. A lease ends after
    -- half of the token's life at most, and with the token. Where no key asks, the secret stands in its place.
    RETURN QUERY
    WITH seen AS MATERIALIZED (
        SELECT s.id, s.name, s.provider, s.version, u.fence, v.master_key_id, v.envelope, v.expires_at AS ends,
            keyctl.now_ms() AS now, LEAST((v.expires_at - v.created_at) / 2, wanted_most) AS most
        FROM keyctl.oauth_use u JOIN keyctl.secret s ON s.id = u.secret_id
        JOIN keyctl.secret_version v ON v.secret_id = s.id AND v.version = s.version
        WHERE u.secret_id = ANY (passed_all) AND s.deleted_at IS NULL
            AND (u.announced IS NULL OR u.announced <> s.version)
    ), taken AS (
        INSERT INTO keyctl.oauth_lease AS l
            (lease_id, secret_id, holder, fence, version, acquired_at, expires_at, who, key_id)
        SELECT wanted_lease, o.id, wanted_holder, o.fence, o.version, o.now, LEAST(o.ends, o.now + o.most), wanted_who,
            wanted_key
        FROM seen o
        WHERE cardinality(wanted_names) = (SELECT COUNT(*) FROM seen a WHERE a.ends IS NULL OR a.ends > a.now)
        RETURNING l.secret_id, l.fence, l.version, l.acquired_at, l.expires_at
    ), counted AS (
        INSERT INTO keyctl.disclosure AS d (secret_id, version, key_id, asked_by, count, first_at, last_at)
        SELECT t.secret_id, t.version, COALESCE(wanted_key, t.secret_id), COALESCE(wanted_by, t.secret_id), 1,
            t.acquired_at, t.acquired_at
        FROM taken t
        ON CONFLICT (secret_id, version, key_id, asked_by) DO UPDATE SET
            count = CASE WHEN d.count BETWEEN 1 AND 4000000000000000000 THEN d.count + 1 ELSE 1 END,
            last_at = excluded.last_at
    )
    SELECT t.secret_id, o.name, o.provider, t.version, o.master_key_id, o.envelope, wanted_lease, t.fence, t.acquired_at,
        t.expires_at, wanted_who, o.version
    FROM taken t JOIN seen o ON o.id = t.secret_id ORDER BY o.name;
END
$$;
