-- The portal: invitations that are redeemed once, and sessions of people in their browsers.

-- Where it is; NULL for no place.
ALTER TABLE keyctl.head ADD COLUMN portal TEXT COLLATE "C";

-- What made the key, where a person did it through the portal: another key's id, claim:ID or oidc:SUBJECT.
ALTER TABLE keyctl.key ADD COLUMN made_by TEXT COLLATE "C";
CREATE INDEX key_made_by ON keyctl.key (made_by) WHERE made_by IS NOT NULL;

-- A code that somebody was sent, as its hash. What it lets its owner give: scopes, and for how long. The key waits without a
-- token for whoever redeems it. From taken_at on, no more token is made for that.
CREATE TABLE keyctl.claim (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    code_hash TEXT COLLATE "C" NOT NULL UNIQUE,
    owner TEXT COLLATE "C" NOT NULL REFERENCES keyctl.owner (name),
    key_id TEXT COLLATE "C" UNIQUE REFERENCES keyctl.key (id),
    scopes TEXT COLLATE "C" NOT NULL,
    max_expiry_seconds BIGINT CONSTRAINT claim_max_expiry_check CHECK (max_expiry_seconds >= 1),
    made_by TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    redeemed_at BIGINT,
    revoked_at BIGINT,
    taken_at BIGINT
);

CREATE INDEX claim_owner ON keyctl.claim (owner, id);

-- Somebody who is signed in, as the hash of the cookie's secret, and what that came from: a key, by the token that was
-- presented; a claim, of which there is one session ever; or a subject of an OpenID provider. What of it decides is
-- read there. scopes: what it may give; NULL for what its key may do.
CREATE TABLE keyctl.portal_session (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    secret_hash TEXT COLLATE "C" NOT NULL UNIQUE,
    owner TEXT COLLATE "C" NOT NULL REFERENCES keyctl.owner (name),
    key_id TEXT COLLATE "C" REFERENCES keyctl.key (id),
    token_id TEXT COLLATE "C",
    claim_id TEXT COLLATE "C" UNIQUE REFERENCES keyctl.claim (id),
    issuer TEXT COLLATE "C",
    subject TEXT COLLATE "C",
    scopes TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    CONSTRAINT portal_session_source_check CHECK (num_nonnulls(key_id, claim_id, issuer) = 1),
    CONSTRAINT portal_session_token_check CHECK ((key_id IS NULL) = (token_id IS NULL)),
    CONSTRAINT portal_session_subject_check CHECK ((issuer IS NULL) = (subject IS NULL)),
    CONSTRAINT portal_session_scopes_check CHECK ((key_id IS NULL) = (scopes IS NOT NULL))
);

CREATE INDEX portal_session_owner ON keyctl.portal_session (owner, id);

-- When a session was seen last. Use, as leases are: no change is made by it.
CREATE TABLE keyctl.portal_seen (
    session_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    seen_at BIGINT NOT NULL
);

-- Keys that their owner suspended, and when: the owner may let them work again, and no other.
CREATE TABLE keyctl.portal_suspension (
    key_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES keyctl.key (id),
    suspended_at BIGINT NOT NULL
);
