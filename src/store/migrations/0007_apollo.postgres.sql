-- What the view that OpenFn Apollo reads is made of. It shows nothing but these ciphertexts, and
-- Apollo takes any other text for a key in the clear: so no other can stand here.

CREATE TABLE apollo (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    scope TEXT COLLATE "C" NOT NULL,
    -- Every scope that covers it, as sorted JSON.
    coverers TEXT COLLATE "C" NOT NULL,
    -- Tells APOLLO_ENC_KEY from another key; the key itself is nowhere.
    key_check BYTEA NOT NULL CHECK (length(key_check) = 32),
    created_at BIGINT NOT NULL
);

-- enc:v1: and base64 of 12 bytes of nonce, 16 of tag, and at least one of ciphertext.
CREATE TABLE apollo_secret (
    secret_id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    ciphertext TEXT COLLATE "C" NOT NULL CHECK (
        ciphertext ~ '^enc:v1:[A-Za-z0-9+/]+={0,2}$'
        AND length(ciphertext) >= 47
        AND (length(ciphertext) - 7) % 4 = 0
    ),
    PRIMARY KEY (secret_id, version),
    FOREIGN KEY (secret_id, version) REFERENCES secret_version (secret_id, version)
);
