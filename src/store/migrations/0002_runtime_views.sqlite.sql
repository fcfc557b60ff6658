-- What runtime services read, in any language, with whatever SQLite they have: nothing newer
-- than 3.37, no table-valued function, no aggregate. "active" is proven, never assumed.

CREATE VIEW keyctl_tokens_v1 AS
SELECT
    token_hash, hash_alg, token_id, key_id, key_name, owner, scopes,
    CASE networks WHEN '[]' THEN '[]' ELSE '[' || networks || ']' END AS networks,
    CASE
        WHEN revoked_at IS NOT NULL THEN 'revoked'
        WHEN expires_at <= CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) THEN 'expired'
        WHEN grace_ends_at <= CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) THEN 'expired'
        WHEN not_before > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) THEN 'not_yet_valid'
        WHEN suspended_at IS NOT NULL THEN 'suspended'
        WHEN owner_disabled_at IS NOT NULL THEN 'owner_disabled'
        WHEN (expires_at IS NULL
                OR expires_at > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
            AND (grace_ends_at IS NULL
                OR grace_ends_at > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
            AND (not_before IS NULL
                OR not_before <= CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
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
FROM token;

CREATE VIEW keyctl_changes_v1 AS
SELECT head.mark_counter || '-' || head.mark_nonce AS mark, change.seq, change.key_id, change.at
FROM head LEFT JOIN change ON 1;
