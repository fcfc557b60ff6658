-- As before, with such ends. Replaced, not made anew: a drop would take away what roles were granted.
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
        WHEN suspended_at IS NOT NULL AND (suspended_until IS NULL OR suspended_until > now.ms) THEN 'suspended'
        WHEN owner_disabled_at IS NOT NULL THEN 'owner_disabled'
        WHEN parent_dead_at IS NOT NULL AND (parent_dead_until IS NULL OR parent_dead_until > now.ms) THEN 'parent_dead'
        WHEN parent_expires_at <= now.ms THEN 'parent_dead'
        WHEN parent_not_before > now.ms THEN 'parent_dead'
        WHEN (expires_at IS NULL OR expires_at > now.ms)
            AND (grace_ends_at IS NULL OR grace_ends_at > now.ms)
            AND (not_before IS NULL OR not_before <= now.ms)
            AND (parent_expires_at IS NULL OR parent_expires_at > now.ms)
            AND (parent_not_before IS NULL OR parent_not_before <= now.ms)
            AND (suspended_at IS NULL OR suspended_until <= now.ms)
            AND (parent_dead_at IS NULL OR parent_dead_until <= now.ms)
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

CREATE OR REPLACE VIEW public.keyctl_tokenless_v1 AS
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
        WHEN suspended_at IS NOT NULL AND (suspended_until IS NULL OR suspended_until > now.ms) THEN 'suspended'
        WHEN owner_disabled_at IS NOT NULL THEN 'owner_disabled'
        WHEN parent_dead_at IS NOT NULL AND (parent_dead_until IS NULL OR parent_dead_until > now.ms) THEN 'parent_dead'
        WHEN parent_expires_at <= now.ms THEN 'parent_dead'
        WHEN parent_not_before > now.ms THEN 'parent_dead'
        WHEN (expires_at IS NULL OR expires_at > now.ms)
            AND (not_before IS NULL OR not_before <= now.ms)
            AND (parent_expires_at IS NULL OR parent_expires_at > now.ms)
            AND (parent_not_before IS NULL OR parent_not_before <= now.ms)
            AND (suspended_at IS NULL OR suspended_until <= now.ms)
            AND (parent_dead_at IS NULL OR parent_dead_until <= now.ms)
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

-- As before, and at the end where the store went. From moved_at on, of a version that no reader knows.
CREATE OR REPLACE VIEW public.keyctl_store_v1 AS
SELECT
    CAST(CAST(encode(store_uuid, 'hex') AS UUID) AS TEXT) AS store_uuid,
    CAST(CASE WHEN moved_at IS NULL THEN 1 ELSE 0 END AS BIGINT) AS view_version,
    encode(foreign_salt, 'hex') AS foreign_salt,
    CASE WHEN foreign_salt IS NULL THEN NULL ELSE 'argon2id$v=19$m=65536,t=3,p=4' END AS foreign_params,
    moved_to
FROM keyctl.head;
