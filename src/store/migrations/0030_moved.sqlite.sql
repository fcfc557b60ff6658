-- Where a store went. With moved_to alone it is on its way: nothing is changed here any more, and readers go on. From moved_at on
-- it answers nobody: no reader knows version 0 of the views, and each says that the store cannot be had, not that a token is bad.
ALTER TABLE head ADD COLUMN moved_to TEXT;
ALTER TABLE head ADD COLUMN moved_at INTEGER;
-- The end of its log and of its marks then: so no change is taken, also from a program that knows of no moves.
ALTER TABLE head ADD COLUMN moved_mark TEXT
    CHECK (moved_to IS NULL OR COALESCE(moved_mark = mark_nonce || ' ' || audit_seq, 0));
