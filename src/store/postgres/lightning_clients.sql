CREATE OR REPLACE VIEW public.lightning_clients WITH (security_barrier = true) AS
SELECT
    t.owner || '/' || t.key_name || CASE WHEN issued.grace_ends_at IS NULL THEN '' ELSE ' (previous)' END AS name,
    t.token_hash AS auth_token_hash,
    sealed.ciphertext AS anthropic_api_key
FROM public.keyctl_tokens_v1 AS t
JOIN keyctl.token AS issued ON issued.token_hash = t.token_hash
CROSS JOIN keyctl.apollo AS compat
LEFT JOIN keyctl.binding AS of_key
    ON of_key.subject_kind = 'key' AND of_key.subject_id = t.key_id AND of_key.provider = 'anthropic'
LEFT JOIN keyctl.binding AS of_owner
    ON of_owner.subject_kind = 'owner' AND of_owner.subject_id = t.owner AND of_owner.provider = 'anthropic'
LEFT JOIN keyctl.binding AS of_store
    ON of_store.subject_kind = 'store' AND of_store.subject_id = '' AND of_store.provider = 'anthropic'
-- OFFSET 0: planned by itself. With all relations in one list, above join_collapse_limit, every secret is read.
CROSS JOIN LATERAL (
    SELECT s.secret_id, s.version, s.state, s.provider FROM public.keyctl_secrets_v1 AS s
    WHERE s.secret_id = COALESCE(of_key.secret_id, of_owner.secret_id, of_store.secret_id) OFFSET 0
) AS secret
JOIN keyctl.apollo_secret AS sealed
    ON sealed.secret_id = secret.secret_id AND sealed.version = secret.version
WHERE t.state = 'active' AND t.hash_alg = 'sha256'
    AND t.networks = '[]' AND t.rate IS NULL AND t.quota IS NULL
    AND EXISTS (
        SELECT 1 FROM jsonb_array_elements_text(t.scopes::jsonb) AS held
        JOIN jsonb_array_elements_text(compat.coverers::jsonb) AS coverer ON coverer.value = held.value
    )
    AND secret.state = 'active' AND secret.provider = 'anthropic'
    AND substr(sealed.ciphertext, 1, 7) = 'enc:v1:'
