-- Reports of leaked tokens that came over HTTP. Use, as leases are: no change is made by it.

-- A report by the SHA-256 of its body, in hex: it acts once. reporter: the key that sent it; NULL where it was signed. When it came,
-- and when what follows of it was done.
CREATE TABLE keyctl.leak_report (
    digest TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    source TEXT COLLATE "C" NOT NULL CONSTRAINT leak_report_source_check CHECK (source IN ('github_alert', 'github_partner', 'report')),
    reporter TEXT COLLATE "C",
    note TEXT COLLATE "C",
    known BIGINT NOT NULL,
    unknown BIGINT NOT NULL,
    left_out BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    done_at BIGINT NOT NULL
);

CREATE INDEX leak_report_received ON keyctl.leak_report (received_at, digest);

-- A token of ours in it, and what was done about it.
CREATE TABLE keyctl.leak_sighting (
    digest TEXT COLLATE "C" NOT NULL,
    token_id TEXT COLLATE "C" NOT NULL,
    key_id TEXT COLLATE "C" NOT NULL,
    deed TEXT COLLATE "C" NOT NULL CONSTRAINT leak_sighting_deed_check CHECK (deed IN ('recorded', 'suspended', 'revoked', 'ended_grace', 'dead_before')),
    PRIMARY KEY (digest, token_id)
);

CREATE INDEX leak_sighting_key ON keyctl.leak_sighting (key_id, digest);
