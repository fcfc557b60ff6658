-- A suspension may end by itself, at a moment that readers compare with their clock, as they do with an expiry. What a key is
-- to live for stands beside its end once somebody moved that; and a note, for people.
ALTER TABLE key ADD COLUMN suspended_until INTEGER;
ALTER TABLE key ADD COLUMN lifetime INTEGER CHECK (lifetime > 0);
ALTER TABLE key ADD COLUMN note TEXT CHECK (length(note) BETWEEN 1 AND 500);

-- Copies, as the columns beside them. The second is set where nothing but its suspension stops a parent.
ALTER TABLE token ADD COLUMN suspended_until INTEGER;
ALTER TABLE token ADD COLUMN parent_dead_until INTEGER;
