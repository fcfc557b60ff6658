-- What the store asks of every key that is made or changed: NULL and 0 for nothing. Prefixes of tokens with commas between.

ALTER TABLE head ADD COLUMN max_expiry_seconds INTEGER CHECK (max_expiry_seconds >= 1);
ALTER TABLE head ADD COLUMN require_scope INTEGER NOT NULL DEFAULT 0 CHECK (require_scope BETWEEN 0 AND 1);
ALTER TABLE head ADD COLUMN require_expiry INTEGER NOT NULL DEFAULT 0 CHECK (require_expiry BETWEEN 0 AND 1);
ALTER TABLE head ADD COLUMN max_live_keys INTEGER CHECK (max_live_keys BETWEEN 1 AND 1000000);
ALTER TABLE head ADD COLUMN prefixes TEXT;
