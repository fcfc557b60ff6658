-- Leases: who uses the token of a credential, so that it is not got anew under them.

-- The gate of a credential: the fence grows with each lease and each refresh that is announced or sent, and never goes back.
-- While the version that is announced is in force, a refresh of it waits, and nobody else gets in. Use, as what keyctl serve
-- writes: nothing that decides about keys reads it.
CREATE TABLE keyctl.oauth_use (
    secret_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    fence BIGINT NOT NULL CONSTRAINT oauth_use_fence_check CHECK (fence >= 0),
    announced BIGINT CONSTRAINT oauth_use_announced_check CHECK (announced >= 1),
    last_lease TEXT COLLATE "C"
) WITH (fillfactor = 70);

-- One row for each credential of a lease. The holder's token stands here as its SHA-256.
CREATE TABLE keyctl.oauth_lease (
    lease_id TEXT COLLATE "C" NOT NULL CONSTRAINT oauth_lease_id_check CHECK (length(lease_id) = 30),
    secret_id TEXT COLLATE "C" NOT NULL,
    holder BYTEA NOT NULL CONSTRAINT oauth_lease_holder_check CHECK (length(holder) = 32),
    fence BIGINT NOT NULL CONSTRAINT oauth_lease_fence_check CHECK (fence >= 1),
    version BIGINT NOT NULL CONSTRAINT oauth_lease_version_check CHECK (version >= 1),
    acquired_at BIGINT NOT NULL
        CONSTRAINT oauth_lease_acquired_check CHECK (acquired_at BETWEEN 0 AND 253402300799999),
    expires_at BIGINT NOT NULL
        CONSTRAINT oauth_lease_expires_check CHECK (expires_at BETWEEN acquired_at AND acquired_at + 86400000),
    who TEXT COLLATE "C",
    PRIMARY KEY (secret_id, lease_id)
);

CREATE INDEX oauth_lease_id ON keyctl.oauth_lease (lease_id);
