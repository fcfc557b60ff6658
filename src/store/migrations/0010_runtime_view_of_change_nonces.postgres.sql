-- As before, and at the end the nonce of the mark that each change made.

CREATE OR REPLACE VIEW public.keyctl_changes_v1 AS
SELECT head.mark_counter || '-' || head.mark_nonce AS mark, change.seq, change.key_id, change.at, change.nonce
FROM keyctl.head LEFT JOIN keyctl.change ON TRUE;
