-- What keyctl serve writes of use, away from what decides about keys; and quotas of owners.

-- What all keys of an owner may spend together.
ALTER TABLE keyctl.owner ADD COLUMN quota TEXT COLLATE "C";

CREATE INDEX owner_quota ON keyctl.owner (name) WHERE quota IS NOT NULL;

-- quota is from now on the key's, or else its owner's: whoever reads it and counts nothing refuses the key.
-- Beside it stand both, as the columns there copies.
ALTER TABLE keyctl.token ADD COLUMN key_quota TEXT COLLATE "C";
ALTER TABLE keyctl.token ADD COLUMN owner_quota TEXT COLLATE "C";

UPDATE keyctl.token SET key_quota = quota WHERE quota IS NOT NULL;

-- The tables below are written by keyctl serve, and nothing that changes a key reads or locks them. There are no
-- foreign keys, since checking one locks the row that it names, and whatever stands here is borne: any number, and
-- ids that nothing has. Most rows are written again and again: room in each page keeps that cheap.

-- When each token was used, and from where last.
CREATE TABLE keyctl.token_use (
    token_id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(token_id) = 12),
    first_used_at BIGINT,
    last_used_at BIGINT,
    last_address TEXT COLLATE "C" CHECK (length(last_address) <= 64)
) WITH (fillfactor = 70);

-- Answers of each key and day. Days count from 1970 in UTC.
CREATE TABLE keyctl.key_day (
    key_id TEXT COLLATE "C" NOT NULL CHECK (length(key_id) = 30),
    day BIGINT NOT NULL,
    allowed BIGINT,
    denied BIGINT,
    PRIMARY KEY (key_id, day)
) WITH (fillfactor = 70);

-- What was spent of a quota in a period: 2027-01-31, 2027-01 or total. subject_kind is key or owner, subject_id the
-- id of the one, the name of the other.
CREATE TABLE keyctl.quota_spent (
    subject_kind TEXT COLLATE "C" NOT NULL CHECK (subject_kind IN ('key', 'owner')),
    subject_id TEXT COLLATE "C" NOT NULL CHECK (length(subject_id) <= 254),
    period TEXT COLLATE "C" NOT NULL CHECK (length(period) <= 10),
    spent BIGINT,
    PRIMARY KEY (subject_kind, subject_id, period)
) WITH (fillfactor = 70);

-- What a policy that only observes would have denied, by reason and day.
CREATE TABLE keyctl.would_deny (
    day BIGINT NOT NULL,
    policy TEXT COLLATE "C" NOT NULL CHECK (length(policy) <= 200),
    reason TEXT COLLATE "C" NOT NULL CHECK (length(reason) <= 40),
    count BIGINT,
    PRIMARY KEY (day, policy, reason)
) WITH (fillfactor = 70);

-- Secrets that were handed out since the audit log was told last: of which key, and whose token asked for it.
CREATE TABLE keyctl.disclosure (
    secret_id TEXT COLLATE "C" NOT NULL CHECK (length(secret_id) = 30),
    version BIGINT NOT NULL,
    key_id TEXT COLLATE "C" NOT NULL CHECK (length(key_id) = 30),
    asked_by TEXT COLLATE "C" NOT NULL CHECK (length(asked_by) = 30),
    count BIGINT,
    first_at BIGINT,
    last_at BIGINT,
    PRIMARY KEY (secret_id, version, key_id, asked_by)
) WITH (fillfactor = 70);

-- Up to which change each running keyctl serve answers by. at is 0 of one that has ended.
CREATE TABLE keyctl.serve_claim (
    instance TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(instance) BETWEEN 1 AND 100),
    store TEXT COLLATE "C" NOT NULL CHECK (length(store) = 36),
    seq BIGINT,
    at BIGINT
) WITH (fillfactor = 70);
