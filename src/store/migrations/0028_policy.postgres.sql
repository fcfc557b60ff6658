-- What the store asks of every key that is made or changed: NULL and 0 for nothing. Prefixes of tokens with commas between.

ALTER TABLE keyctl.head
    ADD COLUMN max_expiry_seconds BIGINT CONSTRAINT head_max_expiry_check CHECK (max_expiry_seconds >= 1),
    ADD COLUMN require_scope BIGINT NOT NULL DEFAULT 0
        CONSTRAINT head_require_scope_check CHECK (require_scope BETWEEN 0 AND 1),
    ADD COLUMN require_expiry BIGINT NOT NULL DEFAULT 0
        CONSTRAINT head_require_expiry_check CHECK (require_expiry BETWEEN 0 AND 1),
    ADD COLUMN max_live_keys BIGINT
        CONSTRAINT head_max_live_keys_check CHECK (max_live_keys BETWEEN 1 AND 1000000),
    ADD COLUMN prefixes TEXT COLLATE "C";
