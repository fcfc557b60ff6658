-- What the view that OpenFn Apollo reads is made of. Apollo reads PostgreSQL alone: here these
-- tables stay empty.

CREATE TABLE apollo (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    scope TEXT NOT NULL,
    -- Every scope that covers it, as sorted JSON.
    coverers TEXT NOT NULL,
    -- Tells APOLLO_ENC_KEY from another key; the key itself is nowhere.
    key_check BLOB NOT NULL CHECK (length(key_check) = 32),
    created_at INTEGER NOT NULL
) STRICT;

-- enc:v1: and base64 of 12 bytes of nonce, 16 of tag, and at least one of ciphertext.
CREATE TABLE apollo_secret (
    secret_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    ciphertext TEXT NOT NULL CHECK (
        substr(ciphertext, 1, 7) = 'enc:v1:'
        AND rtrim(substr(ciphertext, 8), '=') NOT GLOB '*[^A-Za-z0-9+/]*'
        AND length(ciphertext) - length(rtrim(ciphertext, '=')) <= 2
        AND length(ciphertext) >= 47
        AND (length(ciphertext) - 7) % 4 = 0
    ),
    PRIMARY KEY (secret_id, version),
    FOREIGN KEY (secret_id, version) REFERENCES secret_version (secret_id, version)
) STRICT;
