-- Short-lived tokens (JWTs): the keys that sign them, what they say of where they are from and for whom, and the
-- version of each key, which makes them worthless before they end.

-- Where tokens say that they are from. Whom they may be for, besides: sorted, with commas between.
ALTER TABLE keyctl.head ADD COLUMN issuer TEXT COLLATE "C";
ALTER TABLE keyctl.head ADD COLUMN audiences TEXT COLLATE "C";

-- Whether tokens are issued for a key with networks, a rate or a quota, which whoever verifies offline cannot hold.
ALTER TABLE keyctl.key ADD COLUMN allow_jwt BIGINT NOT NULL DEFAULT 0
    CONSTRAINT key_allow_jwt_check CHECK (allow_jwt BETWEEN 0 AND 1);

-- Raised by all that takes something away from the key: tokens of a version before are refused. By which change it was
-- raised last, and when; NULL if never.
ALTER TABLE keyctl.key ADD COLUMN kver BIGINT NOT NULL DEFAULT 1 CONSTRAINT key_kver_check CHECK (kver >= 1);
ALTER TABLE keyctl.key ADD COLUMN kver_seq BIGINT;
ALTER TABLE keyctl.key ADD COLUMN kver_at BIGINT;

CREATE INDEX key_version ON keyctl.key (kver_seq) WHERE kver_seq IS NOT NULL;

-- Copies, as the columns beside them.
ALTER TABLE keyctl.token ADD COLUMN allow_jwt BIGINT NOT NULL DEFAULT 0;
ALTER TABLE keyctl.token ADD COLUMN kver BIGINT NOT NULL DEFAULT 1;

-- The id is the thumbprint of the public key, whose coordinates are in base64url. The private part is sealed, and gone
-- once the key signs no more. A key is published, signs, signs no more, and is forgotten when its last token ended.
CREATE TABLE keyctl.signing_key (
    kid TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(kid) = 43),
    x TEXT COLLATE "C" NOT NULL CHECK (length(x) = 43),
    y TEXT COLLATE "C" NOT NULL CHECK (length(y) = 43),
    master_key_id TEXT COLLATE "C" REFERENCES keyctl.master_key (id),
    envelope BYTEA,
    created_at BIGINT NOT NULL,
    published_at BIGINT NOT NULL,
    may_sign_at BIGINT NOT NULL,
    signs_from BIGINT,
    signs_until BIGINT,
    tokens_end_at BIGINT,
    revoked_at BIGINT,
    CONSTRAINT signing_key_sealed_check CHECK ((envelope IS NULL) = (master_key_id IS NULL)),
    CONSTRAINT signing_key_gone_check
        CHECK ((envelope IS NULL) = (signs_until IS NOT NULL OR revoked_at IS NOT NULL)),
    CONSTRAINT signing_key_end_check CHECK ((signs_until IS NULL) = (tokens_end_at IS NULL)),
    CONSTRAINT signing_key_from_check CHECK (signs_until IS NULL OR signs_from IS NOT NULL)
);

-- One signs, and one is the next.
CREATE UNIQUE INDEX signing_key_current ON keyctl.signing_key ((signs_from IS NULL)) WHERE envelope IS NOT NULL;

CREATE INDEX signing_key_master ON keyctl.signing_key (master_key_id);
