-- What keyctl serve reads beside the views of the other readers.

-- By whose quotas a token is counted, and which of its key's tokens it is.
CREATE VIEW public.keyctl_serve_v1 AS
SELECT token_hash, key_id, owner, generation, rate, key_quota, owner_quota, labels
FROM keyctl.token;

CREATE VIEW public.keyctl_key_roles_v1 AS
SELECT key_id, role
FROM keyctl.key_role;

-- Every scope that a key or a role was ever given.
CREATE VIEW public.keyctl_scopes_v1 AS
SELECT name
FROM keyctl.scope;
