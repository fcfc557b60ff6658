-- What the front door has to know of those who come: which programs may show codes, which get refresh tokens, and from where a
-- program asks.

-- Whether a program that an operator registered may show codes (RFC 8628); those of before may not.
ALTER TABLE keyctl.mcp_client ADD COLUMN device BIGINT NOT NULL DEFAULT 0
    CONSTRAINT mcp_client_device_check CHECK (device BETWEEN 0 AND 1);

-- Whether it said that it takes refresh tokens (RFC 7591 §2) when somebody said yes. Those of before have theirs.
ALTER TABLE keyctl.mcp_sign_in ADD COLUMN refreshes BIGINT NOT NULL DEFAULT 1
    CONSTRAINT mcp_sign_in_refreshes_check CHECK (refreshes BETWEEN 0 AND 1);
ALTER TABLE keyctl.mcp_device ADD COLUMN refreshes BIGINT NOT NULL DEFAULT 1
    CONSTRAINT mcp_device_refreshes_check CHECK (refreshes BETWEEN 0 AND 1);

-- The network that a program without a browser asked from; empty where nobody knows.
ALTER TABLE keyctl.mcp_device ADD COLUMN asked_from TEXT COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX mcp_device_from ON keyctl.mcp_device (asked_from, created_at);

-- Which invitations a key sent: what was made with those ends with it.
CREATE INDEX claim_made_by ON keyctl.claim (made_by) WHERE made_by IS NOT NULL;

-- What is over is found by its end.
CREATE INDEX claim_end ON keyctl.claim (expires_at);
CREATE INDEX portal_session_end ON keyctl.portal_session (expires_at);

-- Whoever ends keys reads who sent invitations; whoever keeps sessions forgets them, and whoever lets programs in writes what is new.
DO $$
DECLARE
    role TEXT;
    part RECORD;
BEGIN
    FOR part IN
        SELECT * FROM (VALUES
            ('keyctl.key', 'revoked_at', 'UPDATE', 'GRANT SELECT (id, made_by) ON keyctl.claim TO %I'),
            ('keyctl.portal_session', 'id', 'INSERT', 'GRANT DELETE ON keyctl.claim, keyctl.portal_session, keyctl.portal_seen TO %I'),
            ('keyctl.mcp_sign_in', 'id', 'INSERT', 'GRANT INSERT (refreshes) ON keyctl.mcp_sign_in TO %I'),
            ('keyctl.mcp_device', 'code_hash', 'INSERT', 'GRANT INSERT (refreshes, asked_from) ON keyctl.mcp_device TO %I')
        ) AS parts (may, what, verb, gets)
    LOOP
        FOR role IN
            SELECT DISTINCT r.rolname
            FROM pg_catalog.pg_attribute AS a
            JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
            CROSS JOIN LATERAL pg_catalog.aclexplode(a.attacl) AS given
            JOIN pg_catalog.pg_roles AS r ON r.oid = given.grantee
            WHERE a.attrelid = pg_catalog.to_regclass(part.may) AND a.attname = part.what
                AND given.privilege_type = part.verb AND given.grantee <> c.relowner
        LOOP
            EXECUTE pg_catalog.format(part.gets, role);
        END LOOP;
    END LOOP;
END
$$;
