-- Which mark each change made, so that a reader that remembers one can tell whether this history
-- ever had it.
ALTER TABLE keyctl.change ADD COLUMN nonce TEXT COLLATE "C";
