-- A suspension may end by itself, at a moment that readers compare with their clock, as they do with an expiry. What a key is
-- to live for stands beside its end once somebody moved that; and a note, for people.
ALTER TABLE keyctl.key ADD COLUMN IF NOT EXISTS suspended_until BIGINT;
ALTER TABLE keyctl.key ADD COLUMN IF NOT EXISTS lifetime BIGINT CONSTRAINT key_lifetime_check CHECK (lifetime > 0);
ALTER TABLE keyctl.key ADD COLUMN IF NOT EXISTS note TEXT COLLATE "C" CONSTRAINT key_note_check CHECK (char_length(note) BETWEEN 1 AND 500);

-- Copies, as the columns beside them. The second is set where nothing but its suspension stops a parent.
ALTER TABLE keyctl.token ADD COLUMN IF NOT EXISTS suspended_until BIGINT;
ALTER TABLE keyctl.token ADD COLUMN IF NOT EXISTS parent_dead_until BIGINT;
