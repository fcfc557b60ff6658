-- What runtime services read, in any language. "active" is proven, never assumed.

CREATE VIEW public.keyctl_tokens_v1 AS
SELECT
    token_hash, hash_alg, token_id, key_id, key_name, owner, scopes,
    CASE networks WHEN '[]' THEN '[]' ELSE '[' || networks || ']' END AS networks,
    CASE
        WHEN revoked_at IS NOT NULL THEN 'revoked'
        WHEN expires_at <= now.ms THEN 'expired'
        WHEN grace_ends_at <= now.ms THEN 'expired'
        WHEN not_before > now.ms THEN 'not_yet_valid'
        WHEN suspended_at IS NOT NULL THEN 'suspended'
        WHEN owner_disabled_at IS NOT NULL THEN 'owner_disabled'
        WHEN (expires_at IS NULL OR expires_at > now.ms)
            AND (grace_ends_at IS NULL OR grace_ends_at > now.ms)
            AND (not_before IS NULL OR not_before <= now.ms)
            THEN 'active'
        ELSE 'unknown'
    END AS state,
    not_before,
    CASE
        WHEN grace_ends_at IS NULL THEN expires_at
        WHEN expires_at IS NULL THEN grace_ends_at
        WHEN grace_ends_at < expires_at THEN grace_ends_at
        ELSE expires_at
    END AS expires_at,
    rate, quota, labels
FROM token
CROSS JOIN LATERAL (SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) AS ms) AS now;

CREATE VIEW public.keyctl_changes_v1 AS
SELECT head.mark_counter || '-' || head.mark_nonce AS mark, change.seq, change.key_id, change.at
FROM head LEFT JOIN change ON TRUE;
