-- Keys that are there to be found: revoked for all who ask, and an alarm where one appears. Only keyctl serve, the intake of leaks
-- and operators read which they are.
CREATE TABLE canary (
    key_id TEXT NOT NULL PRIMARY KEY REFERENCES key (id),
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Where one appeared, in the hour that begins then. address: '' where it is not known; path: without its query, '' where there were
-- more than are told apart. recorded: how much of the count the audit log has. Use, as disclosures are: no change is made by it.
CREATE TABLE canary_sighting (
    key_id TEXT NOT NULL,
    hour INTEGER NOT NULL,
    address TEXT NOT NULL,
    path TEXT NOT NULL,
    token_id TEXT NOT NULL,
    count INTEGER NOT NULL,
    recorded INTEGER NOT NULL DEFAULT 0,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (key_id, hour, address, path)
) STRICT, WITHOUT ROWID;

CREATE INDEX canary_sighting_first ON canary_sighting (first_at, key_id);
CREATE INDEX canary_sighting_waiting ON canary_sighting (key_id, hour, address, path) WHERE recorded < count;
