-- Reports of leaked tokens that came over HTTP. Use, as leases are: no change is made by it.

-- A report by the SHA-256 of its body, in hex: it acts once. reporter: the key that sent it; NULL where it was signed. When it came,
-- and when what follows of it was done.
CREATE TABLE leak_report (
    digest TEXT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL CHECK (source IN ('github_alert', 'github_partner', 'report')),
    reporter TEXT,
    note TEXT,
    known INTEGER NOT NULL,
    unknown INTEGER NOT NULL,
    left_out INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    done_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX leak_report_received ON leak_report (received_at, digest);

-- A token of ours in it, and what was done about it.
CREATE TABLE leak_sighting (
    digest TEXT NOT NULL,
    token_id TEXT NOT NULL,
    key_id TEXT NOT NULL,
    deed TEXT NOT NULL CHECK (deed IN ('recorded', 'suspended', 'revoked', 'ended_grace', 'dead_before')),
    PRIMARY KEY (digest, token_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX leak_sighting_key ON leak_sighting (key_id, digest);
