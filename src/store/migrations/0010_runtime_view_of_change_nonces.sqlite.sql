-- As before, and at the end the nonce of the mark that each change made.

DROP VIEW keyctl_changes_v1;

CREATE VIEW keyctl_changes_v1 AS
SELECT head.mark_counter || '-' || head.mark_nonce AS mark, change.seq, change.key_id, change.at, change.nonce
FROM head LEFT JOIN change ON 1;
