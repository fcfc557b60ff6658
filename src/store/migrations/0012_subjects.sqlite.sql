-- An owner has a name, which operators type, and a subject, by which services know it.

-- NULL where the subject is the name. No name is the subject of another owner: every change holds the
-- one lock when it looks, and store check looks again.
ALTER TABLE owner ADD COLUMN subject TEXT
    CHECK (length(subject) BETWEEN 1 AND 255 AND subject NOT GLOB '*[^!-~]*' AND subject <> name);

CREATE UNIQUE INDEX owner_subject ON owner (subject) WHERE subject IS NOT NULL;

-- A copy, as the columns beside it.
ALTER TABLE token ADD COLUMN subject TEXT;

-- What owners were called before, and up to which record of the audit log.
CREATE TABLE owner_before (
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    until_seq INTEGER NOT NULL,
    PRIMARY KEY (owner, until_seq)
) STRICT, WITHOUT ROWID;
