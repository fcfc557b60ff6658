-- What services write of keys, away from what decides about keys; and keys by their labels.

-- When a service last saw a key. Services write here, so nothing that changes a key reads or locks
-- this table, and whatever stands in it is borne: any number, and ids that no key has. There is no
-- foreign key, since checking one locks the key's row, and a revocation would wait for that.
-- Rows are written again and again, and no index has the time: room in each page keeps that cheap.
CREATE TABLE keyctl.key_use (
    key_id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(key_id) = 30),
    last_used_at BIGINT
) WITH (fillfactor = 70);

INSERT INTO keyctl.key_use (key_id, last_used_at)
    SELECT id, last_used_at FROM keyctl.key WHERE last_used_at BETWEEN 0 AND 253402300799999;

-- Who could write when a key was used may write it here, and has no right to the table of keys any
-- more. Rights to columns, none to the table: with one of those a role could lock all of it
-- (LOCK TABLE), and keep readers out.
DO $$
DECLARE
    service TEXT;
BEGIN
    FOR service IN
        SELECT DISTINCT r.rolname
        FROM pg_catalog.pg_attribute AS a
        CROSS JOIN LATERAL pg_catalog.aclexplode(a.attacl) AS given
        JOIN pg_catalog.pg_roles AS r ON r.oid = given.grantee
        WHERE a.attrelid = 'keyctl.key'::pg_catalog.regclass AND a.attname = 'last_used_at'
            AND given.privilege_type = 'UPDATE'
    LOOP
        EXECUTE pg_catalog.format(
            'REVOKE SELECT (id, last_used_at), UPDATE (last_used_at) ON keyctl.key FROM %I CASCADE', service);
        EXECUTE pg_catalog.format(
            'GRANT SELECT (key_id, last_used_at), INSERT (key_id, last_used_at), UPDATE (last_used_at)
             ON keyctl.key_use TO %I', service);
    END LOOP;
END
$$;

-- With it goes every right to it that anybody was given, everybody (PUBLIC) included.
ALTER TABLE keyctl.key DROP COLUMN last_used_at;

-- The labels of key, one a row, so that few keys are found among many. Written in the transaction
-- that writes them there; without a foreign key, which would cost a look-up for each.
CREATE TABLE keyctl.key_label (
    name TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    key_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (name, value, key_id)
);

INSERT INTO keyctl.key_label (name, value, key_id)
    SELECT label.key, label.value, k.id
    FROM keyctl.key AS k CROSS JOIN LATERAL pg_catalog.jsonb_each_text(k.labels::pg_catalog.jsonb) AS label
    WHERE k.labels <> '{}'
    ORDER BY 1, 2, 3;
