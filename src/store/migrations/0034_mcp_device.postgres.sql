-- Programs on devices without a browser: what they ask for, until somebody types the code that they show.

-- One of them, as the hashes of what it asks again with, and of what is typed; the first of them once more as the challenge of
-- PKCE. No change is made by it, nor by asking again: a sign-in of that code is a person's yes.
CREATE TABLE keyctl.mcp_device (
    code_hash TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    user_hash TEXT COLLATE "C" NOT NULL UNIQUE,
    challenge TEXT COLLATE "C" NOT NULL,
    client TEXT COLLATE "C" NOT NULL,
    client_name TEXT COLLATE "C" NOT NULL,
    scopes TEXT COLLATE "C",
    resource TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    polled_at BIGINT,
    wait_seconds BIGINT NOT NULL,
    denied_at BIGINT
);

CREATE INDEX mcp_device_end ON keyctl.mcp_device (expires_at);
