-- What manifests made, and where the tokens of their keys stand.

-- Which manifest made a key: it alone may revoke it when its entry is gone.
CREATE TABLE keyctl.provisioned (
    key_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES keyctl.key (id),
    manifest TEXT COLLATE "C" NOT NULL
);

CREATE INDEX provisioned_manifest ON keyctl.provisioned (manifest, key_id);

-- Where a token of a key was delivered last. The token itself stands there, and nowhere here.
CREATE TABLE keyctl.delivered (
    key_id TEXT COLLATE "C" NOT NULL REFERENCES keyctl.key (id),
    sink TEXT COLLATE "C" NOT NULL,
    token_id TEXT COLLATE "C" NOT NULL CONSTRAINT delivered_token_check CHECK (length(token_id) = 12),
    at BIGINT NOT NULL,
    PRIMARY KEY (key_id, sink)
);

-- Who applies a manifest, until when: another one waits. Use, as leases are: no change is made by it.
CREATE TABLE keyctl.manifest_hold (
    manifest TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    holder TEXT COLLATE "C" NOT NULL,
    ends_at BIGINT NOT NULL
);
