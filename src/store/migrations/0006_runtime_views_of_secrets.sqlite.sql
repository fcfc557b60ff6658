-- What runtime services read of the store itself, of bindings, and of secrets: with whatever
-- SQLite they have, nothing newer than 3.37. "active" is proven, never assumed, and only an
-- active secret shows its envelope.

CREATE VIEW keyctl_store_v1 AS
SELECT
    lower(
        substr(hex(store_uuid), 1, 8) || '-' || substr(hex(store_uuid), 9, 4) || '-'
        || substr(hex(store_uuid), 13, 4) || '-' || substr(hex(store_uuid), 17, 4) || '-'
        || substr(hex(store_uuid), 21, 12)
    ) AS store_uuid,
    1 AS view_version,
    CASE WHEN foreign_salt IS NULL THEN NULL ELSE lower(hex(foreign_salt)) END AS foreign_salt,
    CASE WHEN foreign_salt IS NULL THEN NULL ELSE 'argon2id$v=19$m=65536,t=3,p=4' END AS foreign_params
FROM head;

CREATE VIEW keyctl_bindings_v1 AS
SELECT subject_kind, subject_id, provider, secret_id
FROM binding;

-- One table and no join, since SQLite reads a whole view that is joined to something and is a
-- join itself. A version that is missing shows no envelope.
CREATE VIEW keyctl_secrets_v1 AS
SELECT
    id AS secret_id, provider, name, version,
    CASE
        WHEN deleted_at IS NOT NULL THEN 'deleted'
        ELSE COALESCE(
            (
                SELECT CASE
                    WHEN expires_at <= CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) THEN 'expired'
                    WHEN expires_at IS NULL
                        OR expires_at > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) THEN 'active'
                    ELSE 'unknown'
                END
                FROM secret_version
                WHERE secret_version.secret_id = secret.id AND secret_version.version = secret.version
            ),
            'active'
        )
    END AS state,
    (
        SELECT expires_at FROM secret_version
        WHERE secret_version.secret_id = secret.id AND secret_version.version = secret.version
    ) AS expires_at,
    (
        SELECT envelope FROM secret_version
        WHERE secret_version.secret_id = secret.id AND secret_version.version = secret.version
            AND secret.deleted_at IS NULL
            AND (expires_at IS NULL
                OR expires_at > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
    ) AS envelope
FROM secret;

-- As before, but the clock is read only for what has a time: SQLite computes it anew wherever it
-- stands, six times for a key that only expires.
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
        WHEN suspended_at IS NOT NULL THEN 'suspended'
        WHEN owner_disabled_at IS NOT NULL THEN 'owner_disabled'
        WHEN parent_dead_at IS NOT NULL THEN 'parent_dead'
        WHEN parent_expires_at IS NOT NULL AND parent_expires_at <= CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) THEN 'parent_dead'
        WHEN parent_not_before IS NOT NULL AND parent_not_before > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) THEN 'parent_dead'
        WHEN (expires_at IS NULL OR expires_at > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
            AND (grace_ends_at IS NULL OR grace_ends_at > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
            AND (not_before IS NULL OR not_before <= CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
            AND (parent_expires_at IS NULL OR parent_expires_at > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
            AND (parent_not_before IS NULL OR parent_not_before <= CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
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
    rate, quota, labels
FROM token;
