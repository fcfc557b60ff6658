-- What services write of keys, away from what decides about keys; and keys by their labels.

-- When a service last saw a key. Whatever stands here is borne: any number, and ids that no key has.
CREATE TABLE key_use (
    key_id TEXT NOT NULL PRIMARY KEY CHECK (length(key_id) = 30),
    last_used_at INTEGER
) STRICT, WITHOUT ROWID;

INSERT INTO key_use (key_id, last_used_at)
    SELECT id, last_used_at FROM key WHERE last_used_at BETWEEN 0 AND 253402300799999;

ALTER TABLE key DROP COLUMN last_used_at;

-- The labels of key, one a row, so that few keys are found among many. Written in the transaction
-- that writes them there; without a foreign key, which would cost a look-up for each.
CREATE TABLE key_label (
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    key_id TEXT NOT NULL,
    PRIMARY KEY (name, value, key_id)
) STRICT, WITHOUT ROWID;

INSERT INTO key_label (name, value, key_id)
    SELECT label.key, label.value, k.id FROM key AS k, json_each(k.labels) AS label
    WHERE k.labels <> '{}'
    ORDER BY 1, 2, 3;
