-- What ends soon is found by its end, and told once.

CREATE INDEX token_grace ON keyctl.token (grace_ends_at, token_id) WHERE grace_ends_at > 0;

CREATE INDEX secret_version_end ON keyctl.secret_version (expires_at, secret_id) WHERE expires_at IS NOT NULL;

-- What was told of last, by which way, of which end and at which stage: 1 for 14 days before it, 2 for 3, 3 for 1, 4 for the
-- end itself. Written once it was delivered. Use, as leases are: no change is made by it.
CREATE TABLE keyctl.notified (
    channel TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    ends_at BIGINT NOT NULL,
    stage BIGINT NOT NULL CONSTRAINT notified_stage_check CHECK (stage BETWEEN 1 AND 4),
    told_at BIGINT NOT NULL,
    PRIMARY KEY (channel, kind, id)
);

-- Who tells, until when: another one waits.
CREATE TABLE keyctl.notify_hold (
    channel TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    holder TEXT COLLATE "C" NOT NULL,
    ends_at BIGINT NOT NULL
);
