-- Times are Unix milliseconds in UTC. NULL in a time means "not", in a limit "none".

CREATE TABLE head (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    store_uuid BLOB NOT NULL CHECK (length(store_uuid) = 16),
    created_at INTEGER NOT NULL,
    default_prefix TEXT NOT NULL,
    default_expiry_seconds INTEGER CHECK (default_expiry_seconds > 0),
    mark_counter INTEGER NOT NULL CHECK (mark_counter >= 0),
    mark_nonce TEXT NOT NULL,
    audit_seq INTEGER NOT NULL CHECK (audit_seq >= 0),
    audit_hash BLOB NOT NULL CHECK (length(audit_hash) = 32)
) STRICT;

CREATE TABLE owner (
    name TEXT NOT NULL PRIMARY KEY,
    created_at INTEGER NOT NULL,
    disabled_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE key (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 30 AND substr(id, 1, 4) = 'key_'),
    owner TEXT NOT NULL REFERENCES owner (name),
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    networks TEXT NOT NULL,
    labels TEXT NOT NULL,
    rate TEXT,
    quota TEXT,
    created_at INTEGER NOT NULL,
    not_before INTEGER,
    expires_at INTEGER,
    expires_sort INTEGER NOT NULL GENERATED ALWAYS AS (COALESCE(expires_at, 9223372036854775807)) VIRTUAL,
    suspended_at INTEGER,
    revoked_at INTEGER,
    revoke_reason TEXT,
    last_used_at INTEGER,
    generation INTEGER NOT NULL CHECK (generation >= 1)
) STRICT, WITHOUT ROWID;

-- Live keys by name and by expiry; by creation is the primary key, since ids are ordered by it.
CREATE UNIQUE INDEX key_live_name ON key (owner, name) WHERE revoked_at IS NULL;
CREATE INDEX key_live_expiry ON key (expires_sort, id) WHERE revoked_at IS NULL;
-- All keys by name and by expiry, and an owner's by creation.
CREATE INDEX key_name ON key (owner, name, id);
CREATE INDEX key_expiry ON key (expires_sort, id);
CREATE INDEX key_owner ON key (owner, id);

-- The verification row: everything that decides stands in it. The columns from key_name on
-- are copies, rewritten in the transaction that changes what they copy.
CREATE TABLE token (
    token_hash TEXT NOT NULL PRIMARY KEY CHECK (length(token_hash) = 64),
    hash_alg TEXT NOT NULL CHECK (hash_alg = 'sha256'),
    token_id TEXT NOT NULL UNIQUE CHECK (length(token_id) = 12),
    prefix TEXT NOT NULL,
    key_id TEXT NOT NULL REFERENCES key (id),
    generation INTEGER NOT NULL CHECK (generation >= 1),
    created_at INTEGER NOT NULL,
    grace_ends_at INTEGER,
    key_name TEXT NOT NULL,
    owner TEXT NOT NULL,
    scopes TEXT NOT NULL,
    networks TEXT NOT NULL,
    labels TEXT NOT NULL,
    rate TEXT,
    quota TEXT,
    not_before INTEGER,
    expires_at INTEGER,
    suspended_at INTEGER,
    revoked_at INTEGER,
    owner_disabled_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX token_key ON token (key_id, generation);

CREATE TABLE audit (
    seq INTEGER NOT NULL PRIMARY KEY CHECK (seq >= 1),
    body TEXT NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

-- The keys that recent changes affected, for readers that keep answers.
CREATE TABLE change (
    seq INTEGER NOT NULL,
    key_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (seq, key_id)
) STRICT, WITHOUT ROWID;
