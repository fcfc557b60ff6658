-- As before, with such ends.
DROP VIEW keyctl_tokens_v1;

CREATE VIEW keyctl_tokens_v1 AS
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
        WHEN expires_at IS NOT NULL AND expires_at <= CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) THEN 'expired'
        WHEN grace_ends_at IS NOT NULL AND grace_ends_at <= CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) THEN 'expired'
        WHEN not_before IS NOT NULL AND not_before > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) THEN 'not_yet_valid'
        WHEN suspended_at IS NOT NULL AND (suspended_until IS NULL OR suspended_until > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)) THEN 'suspended'
        WHEN owner_disabled_at IS NOT NULL THEN 'owner_disabled'
        WHEN parent_dead_at IS NOT NULL AND (parent_dead_until IS NULL OR parent_dead_until > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)) THEN 'parent_dead'
        WHEN parent_expires_at IS NOT NULL AND parent_expires_at <= CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) THEN 'parent_dead'
        WHEN parent_not_before IS NOT NULL AND parent_not_before > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) THEN 'parent_dead'
        WHEN (expires_at IS NULL OR expires_at > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
            AND (grace_ends_at IS NULL OR grace_ends_at > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
            AND (not_before IS NULL OR not_before <= CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
            AND (parent_expires_at IS NULL OR parent_expires_at > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
            AND (parent_not_before IS NULL OR parent_not_before <= CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
            AND (suspended_at IS NULL OR suspended_until <= CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
            AND (parent_dead_at IS NULL OR parent_dead_until <= CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
            THEN 'active'
        ELSE 'unknown'
    END AS state,
    not_before,
    NULLIF(
        MIN(
            COALESCE(expires_at, 9223372036854775807),
            COALESCE(grace_ends_at, 9223372036854775807),
            COALESCE(parent_expires_at, 9223372036854775807)
        ),
        9223372036854775807
    ) AS expires_at,
    rate, quota, labels,
    COALESCE(subject, owner) AS subject
FROM token
WHERE token_hash < 'g';

DROP VIEW keyctl_tokenless_v1;

CREATE VIEW keyctl_tokenless_v1 AS
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
        WHEN expires_at IS NOT NULL AND expires_at <= CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) THEN 'expired'
        WHEN not_before IS NOT NULL AND not_before > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) THEN 'not_yet_valid'
        WHEN suspended_at IS NOT NULL AND (suspended_until IS NULL OR suspended_until > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)) THEN 'suspended'
        WHEN owner_disabled_at IS NOT NULL THEN 'owner_disabled'
        WHEN parent_dead_at IS NOT NULL AND (parent_dead_until IS NULL OR parent_dead_until > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)) THEN 'parent_dead'
        WHEN parent_expires_at IS NOT NULL AND parent_expires_at <= CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) THEN 'parent_dead'
        WHEN parent_not_before IS NOT NULL AND parent_not_before > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) THEN 'parent_dead'
        WHEN (expires_at IS NULL OR expires_at > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
            AND (not_before IS NULL OR not_before <= CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
            AND (parent_expires_at IS NULL OR parent_expires_at > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
            AND (parent_not_before IS NULL OR parent_not_before <= CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
            AND (suspended_at IS NULL OR suspended_until <= CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
            AND (parent_dead_at IS NULL OR parent_dead_until <= CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
            THEN 'active'
        ELSE 'unknown'
    END AS state,
    not_before,
    NULLIF(
        MIN(
            COALESCE(expires_at, 9223372036854775807),
            COALESCE(parent_expires_at, 9223372036854775807)
        ),
        9223372036854775807
    ) AS expires_at,
    rate, quota, labels,
    COALESCE(subject, owner) AS subject,
    key_quota, owner_quota, allow_jwt, kver
FROM token
WHERE token_hash > 'g';

-- As before, and at the end where the store went. From moved_at on, of a version that no reader knows.
DROP VIEW keyctl_store_v1;

CREATE VIEW keyctl_store_v1 AS
SELECT
    lower(
        substr(hex(store_uuid), 1, 8) || '-' || substr(hex(store_uuid), 9, 4) || '-'
        || substr(hex(store_uuid), 13, 4) || '-' || substr(hex(store_uuid), 17, 4) || '-'
        || substr(hex(store_uuid), 21, 12)
    ) AS store_uuid,
    CASE WHEN moved_at IS NULL THEN 1 ELSE 0 END AS view_version,
    CASE WHEN foreign_salt IS NULL THEN NULL ELSE lower(hex(foreign_salt)) END AS foreign_salt,
    CASE WHEN foreign_salt IS NULL THEN NULL ELSE 'argon2id$v=19$m=65536,t=3,p=4' END AS foreign_params,
    moved_to
FROM head;
