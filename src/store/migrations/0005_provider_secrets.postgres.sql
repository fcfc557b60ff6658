-- Provider secrets: envelopes that only a master key opens, and who uses which.

-- The key itself is nowhere. A check value tells it from another; from a passphrase it follows
-- by the derivation.
CREATE TABLE master_key (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    check_value BYTEA NOT NULL CHECK (length(check_value) = 32),
    derivation TEXT COLLATE "C",
    registered_at BIGINT NOT NULL,
    retired_at BIGINT,
    encryptions BIGINT NOT NULL CHECK (encryptions >= 0)
);

-- A deleted secret keeps its row until it is purged, and its name is free.
CREATE TABLE secret (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(id) = 30 AND substr(id, 1, 4) = 'sec_'),
    provider TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    labels TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    deleted_at BIGINT,
    version BIGINT NOT NULL CHECK (version >= 1),
    UNIQUE (id, provider)
);

CREATE UNIQUE INDEX secret_live_name ON secret (name) WHERE deleted_at IS NULL;
CREATE INDEX secret_name ON secret (name, id);

CREATE TABLE secret_version (
    secret_id TEXT COLLATE "C" NOT NULL REFERENCES secret (id),
    version BIGINT NOT NULL CHECK (version >= 1),
    master_key_id TEXT COLLATE "C" NOT NULL REFERENCES master_key (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    envelope BYTEA NOT NULL CHECK (length(envelope) >= 102),
    PRIMARY KEY (secret_id, version)
);

CREATE INDEX secret_version_master_key ON secret_version (master_key_id, secret_id, version);

-- subject_kind is key, owner or store; subject_id is empty for the store.
CREATE TABLE binding (
    subject_kind TEXT COLLATE "C" NOT NULL CHECK (subject_kind IN ('key', 'owner', 'store')),
    subject_id TEXT COLLATE "C" NOT NULL CHECK ((subject_id = '') = (subject_kind = 'store')),
    provider TEXT COLLATE "C" NOT NULL,
    secret_id TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (subject_kind, subject_id, provider),
    FOREIGN KEY (secret_id, provider) REFERENCES secret (id, provider)
);

CREATE INDEX binding_secret ON binding (secret_id, provider, subject_kind, subject_id);
