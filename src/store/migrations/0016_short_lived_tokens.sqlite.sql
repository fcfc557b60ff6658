-- Short-lived tokens (JWTs): the keys that sign them, what they say of where they are from and for whom, and the
-- version of each key, which makes them worthless before they end.

-- Where tokens say that they are from. Whom they may be for, besides: sorted, with commas between.
ALTER TABLE head ADD COLUMN issuer TEXT;
ALTER TABLE head ADD COLUMN audiences TEXT;

-- Whether tokens are issued for a key with networks, a rate or a quota, which whoever verifies offline cannot hold.
ALTER TABLE key ADD COLUMN allow_jwt INTEGER NOT NULL DEFAULT 0 CHECK (allow_jwt BETWEEN 0 AND 1);

-- Raised by all that takes something away from the key: tokens of a version before are refused. By which change it was
-- raised last, and when; NULL if never.
ALTER TABLE key ADD COLUMN kver INTEGER NOT NULL DEFAULT 1 CHECK (kver >= 1);
ALTER TABLE key ADD COLUMN kver_seq INTEGER;
ALTER TABLE key ADD COLUMN kver_at INTEGER;

CREATE INDEX key_version ON key (kver_seq) WHERE kver_seq IS NOT NULL;

-- Copies, as the columns beside them.
ALTER TABLE token ADD COLUMN allow_jwt INTEGER NOT NULL DEFAULT 0;
ALTER TABLE token ADD COLUMN kver INTEGER NOT NULL DEFAULT 1;

-- The id is the thumbprint of the public key, whose coordinates are in base64url. The private part is sealed, and gone
-- once the key signs no more. A key is published, signs, signs no more, and is forgotten when its last token ended.
CREATE TABLE signing_key (
    kid TEXT NOT NULL PRIMARY KEY CHECK (length(kid) = 43),
    x TEXT NOT NULL CHECK (length(x) = 43),
    y TEXT NOT NULL CHECK (length(y) = 43),
    master_key_id TEXT REFERENCES master_key (id),
    envelope BLOB,
    created_at INTEGER NOT NULL,
    published_at INTEGER NOT NULL,
    may_sign_at INTEGER NOT NULL,
    signs_from INTEGER,
    signs_until INTEGER,
    tokens_end_at INTEGER,
    revoked_at INTEGER,
    CHECK ((envelope IS NULL) = (master_key_id IS NULL)),
    CHECK ((envelope IS NULL) = (signs_until IS NOT NULL OR revoked_at IS NOT NULL)),
    CHECK ((signs_until IS NULL) = (tokens_end_at IS NULL)),
    CHECK (signs_until IS NULL OR signs_from IS NOT NULL)
) STRICT, WITHOUT ROWID;

-- One signs, and one is the next.
CREATE UNIQUE INDEX signing_key_current ON signing_key ((signs_from IS NULL)) WHERE envelope IS NOT NULL;

CREATE INDEX signing_key_master ON signing_key (master_key_id);
