-- OAuth credentials: secrets whose versions are access tokens, and what a new one is had for.

-- Where a new token is asked for, and by which client: the issuer is whom its assertions are for, which are signed by a key
-- of that id. The scopes are the provider's: a JSON array, empty where nobody
-- said them. With refresh_invalidates the token before is dead once there is a new one.
CREATE TABLE keyctl.oauth_credential (
    secret_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES keyctl.secret (id),
    token_endpoint TEXT COLLATE "C" NOT NULL,
    client_id TEXT COLLATE "C" NOT NULL,
    client_auth TEXT COLLATE "C" NOT NULL CONSTRAINT oauth_credential_client_auth_check
        CHECK (client_auth IN ('none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt')),
    issuer TEXT COLLATE "C",
    client_key_id TEXT COLLATE "C",
    account TEXT COLLATE "C",
    scopes TEXT COLLATE "C" NOT NULL,
    refresh_invalidates BIGINT NOT NULL
        CONSTRAINT oauth_credential_invalidates_check CHECK (refresh_invalidates BETWEEN 0 AND 1),
    state TEXT COLLATE "C" NOT NULL
        CONSTRAINT oauth_credential_state_check CHECK (state IN ('good', 'needs_reauth')),
    refreshed_at BIGINT
);

CREATE INDEX oauth_credential_client ON keyctl.oauth_credential (token_endpoint, client_id, account);

-- The client's secret or private key, and the refresh token; the version is that of the secret when it was sealed.
CREATE TABLE keyctl.oauth_envelope (
    secret_id TEXT COLLATE "C" NOT NULL REFERENCES keyctl.oauth_credential (secret_id),
    part TEXT COLLATE "C" NOT NULL CONSTRAINT oauth_envelope_part_check CHECK (part IN ('client', 'refresh')),
    version BIGINT NOT NULL CONSTRAINT oauth_envelope_version_check CHECK (version >= 1),
    master_key_id TEXT COLLATE "C" NOT NULL REFERENCES keyctl.master_key (id),
    envelope BYTEA NOT NULL CONSTRAINT oauth_envelope_envelope_check CHECK (length(envelope) >= 102),
    PRIMARY KEY (secret_id, part)
);

CREATE INDEX oauth_envelope_master_key ON keyctl.oauth_envelope (master_key_id, secret_id, part);

-- The last attempt of each to get a new token, written before anything is sent. Use, as what keyctl serve writes: nothing that
-- decides about keys reads it. The fence only grows. Until it is known how it ended, it has a holder and is uncertain.
CREATE TABLE keyctl.oauth_attempt (
    secret_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL CONSTRAINT oauth_attempt_version_check CHECK (version >= 1),
    fence BIGINT NOT NULL CONSTRAINT oauth_attempt_fence_check CHECK (fence >= 1),
    holder TEXT COLLATE "C",
    started_at BIGINT NOT NULL
        CONSTRAINT oauth_attempt_started_check CHECK (started_at BETWEEN 0 AND 253402300799999),
    ends_at BIGINT NOT NULL
        CONSTRAINT oauth_attempt_ends_check CHECK (ends_at BETWEEN started_at AND started_at + 60000),
    retry_at BIGINT NOT NULL
        CONSTRAINT oauth_attempt_retry_check CHECK (retry_at BETWEEN started_at AND started_at + 7200000),
    failures BIGINT NOT NULL CONSTRAINT oauth_attempt_failures_check CHECK (failures >= 0),
    uncertain BIGINT NOT NULL CONSTRAINT oauth_attempt_uncertain_check CHECK (uncertain BETWEEN 0 AND 1),
    failure TEXT COLLATE "C"
);
