-- Clients that speak MCP: who they are, what people let them do, and each time that they came by it.

-- Those that an operator registered. redirect_uris: where browsers may be sent back to, as a JSON array.
CREATE TABLE mcp_client (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    redirect_uris TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A child of a person's key, which has no token of its own, and for whom it is: a client (its id, or the address of its
-- metadata), with the name that it had then, and the resource that its tokens are for.
CREATE TABLE mcp_grant (
    key_id TEXT NOT NULL PRIMARY KEY REFERENCES key (id),
    client TEXT NOT NULL,
    client_name TEXT NOT NULL,
    resource TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX mcp_grant_client ON mcp_grant (client);

-- One time that a person said yes: a code, and the tokens that came of it, as hashes. All refresh tokens of one begin alike:
-- family_hash is of that part, refresh_hash of the whole of the last one. expires_at: of the code, and then of the refresh token.
CREATE TABLE mcp_sign_in (
    id TEXT NOT NULL PRIMARY KEY,
    key_id TEXT NOT NULL REFERENCES mcp_grant (key_id),
    code_hash TEXT NOT NULL UNIQUE,
    redirect_uri TEXT NOT NULL,
    challenge TEXT NOT NULL,
    family_hash TEXT UNIQUE,
    refresh_hash TEXT,
    created_at INTEGER NOT NULL,
    redeemed_at INTEGER,
    refreshed_at INTEGER,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER,
    CHECK ((family_hash IS NULL) = (refresh_hash IS NULL)),
    CHECK ((family_hash IS NULL) = (redeemed_at IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX mcp_sign_in_key ON mcp_sign_in (key_id, id);
CREATE INDEX mcp_sign_in_end ON mcp_sign_in (expires_at);
