-- What runtime services read of the store itself, of bindings, and of secrets. "active" is
-- proven, never assumed, and only an active secret shows its envelope.

CREATE VIEW public.keyctl_store_v1 AS
SELECT
    CAST(CAST(encode(store_uuid, 'hex') AS UUID) AS TEXT) AS store_uuid,
    CAST(1 AS BIGINT) AS view_version,
    encode(foreign_salt, 'hex') AS foreign_salt,
    CASE WHEN foreign_salt IS NULL THEN NULL ELSE 'argon2id$v=19$m=65536,t=3,p=4' END AS foreign_params
FROM head;

CREATE VIEW public.keyctl_bindings_v1 AS
SELECT subject_kind, subject_id, provider, secret_id
FROM binding;

CREATE VIEW public.keyctl_secrets_v1 AS
SELECT
    secret.id AS secret_id, secret.provider, secret.name, secret.version,
    CASE
        WHEN secret.deleted_at IS NOT NULL THEN 'deleted'
        WHEN secret_version.expires_at <= now.ms THEN 'expired'
        WHEN secret_version.expires_at IS NULL OR secret_version.expires_at > now.ms THEN 'active'
        ELSE 'unknown'
    END AS state,
    secret_version.expires_at,
    CASE
        WHEN secret.deleted_at IS NOT NULL THEN NULL
        WHEN secret_version.expires_at IS NULL OR secret_version.expires_at > now.ms
            THEN secret_version.envelope
    END AS envelope
FROM secret
LEFT JOIN secret_version ON secret_version.secret_id = secret.id AND secret_version.version = secret.version
CROSS JOIN LATERAL (SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) AS ms) AS now;
