//! The verification row: one wide row for each token ever handed out.
//!
//! A key without a token has such a row, too, so that all that decides about keys reaches it: under [`no_hash`], which is
//! no token's hash. Hashes are hex, and end before `g`; no view of tokens shows what is behind that.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::effective::{Evaluator, given};
use crate::domain::id::KeyId;
use crate::domain::keys::key::{IssuedToken, Key, Lifetime, ParentLifetime};
use crate::domain::keys::network::Networks;
use crate::domain::keys::scope::Scopes;
#[cfg(feature = "cli")]
use crate::domain::keys::token::TokenId;
use crate::domain::keys::token::{DisplayPrefix, TokenHash};
use crate::domain::keys::verdict::KnownToken;
use crate::domain::owners::owner::Owner;
use crate::domain::time::Timestamp;
use crate::store::error::Result;
use crate::store::session::{Row, Session, Statement, Value};
use crate::store::tx::Tx;
use crate::store::{Store, many};

/// The copied columns but for the scopes, and where each comes from. Written once: the insert,
/// the rewrites and the check below all use this list. A child's parent is `p`, with the owner
/// `po`. The scopes are those that are in force: see [`super::effective`].
macro_rules! copied {
    (columns) => {
        "key_name, owner, networks, labels, rate, quota, not_before, expires_at, suspended_at, revoked_at, \
         owner_disabled_at, parent_networks, parent_not_before, parent_expires_at, parent_dead_at, subject, \
         key_quota, owner_quota, allow_jwt, kver, suspended_until, parent_dead_until"
    };
    (sources) => {
        "k.name, k.owner, k.networks, k.labels, k.rate, COALESCE(k.quota, o.quota), k.not_before, k.expires_at, k.suspended_at, \
         k.revoked_at, o.disabled_at, COALESCE(p.networks, '[]'), p.not_before, p.expires_at, \
         COALESCE(p.revoked_at, p.suspended_at, po.disabled_at), o.subject, k.quota, o.quota, k.allow_jwt, k.kver, \
         k.suspended_until, CASE WHEN p.revoked_at IS NULL AND po.disabled_at IS NULL THEN p.suspended_until END"
    };
    (tables) => {
        "keyctl.key k JOIN keyctl.owner o ON o.name = k.owner \
         LEFT JOIN keyctl.key p ON p.id = k.parent LEFT JOIN keyctl.owner po ON po.name = p.owner"
    };
    (rewrite) => {
        concat!(
            "UPDATE keyctl.token SET (",
            copied!(columns),
            ") = (",
            copied!(sources),
            ") FROM ",
            copied!(tables),
            " WHERE token.key_id = k.id AND "
        )
    };
}

const INSERT: &str = concat!(
    "INSERT INTO keyctl.token (token_hash, hash_alg, token_id, prefix, key_id, generation, created_at, scopes, ",
    copied!(columns),
    ") SELECT $1, $8, $2, $3, k.id, $5, $6, $7, ",
    copied!(sources),
    " FROM ",
    copied!(tables),
    " WHERE k.id = $4"
);

/// The same for new keys without a parent, of owners without a quota, whose copies are at hand: nothing is joined for them.
macro_rules! insert_copied {
    () => {
        "INSERT INTO keyctl.token (token_hash, token_id, prefix, key_id, generation, created_at, scopes, hash_alg, \
         key_name, owner, networks, labels, rate, quota, not_before, expires_at, subject, key_quota, allow_jwt) VALUES "
    };
}

static INSERT_COPIED: LazyLock<String> =
    LazyLock::new(|| format!(concat!(insert_copied!(), "{}"), many::groups(1, 19)));

static INSERT_COPIED_MANY: LazyLock<String> =
    LazyLock::new(|| format!(concat!(insert_copied!(), "{}"), many::groups(many::ROWS, 19)));

/// What stands in the place of a token's hash in the row of a key that has none: nobody can present a text with this
/// hash, and it is as long as a hash.
pub(in crate::store) fn no_hash(key: KeyId) -> String {
    format!("{:-<64}", key.to_string())
}

fn values(key: &Key, hash: &str) -> [Value; 8] {
    let none = || Cow::Owned(IssuedToken::fresh(DisplayPrefix::of_none(key.id), key.created_at));
    let token = key.token.as_ref().map_or_else(none, Cow::Borrowed);
    [
        hash.into(),
        token.prefix.token_id().as_str().into(),
        token.prefix.as_str().into(),
        key.id.to_string().into(),
        key.generation.into(),
        token.created_at.as_millis().into(),
        key.effective_scopes.to_json().into(),
        token.hash_alg.as_str().into(),
    ]
}

/// Writes the row of a token of a new key that has no parent, and whose owner has no quota.
pub(in crate::store) fn insert(key: &Key, token: &IssuedToken, generation: i64, hash: &str) -> Statement {
    let quota: Value = key.quota.map(|quota| quota.to_string()).into();
    let values: [Value; 19] = [
        hash.into(),
        token.prefix.token_id().as_str().into(),
        token.prefix.as_str().into(),
        key.id.to_string().into(),
        generation.into(),
        token.created_at.as_millis().into(),
        key.effective_scopes.to_json().into(),
        token.hash_alg.as_str().into(),
        key.name.as_str().into(),
        key.owner.as_str().into(),
        key.networks.to_json().into(),
        key.labels.to_json().into(),
        key.rate.map(|rate| rate.to_string()).into(),
        quota.clone(),
        key.not_before.map(Timestamp::as_millis).into(),
        key.expires_at.map(Timestamp::as_millis).into(),
        key.subject.beside(&key.owner).map(str::to_owned).into(),
        quota,
        i64::from(key.allow_jwt).into(),
    ];
    Statement::row(INSERT_COPIED.as_str(), &INSERT_COPIED_MANY, values)
}

const REMOVE: &str = "DELETE FROM keyctl.token WHERE token_hash = $1";

static REMOVE_MANY: LazyLock<String> =
    LazyLock::new(|| format!("DELETE FROM keyctl.token WHERE token_hash IN {}", many::groups(1, many::ROWS)));

const REWRITE: &str = concat!(copied!(rewrite), "k.id = $1");

const REWRITE_CHILDREN: &str = concat!(copied!(rewrite), "k.parent = $1");

/// What a revocation changes of its key's rows and of its children's, and no more: whoever may only revoke
/// has no right to the other columns.
const REVOKE: &str = "UPDATE keyctl.token SET revoked_at = k.revoked_at FROM keyctl.key k \
    WHERE token.key_id = k.id AND k.id = $1";

const REVOKE_PARENT: &str = "UPDATE keyctl.token SET parent_dead_at = p.revoked_at \
    FROM keyctl.key k JOIN keyctl.key p ON p.id = k.parent WHERE token.key_id = k.id AND k.parent = $1";

const REWRITE_OWNER: &str = concat!(copied!(rewrite), "k.owner = $1");

/// The children in other hands.
const REWRITE_CHILDREN_OF_OWNER: &str = concat!(copied!(rewrite), "p.owner = $1 AND k.owner <> $1");

/// Rows with what their copies should be, by pages of the primary key.
const STALE: &str = concat!(
    "SELECT t.token_hash, t.token_id, CAST(CASE WHEN (",
    "t.key_name, t.owner, t.networks, t.labels, t.parent_networks",
    ") = (k.name, k.owner, k.networks, k.labels, COALESCE(p.networks, '[]'))",
    " AND t.rate IS NOT DISTINCT FROM k.rate AND t.quota IS NOT DISTINCT FROM COALESCE(k.quota, o.quota)",
    " AND t.key_quota IS NOT DISTINCT FROM k.quota AND t.owner_quota IS NOT DISTINCT FROM o.quota",
    " AND t.not_before IS NOT DISTINCT FROM k.not_before AND t.expires_at IS NOT DISTINCT FROM k.expires_at",
    " AND t.suspended_at IS NOT DISTINCT FROM k.suspended_at AND t.revoked_at IS NOT DISTINCT FROM k.revoked_at",
    " AND t.owner_disabled_at IS NOT DISTINCT FROM o.disabled_at",
    " AND t.parent_not_before IS NOT DISTINCT FROM p.not_before",
    " AND t.parent_expires_at IS NOT DISTINCT FROM p.expires_at",
    " AND t.parent_dead_at IS NOT DISTINCT FROM COALESCE(p.revoked_at, p.suspended_at, po.disabled_at)",
    " AND t.suspended_until IS NOT DISTINCT FROM k.suspended_until",
    // Whoever may only revoke cannot write it, and need not: the child is revoked with its parent.
    " AND (p.revoked_at IS NOT NULL OR t.parent_dead_until IS NOT DISTINCT FROM",
    " CASE WHEN po.disabled_at IS NULL THEN p.suspended_until END)",
    " AND t.subject IS NOT DISTINCT FROM o.subject AND t.allow_jwt = k.allow_jwt AND t.kver = k.kver",
    " THEN 0 ELSE 1 END AS BIGINT), t.scopes, ",
    given!(),
    " FROM keyctl.token t JOIN keyctl.key k ON k.id = t.key_id JOIN keyctl.owner o ON o.name = k.owner",
    " LEFT JOIN keyctl.key p ON p.id = k.parent LEFT JOIN keyctl.owner po ON po.name = p.owner",
    " WHERE t.token_hash > $1 ORDER BY t.token_hash LIMIT 500"
);

/// The columns of the verification row.
macro_rules! known {
    () => {
        "SELECT token_hash, token_id, key_id, key_name, owner, scopes, networks, not_before, expires_at, \
     grace_ends_at, suspended_at, revoked_at, owner_disabled_at, parent_networks, parent_not_before, \
     parent_expires_at, parent_dead_at, keyctl.now_ms(), subject, suspended_until, parent_dead_until FROM keyctl.token WHERE "
    };
}

const BY_HASH: &str = concat!(known!(), "token_hash = $1");

/// A token has one id, and one row.
#[cfg(feature = "cli")]
const BY_ID: &str = concat!(known!(), "token_id = $1");

/// Many tokens, by their hashes; what is asked for less is filled up.
#[cfg(feature = "cli")]
static BY_HASHES: LazyLock<String> =
    LazyLock::new(|| format!("{}token_hash IN {}", known!(), many::groups(1, many::LOOKED_UP)));

const BY_KEY: &str = concat!(known!(), "key_id = $1 AND generation = $2");

fn find(
    session: &mut dyn Session,
    sql: &'static str,
    values: &[Value],
) -> Result<Option<(KnownToken, Timestamp)>> {
    let mut found = None;
    session.query_one(sql.into(), values, &mut |row| {
        found = Some(read(row)?);
        Ok(())
    })?;
    Ok(found)
}

/// The row of the token with this id.
#[cfg(feature = "cli")]
pub(in crate::store) fn by_id(session: &mut dyn Session, token: &TokenId) -> Result<Option<KnownToken>> {
    Ok(find(session, BY_ID, &[token.as_str().into()])?.map(|(known, _)| known))
}

/// A token that was found by its hash.
#[cfg(feature = "cli")]
#[derive(Clone, Debug)]
pub(crate) struct HashedToken {
    pub hash: TokenHash,
    pub known: KnownToken,
    /// Whether another has taken its place, and its grace is over.
    pub is_replaced: bool,
}

/// The rows of all tokens that have one of these hashes, and the store's time, if there is any.
#[cfg(feature = "cli")]
pub(in crate::store) fn by_hashes(
    session: &mut dyn Session,
    hashes: &[TokenHash],
) -> Result<(Vec<HashedToken>, Option<Timestamp>)> {
    let (mut found, mut at) = (Vec::new(), None);
    for page in hashes.chunks(many::LOOKED_UP) {
        let Some(values) = many::fill(page.iter().map(|hash| [hash.as_str().into()])) else { continue };
        session.query(BY_HASHES.as_str().into(), &values, &mut |row| {
            let (known, now) = read(row)?;
            let cells = row.of("token");
            let hash = cells.parsed(0, TokenHash::parse)?;
            let is_replaced = cells.opt_int(9)?.is_some_and(|end| end <= now.as_millis());
            found.push(HashedToken { hash, known, is_replaced });
            at = Some(now);
            Ok(())
        })?;
    }
    Ok((found, at))
}

fn read(row: &Row<'_>) -> Result<(KnownToken, Timestamp)> {
    let cells = row.of("token");
    let time = |column| match cells.opt_int(column)? {
        None => Ok(None),
        Some(millis) => Timestamp::from_millis(millis).map(Some).ok_or_else(|| cells.corrupt(column)),
    };
    let expires_at = match (time(8)?, time(9)?) {
        (Some(key), Some(token)) => Some(key.min(token)),
        (key, token) => key.or(token),
    };
    let owner: Owner = cells.parsed(4, |text| text.parse().ok())?;
    let known = KnownToken {
        token_id: cells.parsed(1, |text| text.parse().ok())?,
        key_id: cells.parsed(2, |text| text.parse().ok())?,
        key_name: cells.parsed(3, |text| text.parse().ok())?,
        // Where the subject is the name, there is none beside it, and both share their text.
        subject: match cells.opt_parsed(18, |text| text.parse().ok())? {
            Some(subject) => subject,
            None => (&owner).into(),
        },
        owner,
        scopes: cells.parsed(5, Scopes::from_json)?,
        networks: cells.parsed(6, Networks::from_json)?,
        lifetime: Lifetime {
            not_before: time(7)?,
            expires_at,
            suspended_at: time(10)?,
            suspended_until: time(19)?,
            revoked_at: time(11)?,
            owner_disabled_at: time(12)?,
            parent: ParentLifetime {
                not_before: time(14)?,
                expires_at: time(15)?,
                dead_at: time(16)?,
                dead_until: time(20)?,
            },
        },
        parent_networks: cells.parsed(13, Networks::from_json)?,
    };
    let now = time(17)?.ok_or_else(|| cells.corrupt(17))?;
    Ok((known, now))
}

impl Tx<'_> {
    /// Stores the hash of a key's current token; of the token itself there is nothing to store.
    pub(in crate::store) fn insert_token(&mut self, key: &Key, hash: &TokenHash) {
        self.pending.push(Statement::new(INSERT, values(key, hash.as_str())));
    }

    /// Stores the row of a key that has no token.
    pub(in crate::store) fn insert_no_token(&mut self, key: &Key) {
        self.pending.push(Statement::new(INSERT, values(key, &no_hash(key.id))));
    }

    /// Removes the row of a key that had no token, and gets one.
    pub(in crate::store) fn remove_no_token(&mut self, key: KeyId) {
        self.pending.push(Statement::row(REMOVE, &REMOVE_MANY, [no_hash(key).into()]));
    }

    /// Ends the grace of a key's token, by the token's generation; an earlier end stays. One
    /// that is over already is stored as the beginning of time, so that no reader's clock,
    /// however late, lets the token in again; the audit record has the real moment.
    pub(in crate::store) fn end_grace(&mut self, key: KeyId, generation: i64, at: Timestamp) {
        let end = if at > self.now() { at.as_millis() } else { 0 };
        self.pending.push(Statement::new(
            "UPDATE keyctl.token SET grace_ends_at = $3
             WHERE key_id = $1 AND generation = $2 AND (grace_ends_at IS NULL OR grace_ends_at > $3)",
            [key.to_string().into(), generation.into(), end.into()],
        ));
    }

    /// Copies a key's attributes, but for its scopes, into the rows of all its tokens.
    pub(in crate::store) fn rewrite_tokens(&mut self, key: KeyId) {
        self.pending.push(Statement::new(REWRITE, [key.to_string().into()]));
    }

    /// Copies a key's revocation into the rows of all its tokens, and of its children's.
    pub(in crate::store) fn revoke_tokens(&mut self, key: KeyId) {
        for sql in [REVOKE, REVOKE_PARENT] {
            self.pending.push(Statement::new(sql, [key.to_string().into()]));
        }
    }

    /// Copies a key's attributes, but for its scopes, into the rows of its children's tokens.
    pub(in crate::store) fn rewrite_tokens_of_children(&mut self, parent: KeyId) {
        self.pending.push(Statement::new(REWRITE_CHILDREN, [parent.to_string().into()]));
    }

    /// The same for all keys of an owner.
    pub(in crate::store) fn rewrite_tokens_of(&mut self, owner: &Owner) {
        self.pending.push(Statement::new(REWRITE_OWNER, [owner.as_str().into()]));
    }

    /// The same for all keys of an owner, and their children.
    pub(in crate::store) fn rewrite_tokens_of_owner(&mut self, owner: &Owner) {
        for sql in [REWRITE_OWNER, REWRITE_CHILDREN_OF_OWNER] {
            self.pending.push(Statement::new(sql, [owner.as_str().into()]));
        }
    }
}

impl Store {
    /// Looks a token up: one indexed read of one row. Returns it with the store's time.
    pub fn find_token(&mut self, hash: &TokenHash) -> Result<Option<(KnownToken, Timestamp)>> {
        find(self.session(), BY_HASH, &[hash.as_str().into()])
    }

    /// The row that decides on the key's current token.
    pub fn current_token(&mut self, key: &Key) -> Result<Option<(KnownToken, Timestamp)>> {
        find(self.session(), BY_KEY, &[key.id.to_string().into(), key.generation.into()])
    }

    /// Reads up to 500 token rows above `after` (a hash, or the empty text) and returns the
    /// ids of those whose copies are not what their key says, and the last hash read.
    pub(in crate::store) fn stale_tokens(
        &mut self,
        after: &str,
        evaluator: &mut Evaluator,
    ) -> Result<(Vec<String>, Option<String>)> {
        let (mut stale, mut last) = (Vec::new(), None);
        self.session().query(STALE.into(), &[after.into()], &mut |row| {
            let cells = row.of("token");
            last = Some(cells.text(0)?.to_owned());
            if cells.int(2)? != 0 || cells.text(3)? != &*evaluator.read(row, 4)? {
                stale.push(cells.text(1)?.to_owned());
            }
            Ok(())
        })?;
        Ok((stale, last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::migrations;
    use crate::store::sqlite::translated;

    #[test]
    fn a_rewrite_reads_only_the_keys_that_it_is_about() {
        let connection = rusqlite::Connection::open_in_memory().expect("SQLite");
        for migration in migrations::after(0) {
            connection.execute_batch(migration.sqlite).expect("migrates");
        }
        for sql in
            [REWRITE, REWRITE_CHILDREN, REWRITE_OWNER, REWRITE_CHILDREN_OF_OWNER, REVOKE, REVOKE_PARENT]
        {
            let sql = translated(&format!("EXPLAIN QUERY PLAN {sql}"));
            let plan = connection
                .prepare(&sql)
                .and_then(|mut statement| {
                    statement.query_map(["x"], |row| row.get::<_, String>(3))?.collect::<Result<Vec<_>, _>>()
                })
                .expect("a plan")
                .join("\n");
            assert!(
                plan.contains("SEARCH token USING") && plan.contains("INDEX token_key (key_id=?)"),
                "{sql}: {plan}"
            );
            assert!(!plan.contains("SCAN"), "{sql}: {plan}");
        }
    }
}
