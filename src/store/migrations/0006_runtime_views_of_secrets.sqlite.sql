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
