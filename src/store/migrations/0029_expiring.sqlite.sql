-- What ends soon is found by its end, and told once.

CREATE INDEX token_grace ON token (grace_ends_at, token_id) WHERE grace_ends_at > 0;

CREATE INDEX secret_version_end ON secret_version (expires_at, secret_id) WHERE expires_at IS NOT NULL;

-- What was told of last, by which way, of which end and at which stage: 1 for 14 days before it, 2 for 3, 3 for 1, 4 for the
-- end itself. Written once it was delivered. Use, as leases are: no change is made by it.
CREATE TABLE notified (
    channel TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    ends_at INTEGER NOT NULL,
    stage INTEGER NOT NULL CHECK (stage BETWEEN 1 AND 4),
    told_at INTEGER NOT NULL,
    PRIMARY KEY (channel, kind, id)
) STRICT, WITHOUT ROWID;

-- Who tells, until when: another one waits.
CREATE TABLE notify_hold (
    channel TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
