//! Keys and their owners.

pub(super) mod bulk;
pub(super) mod candidates;
pub(super) mod effective;
pub(super) mod filter;
pub(super) mod labels;
pub(super) mod list;
pub(super) mod pending;
pub(super) mod tokens;
pub(super) mod used;
pub(super) mod versions;

use std::sync::LazyLock;

use super::error::Result;
use super::many;
use super::session::{Cells, Row, Session, Sql, Statement, Value};
use super::tx::Tx;
use crate::domain::id::KeyId;
use crate::domain::keys::key::{IssuedToken, Key, LastUse, ParentLifetime};
use crate::domain::keys::network::Networks;
use crate::domain::keys::rules::Allowed;
use crate::domain::keys::scope::Scopes;
use crate::domain::keys::token::TokenHash;
use crate::domain::owners::role::RoleName;
use crate::domain::time::Timestamp;

/// What is read of a key. When it was last used stands elsewhere: see [`self::used`].
pub(super) const COLUMNS: &str = "SELECT k.id, k.owner, k.name, k.scopes, k.networks, k.labels, k.rate, k.quota, k.created_at, \
     k.not_before, k.expires_at, k.suspended_at, k.revoked_at, k.revoke_reason, o.disabled_at, k.generation, \
     CASE WHEN c.token_hash < 'g' THEN c.prefix END AS prefix, c.created_at, c.hash_alg, p.prefix, p.created_at, p.hash_alg, p.grace_ends_at, \
     (SELECT string_agg(r.role, ',') FROM keyctl.key_role r WHERE r.key_id = k.id) AS roles, c.scopes AS effective, \
     k.parent, c.parent_not_before, c.parent_expires_at, c.parent_dead_at, COALESCE(o.subject, o.name) AS subject, \
     k.allow_jwt, \
     (SELECT string_agg(q.generation || ' ' || q.prefix || ' ' || q.created_at, ',') FROM keyctl.token q \
       WHERE q.key_id = k.id AND q.generation > 4294967296 AND q.grace_ends_at IS NULL) AS pending, \
     k.suspended_until, c.parent_dead_until, k.lifetime, k.note, k.made_by";

pub(super) const JOINS: &str = "JOIN keyctl.owner o ON o.name = k.owner \
     JOIN keyctl.token c ON c.key_id = k.id AND c.generation = k.generation \
     LEFT JOIN keyctl.token p ON p.key_id = k.id AND p.generation = k.generation - 1 AND p.grace_ends_at > keyctl.now_ms()";

pub(super) fn read_key(row: &Row<'_>) -> Result<Key> {
    let cells = row.of("key");
    let (owner, token) = (row.of("owner"), row.of("token"));
    let time_of = |cells: &Cells<'_>, column| match cells.opt_int(column)? {
        None => Ok(None),
        Some(millis) => Timestamp::from_millis(millis).map(Some).ok_or_else(|| cells.corrupt(column)),
    };
    let time = |column| time_of(&cells, column);
    let known = |cells: &Cells<'_>, column| time_of(cells, column)?.ok_or_else(|| cells.corrupt(column));
    let previous_token = match token.opt_text(19)? {
        None => None,
        Some(_) => Some(IssuedToken { expires_at: time_of(&token, 22)?, ..read_token(&token, 19)? }),
    };
    Ok(Key {
        id: cells.parsed(0, |text| text.parse().ok())?,
        owner: cells.parsed(1, |text| text.parse().ok())?,
        subject: owner.parsed(29, |text| text.parse().ok())?,
        name: cells.parsed(2, |text| text.parse().ok())?,
        scopes: cells.parsed(3, Scopes::from_json)?,
        networks: cells.parsed(4, Networks::from_json)?,
        labels: cells.parsed(5, |text| serde_json::from_str(text).ok())?,
        rate: cells.opt_parsed(6, |text| text.parse().ok())?,
        quota: cells.opt_parsed(7, |text| text.parse().ok())?,
        created_at: known(&cells, 8)?,
        not_before: time(9)?,
        expires_at: time(10)?,
        suspended_at: time(11)?,
        suspended_until: time(32)?,
        lives_for: cells.opt_int(34)?,
        note: cells.opt_parsed(35, |text| text.parse().ok())?,
        made_by: cells.opt_parsed(36, |text| text.parse().ok())?,
        revoked_at: time(12)?,
        revoke_reason: cells.opt_text(13)?.map(str::to_owned),
        owner_disabled_at: time_of(&owner, 14)?,
        last_used: LastUse::Unknown,
        generation: cells.int(15)?,
        token: match token.opt_text(16)? {
            None => None,
            Some(_) => Some(read_token(&token, 16)?),
        },
        previous_token,
        pending_tokens: token.opt_parsed(31, pending::read)?.unwrap_or_default(),
        roles: cells.opt_parsed(23, RoleName::parse_joined)?.unwrap_or_default(),
        effective_scopes: token.parsed(24, Scopes::from_json)?,
        parent: cells.opt_parsed(25, |text| text.parse().ok())?,
        parent_lifetime: ParentLifetime {
            not_before: time_of(&token, 26)?,
            expires_at: time_of(&token, 27)?,
            dead_at: time_of(&token, 28)?,
            dead_until: time_of(&token, 33)?,
        },
        allow_jwt: cells.int(30)? != 0,
    })
}

/// A token whose prefix, time and algorithm stand in the columns from `first` on.
fn read_token(cells: &Cells<'_>, first: usize) -> Result<IssuedToken> {
    let created_at = Timestamp::from_millis(cells.int(first + 1)?);
    Ok(IssuedToken {
        prefix: cells.parsed(first, |text| text.parse().ok())?,
        created_at: created_at.ok_or_else(|| cells.corrupt(first + 1))?,
        expires_at: None,
        hash_alg: cells.parsed(first + 2, |text| text.parse().ok())?,
    })
}

/// An owner's unrevoked key of a name, as every mint asks for.
static LIVE_BY_NAME: LazyLock<String> = LazyLock::new(|| {
    format!("{COLUMNS} FROM keyctl.key k {JOINS} WHERE k.owner = $1 AND k.name = $2 AND k.revoked_at IS NULL")
});

pub(super) fn live_by_name(session: &mut dyn Session, values: &[Value]) -> Result<Option<Key>> {
    Ok(query_keys(session, LIVE_BY_NAME.as_str(), values)?.pop())
}

pub(super) fn read_keys(session: &mut dyn Session, condition: &str, values: &[Value]) -> Result<Vec<Key>> {
    query_keys(session, format!("{COLUMNS} FROM keyctl.key k {JOINS} {condition}"), values)
}

pub(super) fn query_keys(
    session: &mut dyn Session,
    sql: impl Into<Sql>,
    values: &[Value],
) -> Result<Vec<Key>> {
    let mut keys = Vec::new();
    session.query(sql.into(), values, &mut |row| {
        keys.push(read_key(row)?);
        Ok(())
    })?;
    Ok(keys)
}

/// The same; the column behind them is [`used::COLUMN`].
pub(super) fn query_keys_with_use(
    session: &mut dyn Session,
    sql: String,
    values: &[Value],
) -> Result<Vec<Key>> {
    let mut keys = Vec::new();
    session.query(Sql::Built(sql), values, &mut |row| {
        keys.push(Key { last_used: used::read(&row.of("key_use"), 37), ..read_key(row)? });
        Ok(())
    })?;
    Ok(keys)
}

/// The columns of a new key, as [`values`] gives them.
const NEW: &str = "INSERT INTO keyctl.key (id, owner, name, scopes, networks, labels, rate, quota, created_at, \
    not_before, expires_at, generation, parent, allow_jwt) VALUES";

const INSERT: &str = "INSERT INTO keyctl.key (id, owner, name, scopes, networks, labels, rate, quota, created_at, \
    not_before, expires_at, generation, parent, allow_jwt) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";

static INSERT_MANY: LazyLock<String> = LazyLock::new(|| format!("{NEW} {}", many::groups(many::ROWS, 14)));

fn values(key: &Key) -> [Value; 14] {
    [
        key.id.to_string().into(),
        key.owner.as_str().into(),
        key.name.as_str().into(),
        key.scopes.to_json().into(),
        key.networks.to_json().into(),
        key.labels.to_json().into(),
        key.rate.map(|rate| rate.to_string()).into(),
        key.quota.map(|quota| quota.to_string()).into(),
        key.created_at.as_millis().into(),
        key.not_before.map(Timestamp::as_millis).into(),
        key.expires_at.map(Timestamp::as_millis).into(),
        key.generation.into(),
        key.parent.map(|parent| parent.to_string()).into(),
        i64::from(key.allow_jwt).into(),
    ]
}

/// Writes the row of a new key.
pub(super) fn insert(key: &Key) -> Statement {
    Statement::row(INSERT, &INSERT_MANY, values(key))
}

impl Tx<'_> {
    /// Stores a key with its first token; its owner is created if it is new. The effective
    /// scopes are taken as they are.
    pub fn insert_key(&mut self, key: Allowed<'_>, hash: &TokenHash) {
        let key = key.key();
        self.insert_without_token(key);
        self.insert_token(key, hash);
        self.touch(key.id);
    }

    /// The same of a key without a token.
    pub(crate) fn insert_tokenless_key(&mut self, key: Allowed<'_>) {
        let key = key.key();
        self.insert_without_token(key);
        self.insert_no_token(key);
        self.touch(key.id);
    }

    fn insert_without_token(&mut self, key: &Key) {
        self.ensure_owner(&key.owner, &key.subject);
        self.pending.push(insert(key));
        self.add_texts(key);
        self.add_labels(key);
        self.name_scopes(&key.scopes);
        self.give_roles(key.id, &key.roles);
    }

    /// What few keys have.
    pub(super) fn add_texts(&mut self, key: &Key) {
        if let Some(note) = &key.note {
            let sql = "UPDATE keyctl.key SET note = $2 WHERE id = $1";
            self.pending.push(Statement::new(sql, [key.id.to_string().into(), note.to_string().into()]));
        }
        // Few have one, and those that are imported by the thousand have none.
        if let Some(made_by) = &key.made_by {
            self.pending.push(Statement::new(
                "UPDATE keyctl.key SET made_by = $2 WHERE id = $1",
                [key.id.to_string().into(), made_by.to_string().into()],
            ));
        }
    }

    /// Stores what may change of a live key, but for its roles and the index of its labels, and for whether it is
    /// suspended. What follows from it for its tokens and its children is up to [`Tx::refresh_key`].
    pub fn update_key(&mut self, key: Allowed<'_>) {
        let key = key.key();
        self.pending.push(Statement::new(
            "UPDATE keyctl.key SET name = $2, scopes = $3, networks = $4, labels = $5, rate = $6, quota = $7,
                not_before = $8, expires_at = $9, allow_jwt = $10, lifetime = $11, note = $12
             WHERE id = $1 AND revoked_at IS NULL",
            [
                key.id.to_string().into(),
                key.name.as_str().into(),
                key.scopes.to_json().into(),
                key.networks.to_json().into(),
                key.labels.to_json().into(),
                key.rate.map(|rate| rate.to_string()).into(),
                key.quota.map(|quota| quota.to_string()).into(),
                key.not_before.map(Timestamp::as_millis).into(),
                key.expires_at.map(Timestamp::as_millis).into(),
                i64::from(key.allow_jwt).into(),
                key.lives_for.into(),
                key.note.as_ref().map(ToString::to_string).into(),
            ],
        ));
        self.name_scopes(&key.scopes);
    }

    /// Stores since when a live key is suspended, and until when; `None` lets it work again. What follows from it for its tokens and its
    /// children is up to [`Tx::refresh_key`].
    pub fn suspend_key(&mut self, key: KeyId, since: Option<Timestamp>, until: Option<Timestamp>) {
        self.pending.push(Statement::new(
            "UPDATE keyctl.key SET suspended_at = $2, suspended_until = $3 WHERE id = $1 AND revoked_at IS NULL",
            [
                key.to_string().into(),
                since.map(Timestamp::as_millis).into(),
                until.map(Timestamp::as_millis).into(),
            ],
        ));
    }

    /// Stores the key's new token as its current one, and the expiry that came with it. The
    /// token before works until `grace_ends_at`; one before that is dead from now on.
    pub fn rotate_key(&mut self, key: Allowed<'_>, before: &Key, hash: &TokenHash, grace_ends_at: Timestamp) {
        let key = key.key();
        if before.token.is_none() {
            self.remove_no_token(key.id);
        }
        self.store_generation(key, before, grace_ends_at);
        self.rewrite_tokens(key.id);
        self.insert_token(key, hash);
        self.touch(key.id);
    }

    /// Stores which of the key's tokens is its current one, and the ends of those before it: of a key that had none there are
    /// none.
    fn store_generation(&mut self, key: &Key, before: &Key, grace_ends_at: Timestamp) {
        let stored = |key: &Key| (key.generation, key.expires_at, key.lives_for);
        if stored(key) != stored(before) {
            self.pending.push(Statement::new(
                "UPDATE keyctl.key SET generation = $2, expires_at = $3, lifetime = $4 WHERE id = $1",
                [
                    key.id.to_string().into(),
                    key.generation.into(),
                    key.expires_at.map(Timestamp::as_millis).into(),
                    key.lives_for.into(),
                ],
            ));
        }
        if before.token.is_some() {
            self.end_grace(key.id, key.generation - 1, grace_ends_at);
            self.end_grace(key.id, key.generation - 2, self.now());
        }
    }

    /// Ends the grace of the key's token before the current one.
    pub fn end_previous_token(&mut self, key: &Key) {
        self.end_grace(key.id, key.generation - 1, self.now());
        self.touch(key.id);
    }

    /// Revokes a key for good; an earlier revocation stays as it was. Its children are up to the
    /// caller.
    pub fn revoke_key(&mut self, key: KeyId, reason: Option<&str>) {
        self.raise_version(key);
        self.pending.push(Statement::new(
            "UPDATE keyctl.key SET revoked_at = $2, revoke_reason = $3 WHERE id = $1 AND revoked_at IS NULL",
            [key.to_string().into(), self.now().as_millis().into(), reason.map(str::to_owned).into()],
        ));
        self.revoke_tokens(key);
        self.touch(key);
    }
}
