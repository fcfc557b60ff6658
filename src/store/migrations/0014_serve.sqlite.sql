-- What keyctl serve writes of use, away from what decides about keys; and quotas of owners.

-- What all keys of an owner may spend together.
ALTER TABLE owner ADD COLUMN quota TEXT;

CREATE INDEX owner_quota ON owner (name) WHERE quota IS NOT NULL;

-- quota is from now on the key's, or else its owner's: whoever reads it and counts nothing refuses the key.
-- Beside it stand both, as the columns there copies.
ALTER TABLE token ADD COLUMN key_quota TEXT;
ALTER TABLE token ADD COLUMN owner_quota TEXT;

UPDATE token SET key_quota = quota WHERE quota IS NOT NULL;

-- The tables below are written by keyctl serve, and nothing that changes a key reads or locks them. There are no
-- foreign keys, and whatever stands here is borne: any number, and ids that nothing has.

-- When each token was used, and from where last.
CREATE TABLE token_use (
    token_id TEXT NOT NULL PRIMARY KEY CHECK (length(token_id) = 12),
    first_used_at INTEGER,
    last_used_at INTEGER,
    last_address TEXT CHECK (length(last_address) <= 64)
) STRICT, WITHOUT ROWID;

-- Answers of each key and day. Days count from 1970 in UTC.
CREATE TABLE key_day (
    key_id TEXT NOT NULL CHECK (length(key_id) = 30),
    day INTEGER NOT NULL,
    allowed INTEGER,
    denied INTEGER,
    PRIMARY KEY (key_id, day)
) STRICT, WITHOUT ROWID;

-- What was spent of a quota in a period: 2027-01-31, 2027-01 or total. subject_kind is key or owner, subject_id the
-- id of the one, the name of the other.
CREATE TABLE quota_spent (
    subject_kind TEXT NOT NULL CHECK (subject_kind IN ('key', 'owner')),
    subject_id TEXT NOT NULL CHECK (length(subject_id) <= 254),
    period TEXT NOT NULL CHECK (length(period) <= 10),
    spent INTEGER,
    PRIMARY KEY (subject_kind, subject_id, period)
) STRICT, WITHOUT ROWID;

-- What a policy that only observes would have denied, by reason and day.
CREATE TABLE would_deny (
    day INTEGER NOT NULL,
    policy TEXT NOT NULL CHECK (length(policy) <= 200),
    reason TEXT NOT NULL CHECK (length(reason) <= 40),
    count INTEGER,
    PRIMARY KEY (day, policy, reason)
) STRICT, WITHOUT ROWID;

-- Secrets that were handed out since the audit log was told last: of which key, and whose token asked for it.
CREATE TABLE disclosure (
    secret_id TEXT NOT NULL CHECK (length(secret_id) = 30),
    version INTEGER NOT NULL,
    key_id TEXT NOT NULL CHECK (length(key_id) = 30),
    asked_by TEXT NOT NULL CHECK (length(asked_by) = 30),
    count INTEGER,
    first_at INTEGER,
    last_at INTEGER,
    PRIMARY KEY (secret_id, version, key_id, asked_by)
) STRICT, WITHOUT ROWID;

-- Up to which change each running keyctl serve answers by. at is 0 of one that has ended.
CREATE TABLE serve_claim (
    instance TEXT NOT NULL PRIMARY KEY CHECK (length(instance) BETWEEN 1 AND 100),
    store TEXT NOT NULL CHECK (length(store) = 36),
    seq INTEGER,
    at INTEGER
) STRICT, WITHOUT ROWID;
