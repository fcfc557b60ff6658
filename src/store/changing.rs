//! Roles that change the store over HTTP, each in one way, and what they are granted for it.

use std::collections::BTreeSet;

/// What a role is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changing {
    /// Holders of tokens end their keys.
    Revoke,
    /// Tokens of credentials are got anew, and handed out.
    Lease,
    /// People make, renew, stop and end keys of their own.
    Portal,
    /// The same, and let programs in.
    PortalIssue,
    /// Keys whose tokens were reported are stopped.
    Leaks,
}

/// A right: verb, table, and columns, or none of them for the table. With a privilege to a whole table, a role could lock all
/// of it against readers, so what is written has its columns wherever PostgreSQL knows that.
pub(super) type Right = (&'static str, &'static str, &'static [&'static str]);

/// Of every change: the head is locked and moved, a record linked, old changes are forgotten.
const EVERY: [Right; 9] = [
    ("SELECT", "schema_migration", &[]),
    ("SELECT", "head", &[]),
    ("SELECT", "owner", &[]),
    ("SELECT", "key", &[]),
    ("SELECT", "change", &["seq", "key_id"]),
    ("UPDATE", "head", &["mark_counter", "mark_nonce", "audit_seq", "audit_hash"]),
    ("INSERT", "audit", &["seq", "body", "hash"]),
    ("INSERT", "change", &["seq", "key_id", "at", "nonce"]),
    ("DELETE", "change", &[]),
];

/// Whole rows are read, and these columns written. So this role could also take a revocation back, or lock the table of
/// changes: what the one writes, `store check` compares with the audit log, and who has the other can stop every key in any
/// case.
const REVOKE: [Right; 9] = [
    ("SELECT", "key_role", &[]),
    ("SELECT", "role", &[]),
    ("SELECT", "token", &[]),
    ("SELECT", "binding", &[]),
    ("SELECT", "secret", &[]),
    ("SELECT", "key_use", &[]),
    // Which invitations a key sent: what was made with those ends with it.
    ("SELECT", "claim", &["id", "made_by"]),
    ("UPDATE", "key", &["revoked_at", "revoke_reason", "kver", "kver_seq", "kver_at"]),
    ("UPDATE", "token", &["revoked_at", "parent_dead_at", "kver"]),
];

/// New versions of credentials, their attempts and leases; old versions are removed. So this role could remove others, too:
/// it is for a process of its own.
const LEASE: [Right; 38] = [
    ("SELECT", "key_role", &[]),
    ("SELECT", "role", &[]),
    ("SELECT", "token", &[]),
    ("SELECT", "key_use", &[]),
    ("SELECT", "binding", &[]),
    ("SELECT", "secret", &[]),
    ("SELECT", "secret_version", &[]),
    ("SELECT", "master_key", &[]),
    ("SELECT", "signing_key", &["master_key_id"]),
    ("SELECT", "apollo", &[]),
    ("SELECT", "apollo_secret", &[]),
    ("SELECT", "oauth_credential", &[]),
    ("SELECT", "oauth_envelope", &[]),
    ("SELECT", "oauth_attempt", &[]),
    ("SELECT", "oauth_use", &[]),
    ("SELECT", "oauth_lease", &[]),
    ("SELECT", "federation", &[]),
    ("SELECT", "federation_key", &[]),
    ("SELECT", "federated_secret", &[]),
    ("SELECT", "disclosure", &[]),
    ("UPDATE", "secret", &["version"]),
    (
        "INSERT",
        "secret_version",
        &["secret_id", "version", "master_key_id", "created_at", "expires_at", "envelope"],
    ),
    ("DELETE", "secret_version", &[]),
    ("INSERT", "apollo_secret", &["secret_id", "version", "ciphertext"]),
    ("DELETE", "apollo_secret", &[]),
    ("UPDATE", "master_key", &["encryptions"]),
    ("UPDATE", "oauth_credential", &["scopes", "state", "refreshed_at"]),
    ("INSERT", "oauth_envelope", &["secret_id", "part", "version", "master_key_id", "envelope"]),
    ("UPDATE", "oauth_envelope", &["version", "master_key_id", "envelope"]),
    (
        "INSERT",
        "oauth_attempt",
        &[
            "secret_id",
            "version",
            "fence",
            "holder",
            "started_at",
            "ends_at",
            "retry_at",
            "failures",
            "uncertain",
            "failure",
        ],
    ),
    (
        "UPDATE",
        "oauth_attempt",
        &[
            "version",
            "fence",
            "holder",
            "started_at",
            "ends_at",
            "retry_at",
            "failures",
            "uncertain",
            "failure",
        ],
    ),
    ("INSERT", "oauth_use", &["secret_id", "fence", "announced", "last_lease"]),
    ("UPDATE", "oauth_use", &["fence", "announced", "last_lease"]),
    (
        "INSERT",
        "oauth_lease",
        &[
            "lease_id",
            "secret_id",
            "holder",
            "fence",
            "version",
            "acquired_at",
            "expires_at",
            "who",
            "key_id",
        ],
    ),
    ("UPDATE", "oauth_lease", &["expires_at"]),
    ("DELETE", "oauth_lease", &[]),
    ("INSERT", "disclosure", &["secret_id", "version", "key_id", "asked_by", "count", "first_at", "last_at"]),
    ("UPDATE", "disclosure", &["count", "last_at"]),
];

/// What a change of a key writes into the rows of its tokens: all that is copied there, anew from where it stands.
const REWRITTEN: [&str; 24] = [
    "grace_ends_at",
    "scopes",
    "key_name",
    "owner",
    "networks",
    "labels",
    "rate",
    "quota",
    "not_before",
    "expires_at",
    "suspended_at",
    "revoked_at",
    "owner_disabled_at",
    "parent_networks",
    "parent_not_before",
    "parent_expires_at",
    "parent_dead_at",
    "subject",
    "key_quota",
    "owner_quota",
    "allow_jwt",
    "kver",
    "suspended_until",
    "parent_dead_until",
];

/// Keys are made, get other tokens, are stopped and ended; owners are invited; codes and sessions of people are kept.
/// No value of a secret is read, and no key that signs. A row of a key without a token goes where it gets its first, so rows of tokens can be
/// removed, too: a key that lost one is refused, and `store check` finds it.
const PORTAL: [Right; 32] = [
    ("SELECT", "key_role", &[]),
    ("SELECT", "role", &[]),
    ("SELECT", "token", &[]),
    ("SELECT", "binding", &[]),
    ("SELECT", "secret", &[]),
    ("SELECT", "key_use", &[]),
    ("SELECT", "key_day", &[]),
    ("SELECT", "scope", &[]),
    ("SELECT", "claim", &[]),
    ("SELECT", "portal_session", &[]),
    ("SELECT", "portal_seen", &[]),
    ("SELECT", "portal_suspension", &[]),
    ("INSERT", "owner", &["name", "created_at", "subject"]),
    ("UPDATE", "owner", &["created_at", "disabled_at", "deleted_at"]),
    (
        "INSERT",
        "key",
        &[
            "id",
            "owner",
            "name",
            "scopes",
            "networks",
            "labels",
            "rate",
            "quota",
            "created_at",
            "not_before",
            "expires_at",
            "generation",
            "parent",
            "allow_jwt",
        ],
    ),
    (
        "UPDATE",
        "key",
        &[
            "made_by",
            "name",
            "scopes",
            "networks",
            "labels",
            "rate",
            "quota",
            "not_before",
            "allow_jwt",
            "note",
            "generation",
            "expires_at",
            "lifetime",
            "suspended_at",
            "suspended_until",
            "revoked_at",
            "revoke_reason",
            "kver",
            "kver_seq",
            "kver_at",
        ],
    ),
    ("INSERT", "scope", &["name"]),
    (
        "INSERT",
        "token",
        &[
            "token_hash",
            "hash_alg",
            "token_id",
            "prefix",
            "key_id",
            "generation",
            "created_at",
            "scopes",
            "key_name",
            "owner",
            "networks",
            "labels",
            "rate",
            "quota",
            "not_before",
            "expires_at",
            "suspended_at",
            "revoked_at",
            "owner_disabled_at",
            "parent_networks",
            "parent_not_before",
            "parent_expires_at",
            "parent_dead_at",
            "subject",
            "key_quota",
            "owner_quota",
            "allow_jwt",
            "kver",
            "suspended_until",
            "parent_dead_until",
        ],
    ),
    ("UPDATE", "token", &REWRITTEN),
    ("DELETE", "token", &[]),
    (
        "INSERT",
        "claim",
        &[
            "id",
            "code_hash",
            "owner",
            "key_id",
            "scopes",
            "max_expiry_seconds",
            "made_by",
            "created_at",
            "expires_at",
        ],
    ),
    ("UPDATE", "claim", &["redeemed_at", "revoked_at", "taken_at"]),
    (
        "INSERT",
        "portal_session",
        &[
            "id",
            "secret_hash",
            "owner",
            "key_id",
            "token_id",
            "claim_id",
            "issuer",
            "subject",
            "scopes",
            "created_at",
            "expires_at",
        ],
    ),
    ("UPDATE", "portal_session", &["token_id", "ended_at"]),
    ("INSERT", "portal_seen", &["session_id", "seen_at"]),
    ("UPDATE", "portal_seen", &["seen_at"]),
    ("INSERT", "portal_suspension", &["key_id", "suspended_at"]),
    ("UPDATE", "portal_suspension", &["suspended_at"]),
    ("DELETE", "portal_suspension", &[]),
    ("DELETE", "claim", &[]),
    ("DELETE", "portal_session", &[]),
    ("DELETE", "portal_seen", &[]),
];

/// Programs are let in besides: codes, refresh tokens and what waits on devices are kept, and the key that signs is read, sealed as it
/// is. Without the master key it is nothing, and it is for who issues alone.
const PORTAL_ISSUE: [Right; 13] = [
    ("SELECT", "master_key", &[]),
    ("SELECT", "signing_key", &[]),
    ("SELECT", "mcp_client", &[]),
    ("SELECT", "mcp_grant", &[]),
    ("SELECT", "mcp_sign_in", &[]),
    ("SELECT", "mcp_device", &[]),
    ("INSERT", "mcp_grant", &["key_id", "client", "client_name", "resource", "created_at"]),
    (
        "INSERT",
        "mcp_sign_in",
        &["id", "key_id", "code_hash", "redirect_uri", "challenge", "created_at", "expires_at", "refreshes"],
    ),
    (
        "UPDATE",
        "mcp_sign_in",
        &["family_hash", "refresh_hash", "redeemed_at", "refreshed_at", "expires_at", "ended_at"],
    ),
    ("DELETE", "mcp_sign_in", &[]),
    (
        "INSERT",
        "mcp_device",
        &[
            "code_hash",
            "user_hash",
            "challenge",
            "client",
            "client_name",
            "scopes",
            "resource",
            "created_at",
            "expires_at",
            "wait_seconds",
            "refreshes",
            "asked_from",
        ],
    ),
    ("UPDATE", "mcp_device", &["polled_at", "wait_seconds", "denied_at"]),
    ("DELETE", "mcp_device", &[]),
];

/// Keys are revoked and suspended, and the old tokens of rotations end; what was reported is written down, and where canaries
/// were seen; who reports spends a quota. The rows of
/// tokens are rewritten from their keys', so this role could write others there, which `store check` finds. No key is made.
const LEAKS: [Right; 22] = [
    ("SELECT", "key_role", &[]),
    ("SELECT", "role", &[]),
    ("SELECT", "token", &[]),
    ("SELECT", "binding", &[]),
    ("SELECT", "secret", &[]),
    ("SELECT", "key_use", &[]),
    ("SELECT", "claim", &["id", "made_by"]),
    ("SELECT", "leak_report", &[]),
    ("SELECT", "leak_sighting", &[]),
    (
        "UPDATE",
        "key",
        &["suspended_at", "suspended_until", "revoked_at", "revoke_reason", "kver", "kver_seq", "kver_at"],
    ),
    ("UPDATE", "token", &REWRITTEN),
    (
        "INSERT",
        "leak_report",
        &["digest", "source", "reporter", "note", "known", "unknown", "left_out", "received_at", "done_at"],
    ),
    ("INSERT", "leak_sighting", &["digest", "token_id", "key_id", "deed"]),
    ("SELECT", "quota_spent", &["subject_kind", "subject_id", "period", "spent"]),
    ("INSERT", "quota_spent", &["subject_kind", "subject_id", "period", "spent"]),
    ("UPDATE", "quota_spent", &["spent"]),
    ("SELECT", "canary", &[]),
    ("SELECT", "canary_sighting", &["key_id", "hour", "address", "path", "count", "last_at"]),
    (
        "INSERT",
        "canary_sighting",
        &["key_id", "hour", "address", "path", "token_id", "count", "first_at", "last_at"],
    ),
    ("UPDATE", "canary_sighting", &["count", "last_at"]),
    ("SELECT", "portal_suspension", &[]),
    ("DELETE", "portal_suspension", &[]),
];

impl Changing {
    pub(super) fn rights(self) -> impl Iterator<Item = Right> {
        let (own, more): (&[Right], &[Right]) = match self {
            Self::Revoke => (&REVOKE, &[]),
            Self::Lease => (&LEASE, &[]),
            Self::Portal => (&PORTAL, &[]),
            Self::PortalIssue => (&PORTAL, &PORTAL_ISSUE),
            Self::Leaks => (&LEAKS, &[]),
        };
        EVERY.iter().chain(own).chain(more).copied()
    }

    /// The tables.
    pub(super) fn tables(self) -> Vec<&'static str> {
        let tables: BTreeSet<&str> = self.rights().map(|(_, table, _)| table).collect();
        tables.into_iter().collect()
    }

    /// What grants it to `%I`, whom the server itself puts in.
    pub(super) fn grants(self) -> Vec<String> {
        let one = |(verb, table, columns): Right| {
            let columns =
                if columns.is_empty() { String::new() } else { format!(" ({})", columns.join(", ")) };
            format!("GRANT {verb}{columns} ON keyctl.{table} TO %I")
        };
        std::iter::once("GRANT USAGE ON SCHEMA keyctl TO %I".to_owned())
            .chain(self.rights().map(one))
            .collect()
    }
}
