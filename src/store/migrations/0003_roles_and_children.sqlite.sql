-- Roles, children of keys, and tokens that were made elsewhere.

CREATE TABLE role (
    name TEXT NOT NULL PRIMARY KEY,
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE key_role (
    role TEXT NOT NULL REFERENCES role (name),
    key_id TEXT NOT NULL REFERENCES key (id),
    PRIMARY KEY (role, key_id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX key_role_key ON key_role (key_id, role);

-- Every scope that a key or a role was ever given: what a caller can be told by name.
CREATE TABLE scope (
    name TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

INSERT INTO scope (name) SELECT DISTINCT given.value FROM key, json_each(key.scopes) AS given;

-- Deleted owners keep their row, since revoked keys keep theirs.
ALTER TABLE owner ADD COLUMN deleted_at INTEGER;

ALTER TABLE key ADD COLUMN parent TEXT REFERENCES key (id);

CREATE INDEX key_parent ON key (parent, id) WHERE parent IS NOT NULL;

-- The salt of this store's Argon2id hashes; NULL while there are none.
ALTER TABLE head ADD COLUMN foreign_salt BLOB CHECK (length(foreign_salt) = 16);

-- A check cannot be changed in place. The columns from key_name on are copies; scopes are the
-- effective ones, and those that start with parent_ are the parent's.
DROP VIEW keyctl_tokens_v1;

CREATE TABLE token_3 (
    token_hash TEXT NOT NULL PRIMARY KEY CHECK (length(token_hash) = 64),
    hash_alg TEXT NOT NULL CHECK (hash_alg IN ('sha256', 'argon2id')),
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
    owner_disabled_at INTEGER,
    parent_networks TEXT NOT NULL DEFAULT '[]',
    parent_not_before INTEGER,
    parent_expires_at INTEGER,
    parent_dead_at INTEGER
) STRICT, WITHOUT ROWID;

INSERT INTO token_3
SELECT token_hash, hash_alg, token_id, prefix, key_id, generation, created_at, grace_ends_at, key_name,
    owner, scopes, networks, labels, rate, quota, not_before, expires_at, suspended_at, revoked_at,
    owner_disabled_at, '[]', NULL, NULL, NULL
FROM token;

DROP TABLE token;

ALTER TABLE token_3 RENAME TO token;

CREATE UNIQUE INDEX token_key ON token (key_id, generation);
