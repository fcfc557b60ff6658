-- What the front door has to know of those who come: which programs may show codes, which get refresh tokens, and from where a
-- program asks.

-- Whether a program that an operator registered may show codes (RFC 8628); those of before may not.
ALTER TABLE mcp_client ADD COLUMN device INTEGER NOT NULL DEFAULT 0 CHECK (device BETWEEN 0 AND 1);

-- Whether it said that it takes refresh tokens (RFC 7591 §2) when somebody said yes. Those of before have theirs.
ALTER TABLE mcp_sign_in ADD COLUMN refreshes INTEGER NOT NULL DEFAULT 1 CHECK (refreshes BETWEEN 0 AND 1);
ALTER TABLE mcp_device ADD COLUMN refreshes INTEGER NOT NULL DEFAULT 1 CHECK (refreshes BETWEEN 0 AND 1);

-- The network that a program without a browser asked from; empty where nobody knows.
ALTER TABLE mcp_device ADD COLUMN asked_from TEXT NOT NULL DEFAULT '';
CREATE INDEX mcp_device_from ON mcp_device (asked_from, created_at);

-- Which invitations a key sent: what was made with those ends with it.
CREATE INDEX claim_made_by ON claim (made_by) WHERE made_by IS NOT NULL;

-- What is over is found by its end.
CREATE INDEX claim_end ON claim (expires_at);
CREATE INDEX portal_session_end ON portal_session (expires_at);

-- Rights are of PostgreSQL alone.
