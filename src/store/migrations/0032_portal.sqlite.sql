-- The portal: invitations that are redeemed once, and sessions of people in their browsers.

-- Where it is; NULL for no place.
ALTER TABLE head ADD COLUMN portal TEXT;

-- What made the key, where a person did it through the portal: another key's id, claim:ID or oidc:SUBJECT.
ALTER TABLE key ADD COLUMN made_by TEXT;
CREATE INDEX key_made_by ON key (made_by) WHERE made_by IS NOT NULL;

-- A code that somebody was sent, as its hash. What it lets its owner give: scopes, and for how long. The key waits without a
-- token for whoever redeems it. From taken_at on, no more token is made for that.
CREATE TABLE claim (
    id TEXT NOT NULL PRIMARY KEY,
    code_hash TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL REFERENCES owner (name),
    key_id TEXT UNIQUE REFERENCES key (id),
    scopes TEXT NOT NULL,
    max_expiry_seconds INTEGER CHECK (max_expiry_seconds >= 1),
    made_by TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    redeemed_at INTEGER,
    revoked_at INTEGER,
    taken_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX claim_owner ON claim (owner, id);

-- Somebody who is signed in, as the hash of the cookie's secret, and what that came from: a key, by the token that was
-- presented; a claim, of which there is one session ever; or a subject of an OpenID provider. What of it decides is
-- read there. scopes: what it may give; NULL for what its key may do.
CREATE TABLE portal_session (
    id TEXT NOT NULL PRIMARY KEY,
    secret_hash TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL REFERENCES owner (name),
    key_id TEXT REFERENCES key (id),
    token_id TEXT,
    claim_id TEXT UNIQUE REFERENCES claim (id),
    issuer TEXT,
    subject TEXT,
    scopes TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER,
    CHECK ((key_id IS NOT NULL) + (claim_id IS NOT NULL) + (issuer IS NOT NULL) = 1),
    CHECK ((key_id IS NULL) = (token_id IS NULL)),
    CHECK ((issuer IS NULL) = (subject IS NULL)),
    CHECK ((key_id IS NULL) = (scopes IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX portal_session_owner ON portal_session (owner, id);

-- When a session was seen last. Use, as leases are: no change is made by it.
CREATE TABLE portal_seen (
    session_id TEXT NOT NULL PRIMARY KEY,
    seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Keys that their owner suspended, and when: the owner may let them work again, and no other.
CREATE TABLE portal_suspension (
    key_id TEXT NOT NULL PRIMARY KEY REFERENCES key (id),
    suspended_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
