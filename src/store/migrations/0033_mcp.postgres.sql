-- Clients that speak MCP: who they are, what people let them do, and each time that they came by it.

-- Those that an operator registered. redirect_uris: where browsers may be sent back to, as a JSON array.
CREATE TABLE keyctl.mcp_client (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    redirect_uris TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);

-- A child of a person's key, which has no token of its own, and for whom it is: a client (its id, or the address of its
-- metadata), with the name that it had then, and the resource that its tokens are for.
CREATE TABLE keyctl.mcp_grant (
    key_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES keyctl.key (id),
    client TEXT COLLATE "C" NOT NULL,
    client_name TEXT COLLATE "C" NOT NULL,
    resource TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE INDEX mcp_grant_client ON keyctl.mcp_grant (client);

-- One time that a person said yes: a code, and the tokens that came of it, as hashes. All refresh tokens of one begin alike:
-- family_hash is of that part, refresh_hash of the whole of the last one. expires_at: of the code, and then of the refresh token.
CREATE TABLE keyctl.mcp_sign_in (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    key_id TEXT COLLATE "C" NOT NULL REFERENCES keyctl.mcp_grant (key_id),
    code_hash TEXT COLLATE "C" NOT NULL UNIQUE,
    redirect_uri TEXT COLLATE "C" NOT NULL,
    challenge TEXT COLLATE "C" NOT NULL,
    family_hash TEXT COLLATE "C" UNIQUE,
    refresh_hash TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    redeemed_at BIGINT,
    refreshed_at BIGINT,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    CONSTRAINT mcp_sign_in_refresh_check CHECK ((family_hash IS NULL) = (refresh_hash IS NULL)),
    CONSTRAINT mcp_sign_in_redeemed_check CHECK ((family_hash IS NULL) = (redeemed_at IS NULL))
);

CREATE INDEX mcp_sign_in_key ON keyctl.mcp_sign_in (key_id, id);
CREATE INDEX mcp_sign_in_end ON keyctl.mcp_sign_in (expires_at);
