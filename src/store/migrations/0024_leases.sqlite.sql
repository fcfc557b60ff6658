-- Leases: who uses the token of a credential, so that it is not got anew under them.

-- The gate of a credential: the fence grows with each lease and each refresh that is announced or sent, and never goes back.
-- While the version that is announced is in force, a refresh of it waits, and nobody else gets in. Use, as what keyctl serve
-- writes: nothing that decides about keys reads it.
CREATE TABLE oauth_use (
    secret_id TEXT NOT NULL PRIMARY KEY,
    fence INTEGER NOT NULL CHECK (fence >= 0),
    announced INTEGER CHECK (announced >= 1),
    last_lease TEXT
) STRICT, WITHOUT ROWID;

-- One row for each credential of a lease. The holder's token stands here as its SHA-256.
CREATE TABLE oauth_lease (
    lease_id TEXT NOT NULL CHECK (length(lease_id) = 30),
    secret_id TEXT NOT NULL,
    holder BLOB NOT NULL CHECK (length(holder) = 32),
    fence INTEGER NOT NULL CHECK (fence >= 1),
    version INTEGER NOT NULL CHECK (version >= 1),
    acquired_at INTEGER NOT NULL CHECK (acquired_at BETWEEN 0 AND 253402300799999),
    expires_at INTEGER NOT NULL CHECK (expires_at BETWEEN acquired_at AND acquired_at + 86400000),
    who TEXT,
    PRIMARY KEY (secret_id, lease_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX oauth_lease_id ON oauth_lease (lease_id);
