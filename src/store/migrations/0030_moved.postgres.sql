-- Where a store went. With moved_to alone it is on its way: nothing is changed here any more, and readers go on. From moved_at on
-- it answers nobody: no reader knows version 0 of the views, and each says that the store cannot be had, not that a token is bad.
ALTER TABLE keyctl.head ADD COLUMN moved_to TEXT COLLATE "C";
ALTER TABLE keyctl.head ADD COLUMN moved_at BIGINT;
-- The end of its log and of its marks then: so no change is taken, also from a program that knows of no moves.
ALTER TABLE keyctl.head ADD COLUMN moved_mark TEXT COLLATE "C"
    CHECK (moved_to IS NULL OR COALESCE(moved_mark = mark_nonce || ' ' || audit_seq, FALSE));

-- As before; of a store that moved, no lease is taken.
CREATE OR REPLACE FUNCTION keyctl.lease_v1(
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
    place text;
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
    -- Last, when what it wrote holds off whoever moves the store.
    SELECT h.moved_to INTO place FROM keyctl.head h WHERE h.moved_to IS NOT NULL;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'KM001', MESSAGE = 'the store has moved to ' || place;
    END IF;
END
$$;
