-- What verifies and issues short-lived tokens reads.

-- What verifiers read. From valid_until on there is no token of the key; NULL while it may sign.
CREATE VIEW public.keyctl_signing_keys_v1 AS
SELECT kid, x, y, published_at, signs_from, tokens_end_at AS valid_until
FROM keyctl.signing_key
WHERE revoked_at IS NULL;

-- raised_seq and raised_at: by which change the version was raised last, and when.
CREATE VIEW public.keyctl_key_versions_v1 AS
SELECT id AS key_id, kver, kver_seq AS raised_seq, kver_at AS raised_at
FROM keyctl.key;

CREATE VIEW public.keyctl_jwt_v1 AS
SELECT issuer, audiences
FROM keyctl.head;

-- The one key that signs now, sealed: for those alone who issue.
CREATE VIEW public.keyctl_signers_v1 AS
SELECT kid, envelope
FROM keyctl.signing_key
WHERE envelope IS NOT NULL AND signs_from IS NOT NULL;

-- As before, and at the end what issuing takes.
CREATE OR REPLACE VIEW public.keyctl_serve_v1 AS
SELECT token_hash, key_id, owner, generation, rate, key_quota, owner_quota, labels, allow_jwt, kver
FROM keyctl.token;
