-- Federations: providers that take a signed identity in the place of a key, and the keys that sign for each of them.

-- What is agreed with the provider, which never changes. The parameters are a JSON object of texts.
CREATE TABLE federation (
    name TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('rfc8693', 'rfc7523', 'anthropic', 'openai')),
    token_endpoint TEXT NOT NULL,
    audience TEXT NOT NULL,
    issuer TEXT NOT NULL,
    typ TEXT NOT NULL,
    present TEXT NOT NULL CHECK (present IN ('bearer', 'x-api-key')),
    parameters TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The id is the thumbprint of the public key, whose coordinates are in base64url. A key waits until the provider has it,
-- signs, and is retired by the next one; then its sealed private part is gone.
CREATE TABLE federation_key (
    kid TEXT NOT NULL PRIMARY KEY CHECK (length(kid) = 43),
    federation TEXT NOT NULL REFERENCES federation (name),
    x TEXT NOT NULL CHECK (length(x) = 43),
    y TEXT NOT NULL CHECK (length(y) = 43),
    master_key_id TEXT REFERENCES master_key (id),
    envelope BLOB,
    created_at INTEGER NOT NULL,
    activated_at INTEGER,
    retired_at INTEGER,
    CHECK ((envelope IS NULL) = (master_key_id IS NULL)),
    CHECK ((envelope IS NULL) = (retired_at IS NOT NULL))
) STRICT, WITHOUT ROWID;

-- One signs, and one is the next.
CREATE UNIQUE INDEX federation_key_current ON federation_key (federation, (activated_at IS NULL)) WHERE envelope IS NOT NULL;

CREATE INDEX federation_key_master ON federation_key (master_key_id);

-- Secrets without a value: by which federation a token is got, and what it says of whom it is about. What is sealed of such
-- a secret says the same.
CREATE TABLE federated_secret (
    secret_id TEXT NOT NULL PRIMARY KEY REFERENCES secret (id),
    federation TEXT NOT NULL REFERENCES federation (name),
    subject TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX federated_secret_federation ON federated_secret (federation);
