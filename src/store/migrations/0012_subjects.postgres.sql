-- An owner has a name, which operators type, and a subject, by which services know it.

-- NULL where the subject is the name. No name is the subject of another owner: every change holds the
-- one lock when it looks, and store check looks again.
ALTER TABLE keyctl.owner ADD COLUMN subject TEXT COLLATE "C"
    CONSTRAINT owner_subject_check CHECK (subject ~ '^[!-~]{1,255}$' AND subject <> name);

CREATE UNIQUE INDEX owner_subject ON keyctl.owner (subject) WHERE subject IS NOT NULL;

-- A copy, as the columns beside it.
ALTER TABLE keyctl.token ADD COLUMN subject TEXT COLLATE "C";

-- What owners were called before, and up to which record of the audit log.
CREATE TABLE keyctl.owner_before (
    owner TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    until_seq BIGINT NOT NULL,
    PRIMARY KEY (owner, until_seq)
);

-- The look-up by a function as before, and at the end the subject, which the next step gives the view. The
-- one of before stays, for readers of before.
CREATE FUNCTION public.keyctl_look_v2(looked_for text)
RETURNS TABLE (
    mark text, store_uuid text, view_version bigint, foreign_salt text, foreign_params text, now_ms bigint,
    token_hash text, hash_alg text, token_id text, key_id text, key_name text, owner text, scopes text,
    networks text, state text, expires_at bigint, quota text, subject text
)
LANGUAGE plpgsql STABLE ROWS 1 AS $$
BEGIN
    RETURN QUERY
    SELECT c.mark, s.store_uuid, s.view_version, s.foreign_salt, s.foreign_params,
        CASE WHEN pg_catalog.pg_is_in_recovery() THEN NULL
            ELSE CAST(EXTRACT(EPOCH FROM pg_catalog.clock_timestamp()) OPERATOR(pg_catalog.*) 1000 AS BIGINT) END,
        t.token_hash, t.hash_alg, t.token_id, t.key_id, t.key_name, t.owner, t.scopes, t.networks, t.state,
        t.expires_at, t.quota, t.subject
    FROM (SELECT h.mark FROM public.keyctl_changes_v1 AS h LIMIT 1) AS c
    CROSS JOIN public.keyctl_store_v1 AS s
    LEFT JOIN public.keyctl_tokens_v1 AS t ON t.token_hash OPERATOR(pg_catalog.=) looked_for;
END
$$;

-- Who was given the one is given the other; where nobody was, everybody may run both.
DO $$
DECLARE
    reader TEXT;
BEGIN
    FOR reader IN
        SELECT DISTINCT r.rolname
        FROM pg_catalog.pg_proc AS p
        CROSS JOIN LATERAL pg_catalog.aclexplode(p.proacl) AS given
        JOIN pg_catalog.pg_roles AS r ON r.oid = given.grantee
        WHERE p.oid = pg_catalog.to_regprocedure('public.keyctl_look_v1(text)') AND given.privilege_type = 'EXECUTE'
            AND given.grantee <> p.proowner
    LOOP
        EXECUTE pg_catalog.format('GRANT EXECUTE ON FUNCTION public.keyctl_look_v2(text) TO %I', reader);
    END LOOP;
END
$$;
