-- Everything lives in the schema keyctl; the connection's search_path names it alone.

CREATE SCHEMA keyctl;

CREATE TABLE schema_migration (
    version BIGINT NOT NULL PRIMARY KEY,
    applied_at BIGINT NOT NULL
);

-- Milliseconds since 1970 by the database's clock, read anew at each call.
CREATE FUNCTION now_ms() RETURNS BIGINT LANGUAGE sql VOLATILE
    AS $$ SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) $$;

-- Times are Unix milliseconds in UTC. NULL in a time means "not", in a limit "none".

CREATE TABLE head (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    store_uuid BYTEA NOT NULL CHECK (length(store_uuid) = 16),
    created_at BIGINT NOT NULL,
    default_prefix TEXT COLLATE "C" NOT NULL,
    default_expiry_seconds BIGINT CHECK (default_expiry_seconds > 0),
    mark_counter BIGINT NOT NULL CHECK (mark_counter >= 0),
    mark_nonce TEXT COLLATE "C" NOT NULL,
    audit_seq BIGINT NOT NULL CHECK (audit_seq >= 0),
    audit_hash BYTEA NOT NULL CHECK (length(audit_hash) = 32)
);

CREATE TABLE owner (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    created_at BIGINT NOT NULL,
    disabled_at BIGINT
);

CREATE TABLE key (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(id) = 30 AND substr(id, 1, 4) = 'key_'),
    owner TEXT COLLATE "C" NOT NULL REFERENCES owner (name),
    name TEXT COLLATE "C" NOT NULL,
    scopes TEXT COLLATE "C" NOT NULL,
    networks TEXT COLLATE "C" NOT NULL,
    labels TEXT COLLATE "C" NOT NULL,
    rate TEXT COLLATE "C",
    quota TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    not_before BIGINT,
    expires_at BIGINT,
    expires_sort BIGINT NOT NULL GENERATED ALWAYS AS (COALESCE(expires_at, 9223372036854775807)) STORED,
    suspended_at BIGINT,
    revoked_at BIGINT,
    revoke_reason TEXT COLLATE "C",
    last_used_at BIGINT,
    generation BIGINT NOT NULL CHECK (generation >= 1)
);

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
    token_hash TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(token_hash) = 64),
    hash_alg TEXT COLLATE "C" NOT NULL CHECK (hash_alg = 'sha256'),
    token_id TEXT COLLATE "C" NOT NULL UNIQUE CHECK (length(token_id) = 12),
    prefix TEXT COLLATE "C" NOT NULL,
    key_id TEXT COLLATE "C" NOT NULL REFERENCES key (id),
    generation BIGINT NOT NULL CHECK (generation >= 1),
    created_at BIGINT NOT NULL,
    grace_ends_at BIGINT,
    key_name TEXT COLLATE "C" NOT NULL,
    owner TEXT COLLATE "C" NOT NULL,
    scopes TEXT COLLATE "C" NOT NULL,
    networks TEXT COLLATE "C" NOT NULL,
    labels TEXT COLLATE "C" NOT NULL,
    rate TEXT COLLATE "C",
    quota TEXT COLLATE "C",
    not_before BIGINT,
    expires_at BIGINT,
    suspended_at BIGINT,
    revoked_at BIGINT,
    owner_disabled_at BIGINT
);

CREATE UNIQUE INDEX token_key ON token (key_id, generation);

CREATE TABLE audit (
    seq BIGINT NOT NULL PRIMARY KEY CHECK (seq >= 1),
    body TEXT COLLATE "C" NOT NULL,
    hash BYTEA NOT NULL CHECK (length(hash) = 32)
);

-- The keys that recent changes affected, for readers that keep answers.
CREATE TABLE change (
    seq BIGINT NOT NULL,
    key_id TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (seq, key_id)
);
