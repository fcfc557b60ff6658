-- What manifests made, and where the tokens of their keys stand.

-- Which manifest made a key: it alone may revoke it when its entry is gone.
CREATE TABLE provisioned (
    key_id TEXT NOT NULL PRIMARY KEY REFERENCES key (id),
    manifest TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX provisioned_manifest ON provisioned (manifest, key_id);

-- Where a token of a key was delivered last. The token itself stands there, and nowhere here.
CREATE TABLE delivered (
    key_id TEXT NOT NULL REFERENCES key (id),
    sink TEXT NOT NULL,
    token_id TEXT NOT NULL CHECK (length(token_id) = 12),
    at INTEGER NOT NULL,
    PRIMARY KEY (key_id, sink)
) STRICT, WITHOUT ROWID;

-- Who applies a manifest, until when: another one waits. Use, as leases are: no change is made by it.
CREATE TABLE manifest_hold (
    manifest TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
