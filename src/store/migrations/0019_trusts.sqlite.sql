-- Trusts: the pipelines of a CI get short-lived tokens for what their CI says of them, and keep no key.

-- Whose tokens are taken, for which audience, and which claims they must have (an object of texts). The issuer's public
-- keys (jwks) where they are given; NULL where they are fetched. The key is what is let in: what ends it ends the trust.
CREATE TABLE trust (
    name TEXT NOT NULL PRIMARY KEY,
    issuer TEXT NOT NULL,
    audience TEXT NOT NULL,
    claims TEXT NOT NULL,
    any_ref INTEGER NOT NULL CHECK (any_ref BETWEEN 0 AND 1),
    ttl_seconds INTEGER NOT NULL CHECK (ttl_seconds BETWEEN 1 AND 3600),
    jwks TEXT,
    key_id TEXT NOT NULL UNIQUE REFERENCES key (id),
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX trust_issuer ON trust (issuer, audience);
