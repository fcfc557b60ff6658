-- Keys that are there to be found: revoked for all who ask, and an alarm where one appears. Only keyctl serve, the intake of leaks
-- and operators read which they are.
CREATE TABLE keyctl.canary (
    key_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES keyctl.key (id),
    created_at BIGINT NOT NULL
);

-- Where one appeared, in the hour that begins then. address: '' where it is not known; path: without its query, '' where there were
-- more than are told apart. recorded: how much of the count the audit log has. Use, as disclosures are: no change is made by it.
CREATE TABLE keyctl.canary_sighting (
    key_id TEXT COLLATE "C" NOT NULL,
    hour BIGINT NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    path TEXT COLLATE "C" NOT NULL,
    token_id TEXT COLLATE "C" NOT NULL,
    count BIGINT NOT NULL,
    recorded BIGINT NOT NULL DEFAULT 0,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (key_id, hour, address, path)
);

CREATE INDEX canary_sighting_first ON keyctl.canary_sighting (first_at, key_id);
CREATE INDEX canary_sighting_waiting ON keyctl.canary_sighting (key_id, hour, address, path) WHERE recorded < count;
