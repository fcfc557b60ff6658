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

CREATE VIEW keyctl_secrets_v1 AS
SELECT
    secret.id AS secret_id, secret.provider, secret.name, secret.version,
    CASE
        WHEN secret.deleted_at IS NOT NULL THEN 'deleted'
        WHEN secret_version.expires_at <= CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) THEN 'expired'
        WHEN secret_version.expires_at IS NULL
            OR secret_version.expires_at > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
            THEN 'active'
        ELSE 'unknown'
    END AS state,
    secret_version.expires_at,
    CASE
        WHEN secret.deleted_at IS NOT NULL THEN NULL
        WHEN secret_version.expires_at IS NULL
            OR secret_version.expires_at > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
            THEN secret_version.envelope
    END AS envelope
FROM secret
LEFT JOIN secret_version ON secret_version.secret_id = secret.id AND secret_version.version = secret.version;
