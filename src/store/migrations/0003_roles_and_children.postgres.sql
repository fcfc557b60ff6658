-- Roles, children of keys, and tokens that were made elsewhere.

CREATE TABLE role (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    scopes TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);

CREATE TABLE key_role (
    role TEXT COLLATE "C" NOT NULL REFERENCES role (name),
    key_id TEXT COLLATE "C" NOT NULL REFERENCES key (id),
    PRIMARY KEY (role, key_id)
);

CREATE UNIQUE INDEX key_role_key ON key_role (key_id, role);

-- Every scope that a key or a role was ever given: what a caller can be told by name.
CREATE TABLE scope (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY
);

INSERT INTO scope (name) SELECT DISTINCT given.value FROM key, jsonb_array_elements_text(key.scopes::jsonb) AS given;

-- Deleted owners keep their row, since revoked keys keep theirs.
ALTER TABLE owner ADD COLUMN deleted_at BIGINT;

ALTER TABLE key ADD COLUMN parent TEXT COLLATE "C" REFERENCES key (id);

CREATE INDEX key_parent ON key (parent, id) WHERE parent IS NOT NULL;

-- The salt of this store's Argon2id hashes; NULL while there are none.
ALTER TABLE head ADD COLUMN foreign_salt BYTEA CHECK (length(foreign_salt) = 16);

-- In token, the columns from key_name on are copies; scopes are the effective ones, and those
-- that start with parent_ are the parent's.
ALTER TABLE token DROP CONSTRAINT token_hash_alg_check;
ALTER TABLE token ADD CONSTRAINT token_hash_alg_check CHECK (hash_alg IN ('sha256', 'argon2id'));
ALTER TABLE token ADD COLUMN parent_networks TEXT COLLATE "C" NOT NULL DEFAULT '[]';
ALTER TABLE token ADD COLUMN parent_not_before BIGINT;
ALTER TABLE token ADD COLUMN parent_expires_at BIGINT;
ALTER TABLE token ADD COLUMN parent_dead_at BIGINT;
