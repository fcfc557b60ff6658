-- Trusts: the pipelines of a CI get short-lived tokens for what their CI says of them, and keep no key.

-- Whose tokens are taken, for which audience, and which claims they must have (an object of texts). The issuer's public
-- keys (jwks) where they are given; NULL where they are fetched. The key is what is let in: what ends it ends the trust.
CREATE TABLE keyctl.trust (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    issuer TEXT COLLATE "C" NOT NULL,
    audience TEXT COLLATE "C" NOT NULL,
    claims TEXT COLLATE "C" NOT NULL,
    any_ref BIGINT NOT NULL CONSTRAINT trust_any_ref_check CHECK (any_ref BETWEEN 0 AND 1),
    ttl_seconds BIGINT NOT NULL CONSTRAINT trust_ttl_check CHECK (ttl_seconds BETWEEN 1 AND 3600),
    jwks TEXT COLLATE "C",
    key_id TEXT COLLATE "C" NOT NULL UNIQUE REFERENCES keyctl.key (id),
    created_at BIGINT NOT NULL
);

CREATE INDEX trust_issuer ON keyctl.trust (issuer, audience);
