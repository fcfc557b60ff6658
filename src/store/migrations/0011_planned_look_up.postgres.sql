-- The look-up of docs/runtime.md, for readers behind a pooler: their statements may have no name there, and
-- planning one takes three times as long as running it. The server keeps a function's plan. It reads what the
-- role that calls it may read. Names are qualified, operators too: it runs on any search path.

CREATE FUNCTION public.keyctl_look_v1(looked_for text)
RETURNS TABLE (
    mark text, store_uuid text, view_version bigint, foreign_salt text, foreign_params text, now_ms bigint,
    token_hash text, hash_alg text, token_id text, key_id text, key_name text, owner text, scopes text,
    networks text, state text, expires_at bigint, quota text
)
LANGUAGE plpgsql STABLE ROWS 1 AS $$
BEGIN
    RETURN QUERY
    SELECT c.mark, s.store_uuid, s.view_version, s.foreign_salt, s.foreign_params,
        CASE WHEN pg_catalog.pg_is_in_recovery() THEN NULL
            ELSE CAST(EXTRACT(EPOCH FROM pg_catalog.clock_timestamp()) OPERATOR(pg_catalog.*) 1000 AS BIGINT) END,
        t.token_hash, t.hash_alg, t.token_id, t.key_id, t.key_name, t.owner, t.scopes, t.networks, t.state,
        t.expires_at, t.quota
    FROM (SELECT h.mark FROM public.keyctl_changes_v1 AS h LIMIT 1) AS c
    CROSS JOIN public.keyctl_store_v1 AS s
    LEFT JOIN public.keyctl_tokens_v1 AS t ON t.token_hash OPERATOR(pg_catalog.=) looked_for;
END
$$;
