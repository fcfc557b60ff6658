-- Federations: providers that take a signed identity in the place of a key, and the keys that sign for each of them.

-- What is agreed with the provider, which never changes. The parameters are a JSON object of texts.
CREATE TABLE keyctl.federation (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL CONSTRAINT federation_kind_check CHECK (kind IN ('rfc8693', 'rfc7523', 'anthropic', 'openai')),
    token_endpoint TEXT COLLATE "C" NOT NULL,
    audience TEXT COLLATE "C" NOT NULL,
    issuer TEXT COLLATE "C" NOT NULL,
    typ TEXT COLLATE "C" NOT NULL,
    present TEXT COLLATE "C" NOT NULL CONSTRAINT federation_present_check CHECK (present IN ('bearer', 'x-api-key')),
    parameters TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);

-- The id is the thumbprint of the public key, whose coordinates are in base64url. A key waits until the provider has it,
-- signs, and is retired by the next one; then its sealed private part is gone.
CREATE TABLE keyctl.federation_key (
    kid TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(kid) = 43),
    federation TEXT COLLATE "C" NOT NULL REFERENCES keyctl.federation (name),
    x TEXT COLLATE "C" NOT NULL CHECK (length(x) = 43),
    y TEXT COLLATE "C" NOT NULL CHECK (length(y) = 43),
    master_key_id TEXT COLLATE "C" REFERENCES keyctl.master_key (id),
    envelope BYTEA,
    created_at BIGINT NOT NULL,
    activated_at BIGINT,
    retired_at BIGINT,
    CONSTRAINT federation_key_sealed_check CHECK ((envelope IS NULL) = (master_key_id IS NULL)),
    CONSTRAINT federation_key_gone_check CHECK ((envelope IS NULL) = (retired_at IS NOT NULL))
);

-- One signs, and one is the next.
CREATE UNIQUE INDEX federation_key_current ON keyctl.federation_key (federation, (activated_at IS NULL)) WHERE envelope IS NOT NULL;

CREATE INDEX federation_key_master ON keyctl.federation_key (master_key_id);

-- Secrets without a value: by which federation a token is got, and what it says of whom it is about. What is sealed of such
-- a secret says the same.
CREATE TABLE keyctl.federated_secret (
    secret_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES keyctl.secret (id),
    federation TEXT COLLATE "C" NOT NULL REFERENCES keyctl.federation (name),
    subject TEXT COLLATE "C" NOT NULL
);

CREATE INDEX federated_secret_federation ON keyctl.federated_secret (federation);
