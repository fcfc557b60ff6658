-- As before, without the rows of keys that have no token. Such a row stands under what is no hash: the key's id, filled up
-- to the length of one. Hashes are hex, so that all of them are before g.
CREATE OR REPLACE VIEW public.keyctl_tokens_v1 AS
SELECT
    token_hash, hash_alg, token_id, key_id, key_name, owner, scopes,
    CASE
        WHEN parent_networks = '[]' AND networks = '[]' THEN '[]'
        WHEN parent_networks = '[]' THEN '[' || networks || ']'
        WHEN networks = '[]' THEN '[' || parent_networks || ']'
        ELSE '[' || networks || ',' || parent_networks || ']'
    END AS networks,
    CASE
        WHEN revoked_at IS NOT NULL THEN 'revoked'
        WHEN expires_at <= now.ms THEN 'expired'
        WHEN grace_ends_at <= now.ms THEN 'expired'
        WHEN not_before > now.ms THEN 'not_yet_valid'
        WHEN suspended_at IS NOT NULL THEN 'suspended'
        WHEN owner_disabled_at IS NOT NULL THEN 'owner_disabled'
        WHEN parent_dead_at IS NOT NULL THEN 'parent_dead'
        WHEN parent_expires_at <= now.ms THEN 'parent_dead'
        WHEN parent_not_before > now.ms THEN 'parent_dead'
        WHEN (expires_at IS NULL OR expires_at > now.ms)
            AND (grace_ends_at IS NULL OR grace_ends_at > now.ms)
            AND (not_before IS NULL OR not_before <= now.ms)
            AND (parent_expires_at IS NULL OR parent_expires_at > now.ms)
            AND (parent_not_before IS NULL OR parent_not_before <= now.ms)
            THEN 'active'
        ELSE 'unknown'
    END AS state,
    not_before,
    NULLIF(
        LEAST(
            COALESCE(expires_at, 9223372036854775807),
            COALESCE(grace_ends_at, 9223372036854775807),
            COALESCE(parent_expires_at, 9223372036854775807)
        ),
        9223372036854775807
    ) AS expires_at,
    rate, quota, labels,
    COALESCE(subject, owner) AS subject
FROM keyctl.token
CROSS JOIN LATERAL (SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) AS ms) AS now
WHERE token_hash < 'g';

CREATE OR REPLACE VIEW public.keyctl_serve_v1 AS
SELECT token_hash, key_id, owner, generation, rate, key_quota, owner_quota, labels, allow_jwt, kver
FROM keyctl.token
WHERE token_hash < 'g';

-- Keys without a token, by their ids: what verifies their short-lived tokens, and what issuing one takes.
CREATE VIEW public.keyctl_tokenless_v1 AS
SELECT
    key_id, key_name, owner, scopes,
    CASE
        WHEN parent_networks = '[]' AND networks = '[]' THEN '[]'
        WHEN parent_networks = '[]' THEN '[' || networks || ']'
        WHEN networks = '[]' THEN '[' || parent_networks || ']'
        ELSE '[' || networks || ',' || parent_networks || ']'
    END AS networks,
    CASE
        WHEN revoked_at IS NOT NULL THEN 'revoked'
        WHEN expires_at <= now.ms THEN 'expired'
        WHEN not_before > now.ms THEN 'not_yet_valid'
        WHEN suspended_at IS NOT NULL THEN 'suspended'
        WHEN owner_disabled_at IS NOT NULL THEN 'owner_disabled'
        WHEN parent_dead_at IS NOT NULL THEN 'parent_dead'
        WHEN parent_expires_at <= now.ms THEN 'parent_dead'
        WHEN parent_not_before > now.ms THEN 'parent_dead'
        WHEN (expires_at IS NULL OR expires_at > now.ms)
            AND (not_before IS NULL OR not_before <= now.ms)
            AND (parent_expires_at IS NULL OR parent_expires_at > now.ms)
            AND (parent_not_before IS NULL OR parent_not_before <= now.ms)
            THEN 'active'
        ELSE 'unknown'
    END AS state,
    not_before,
    NULLIF(
        LEAST(
            COALESCE(expires_at, 9223372036854775807),
            COALESCE(parent_expires_at, 9223372036854775807)
        ),
        9223372036854775807
    ) AS expires_at,
    rate, quota, labels,
    COALESCE(subject, owner) AS subject,
    key_quota, owner_quota, allow_jwt, kver
FROM keyctl.token
CROSS JOIN LATERAL (SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) AS ms) AS now
WHERE token_hash > 'g';

-- Whose tokens are taken in place of a key, on which terms, and for which key.
CREATE VIEW public.keyctl_trusts_v1 AS
SELECT name, issuer, audience, claims, ttl_seconds, jwks, key_id, any_ref
FROM keyctl.trust;
