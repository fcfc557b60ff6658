-- Programs on devices without a browser: what they ask for, until somebody types the code that they show.

-- One of them, as the hashes of what it asks again with, and of what is typed; the first of them once more as the challenge of
-- PKCE. No change is made by it, nor by asking again: a sign-in of that code is a person's yes.
CREATE TABLE mcp_device (
    code_hash TEXT NOT NULL PRIMARY KEY,
    user_hash TEXT NOT NULL UNIQUE,
    challenge TEXT NOT NULL,
    client TEXT NOT NULL,
    client_name TEXT NOT NULL,
    scopes TEXT,
    resource TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    polled_at INTEGER,
    wait_seconds INTEGER NOT NULL,
    denied_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX mcp_device_end ON mcp_device (expires_at);
