-- OAuth credentials: secrets whose versions are access tokens, and what a new one is had for.

-- Where a new token is asked for, and by which client: the issuer is whom its assertions are for, which are signed by a key
-- of that id. The scopes are the provider's: a JSON array, empty where nobody
-- said them. With refresh_invalidates the token before is dead once there is a new one.
CREATE TABLE oauth_credential (
    secret_id TEXT NOT NULL PRIMARY KEY REFERENCES secret (id),
    token_endpoint TEXT NOT NULL,
    client_id TEXT NOT NULL,
    client_auth TEXT NOT NULL
        CHECK (client_auth IN ('none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt')),
    issuer TEXT,
    client_key_id TEXT,
    account TEXT,
    scopes TEXT NOT NULL,
    refresh_invalidates INTEGER NOT NULL CHECK (refresh_invalidates BETWEEN 0 AND 1),
    state TEXT NOT NULL CHECK (state IN ('good', 'needs_reauth')),
    refreshed_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX oauth_credential_client ON oauth_credential (token_endpoint, client_id, account);

-- The client's secret or private key, and the refresh token; the version is that of the secret when it was sealed.
CREATE TABLE oauth_envelope (
    secret_id TEXT NOT NULL REFERENCES oauth_credential (secret_id),
    part TEXT NOT NULL CHECK (part IN ('client', 'refresh')),
    version INTEGER NOT NULL CHECK (version >= 1),
    master_key_id TEXT NOT NULL REFERENCES master_key (id),
    envelope BLOB NOT NULL CHECK (length(envelope) >= 102),
    PRIMARY KEY (secret_id, part)
) STRICT;

CREATE INDEX oauth_envelope_master_key ON oauth_envelope (master_key_id, secret_id, part);

-- The last attempt of each to get a new token, written before anything is sent. Use, as what keyctl serve writes: nothing that
-- decides about keys reads it. The fence only grows. Until it is known how it ended, it has a holder and is uncertain.
CREATE TABLE oauth_attempt (
    secret_id TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL CHECK (version >= 1),
    fence INTEGER NOT NULL CHECK (fence >= 1),
    holder TEXT,
    started_at INTEGER NOT NULL CHECK (started_at BETWEEN 0 AND 253402300799999),
    ends_at INTEGER NOT NULL CHECK (ends_at BETWEEN started_at AND started_at + 60000),
    retry_at INTEGER NOT NULL CHECK (retry_at BETWEEN started_at AND started_at + 7200000),
    failures INTEGER NOT NULL CHECK (failures >= 0),
    uncertain INTEGER NOT NULL CHECK (uncertain BETWEEN 0 AND 1),
    failure TEXT
) STRICT, WITHOUT ROWID;
