//! Many keys at once.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::{pending, tokens};
use crate::domain::id::KeyId;
use crate::domain::keys::key::{IssuedToken, Key};
use crate::domain::keys::rules::Allowed;
use crate::domain::keys::scope::Scope;
use crate::domain::keys::token::{DisplayPrefix, TokenHash};
use crate::domain::owners::owner::{KeyName, Owner};
use crate::domain::owners::row::OwnerHolder;
use crate::domain::time::Timestamp;
use crate::store::error::Result;
use crate::store::lookup::Lookup;
use crate::store::many::{LOOKED_UP, fill, groups};
use crate::store::reading::Reads as _;
use crate::store::tx::Tx;
use crate::store::{Store, keys, owners};

/// Statements sent at once.
const SENT_AT_ONCE: usize = 500;

static TOKENS_OF: LazyLock<String> = LazyLock::new(|| {
    let keys = groups(1, LOOKED_UP);
    format!(
        "SELECT token_hash, key_id, generation FROM keyctl.token
         WHERE key_id IN {keys} AND token_hash < 'g' AND hash_alg = 'sha256' AND generation < 4294967296"
    )
});

static KNOWN: LazyLock<String> = LazyLock::new(|| {
    let hashes = groups(1, LOOKED_UP);
    format!("SELECT token_hash, key_id, generation FROM keyctl.token WHERE token_hash IN {hashes}")
});

/// `column1` and `column2` are what both databases call the columns of a list of values.
static TAKEN: LazyLock<String> = LazyLock::new(|| {
    let names = groups(LOOKED_UP, 2);
    format!(
        "SELECT k.owner, k.name, k.id FROM (VALUES {names}) AS v CROSS JOIN keyctl.key k
         WHERE k.owner = v.column1 AND k.name = v.column2 AND k.revoked_at IS NULL"
    )
});

static NAMED: LazyLock<String> = LazyLock::new(|| {
    let words = groups(1, LOOKED_UP);
    format!(
        "SELECT name, COALESCE(subject, name) AS subject, disabled_at, deleted_at FROM keyctl.owner WHERE name IN {words}"
    )
});

static LIMITED: LazyLock<String> = LazyLock::new(|| {
    let owners = groups(1, LOOKED_UP);
    format!("SELECT name FROM keyctl.owner WHERE quota IS NOT NULL AND name IN {owners}")
});

static KNOWN_AS: LazyLock<String> = LazyLock::new(|| {
    let words = groups(1, LOOKED_UP);
    format!("SELECT name, subject, disabled_at, deleted_at FROM keyctl.owner WHERE subject IN {words}")
});

/// Where a token is that is known already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub hash: String,
    pub key: KeyId,
    /// Which of the key's tokens it is, from 1.
    pub generation: i64,
}

/// Finding what many rows would meet, up to [`LOOKED_UP`] at once.
pub trait BulkLookup: Lookup {
    /// Those of the hashes that the store holds.
    fn known_tokens<'h>(&mut self, hashes: impl Iterator<Item = &'h TokenHash>) -> Result<Vec<Known>> {
        let mut known = Vec::new();
        let Some(values) = fill(hashes.map(|hash| [hash.as_str().into()])) else { return Ok(known) };
        self.reading()?.0.query(KNOWN.as_str().into(), &values, &mut |row| {
            let cells = row.of("token");
            let key = cells.parsed(1, |text| text.parse().ok())?;
            known.push(Known { hash: cells.text(0)?.to_owned(), key, generation: cells.int(2)? });
            Ok(())
        })?;
        Ok(known)
    }

    /// All tokens of these keys that are stored under SHA-256, but for those that wait to be delivered.
    fn tokens_of(&mut self, keys: impl Iterator<Item = KeyId>) -> Result<Vec<Known>> {
        let mut found = Vec::new();
        let Some(values) = fill(keys.map(|key| [key.to_string().into()])) else { return Ok(found) };
        self.reading()?.0.query(TOKENS_OF.as_str().into(), &values, &mut |row| {
            let cells = row.of("token");
            let key = cells.parsed(1, |text| text.parse().ok())?;
            found.push(Known { hash: cells.text(0)?.to_owned(), key, generation: cells.int(2)? });
            Ok(())
        })?;
        Ok(found)
    }

    /// Those of the names that unrevoked keys have, with these keys.
    fn taken_names<'n>(
        &mut self,
        names: impl Iterator<Item = (&'n Owner, &'n KeyName)>,
    ) -> Result<Vec<(Owner, KeyName, KeyId)>> {
        let mut taken = Vec::new();
        let values = fill(names.map(|(owner, name)| [owner.as_str().into(), name.as_str().into()]));
        let Some(values) = values else { return Ok(taken) };
        self.reading()?.0.query(TAKEN.as_str().into(), &values, &mut |row| {
            let cells = row.of("key");
            taken.push((
                cells.parsed(0, |text| text.parse().ok())?,
                cells.parsed(1, |text| text.parse().ok())?,
                cells.parsed(2, |text| text.parse().ok())?,
            ));
            Ok(())
        })?;
        Ok(taken)
    }

    /// The owners that have one of these words as their name or their subject, deleted ones, too.
    fn owner_holders<'w>(&mut self, words: impl Iterator<Item = &'w str>) -> Result<Vec<OwnerHolder>> {
        let mut holders = Vec::new();
        let Some(values) = fill(words.map(|word| [word.into()])) else { return Ok(holders) };
        for sql in [NAMED.as_str(), KNOWN_AS.as_str()] {
            self.reading()?.0.query(sql.into(), &values, &mut |row| {
                holders.push(owners::read_holder(row)?);
                Ok(())
            })?;
        }
        Ok(holders)
    }
}

impl<L: Lookup> BulkLookup for L {}

impl Store {
    /// Prepares this connection for many large changes.
    pub fn begin_bulk(&mut self) -> Result<()> {
        self.session().begin_bulk()
    }
}

impl Tx<'_> {
    /// Stores keys with their first tokens, as [`Tx::insert_key`] does, table by table. None has a parent, and no
    /// owner of theirs is disabled.
    pub fn insert_keys(&mut self, rows: &[(Allowed<'_>, &TokenHash)]) -> Result<()> {
        self.insert_key_rows(rows)?;
        let limited = self.owners_with_quota(rows)?;
        for (key, hash) in by_hash(rows) {
            let key = key.key();
            match &key.token {
                Some(token) if !limited.contains(&key.owner) => {
                    self.pending.push(tokens::insert(key, token, key.generation, hash.as_str()));
                }
                // What its owner's keys may spend together is copied from the owner.
                _ => self.insert_token(key, hash),
            }
            self.flush_many()?;
        }
        self.insert_beside(rows);
        self.flush()
    }

    /// The same of keys whose first tokens are pending, as [`Tx::insert_tokenless_key`] and
    /// [`Tx::insert_first_pending_token`] do.
    pub(crate) fn insert_pending_keys(&mut self, rows: &[(Allowed<'_>, &TokenHash)]) -> Result<()> {
        self.insert_key_rows(rows)?;
        let limited = self.owners_with_quota(rows)?;
        for (key, _) in rows {
            let key = key.key();
            if limited.contains(&key.owner) {
                self.insert_no_token(key);
            } else {
                let none = IssuedToken::fresh(DisplayPrefix::of_none(key.id), key.created_at);
                self.pending.push(tokens::insert(key, &none, key.generation, &tokens::no_hash(key.id)));
            }
            self.flush_many()?;
        }
        for (key, hash) in by_hash(rows) {
            let key = key.key();
            let Some(token) = key.pending_tokens.first() else { continue };
            if limited.contains(&key.owner) {
                self.insert_first_pending_token(key, token, hash);
            } else {
                self.pending.push(tokens::insert(key, token, pending::FIRST, hash.as_str()));
            }
            self.flush_many()?;
        }
        for (key, _) in rows {
            self.add_texts(key.key());
        }
        self.insert_beside(rows);
        self.flush()
    }

    fn insert_key_rows(&mut self, rows: &[(Allowed<'_>, &TokenHash)]) -> Result<()> {
        self.ensure_owners(rows.iter().map(|(key, _)| (&key.key().owner, &key.key().subject)).collect());
        for (key, _) in rows {
            self.pending.push(keys::insert(key.key()));
            self.flush_many()?;
        }
        Ok(())
    }

    /// What stands in other tables of new keys.
    fn insert_beside(&mut self, rows: &[(Allowed<'_>, &TokenHash)]) {
        self.add_labels_of(&rows.iter().map(|(key, _)| key.key()).collect::<Vec<_>>());
        let scopes: BTreeSet<&Scope> = rows.iter().flat_map(|(key, _)| key.key().scopes.iter()).collect();
        for scope in scopes {
            self.name_scope(scope);
        }
        for (key, _) in rows {
            self.give_roles(key.key().id, &key.key().roles);
        }
        self.touch_all(rows.iter().map(|(key, _)| key.key().id));
    }

    /// Stores what a key has besides that came with [`Tx::insert_keys`] or [`Tx::insert_key`]: that it is stopped, and
    /// its token before, until that one's grace ends.
    pub fn insert_rest(&mut self, key: &Key, previous: Option<(&TokenHash, Timestamp)>) {
        if let Some((hash, until)) = previous {
            let old =
                Key { generation: key.generation - 1, token: key.previous_token.clone(), ..key.clone() };
            self.insert_token(&old, hash);
            self.end_grace(key.id, old.generation, until);
        }
        if key.suspended_at.is_some() {
            self.suspend_key(key.id, key.suspended_at, key.suspended_until);
            self.rewrite_tokens(key.id);
        }
    }

    /// Those of the keys' owners that have a quota.
    fn owners_with_quota(&mut self, rows: &[(Allowed<'_>, &TokenHash)]) -> Result<BTreeSet<Owner>> {
        let mut limited = BTreeSet::new();
        let session = self.reading()?.session();
        let mut any = false;
        session.query(
            "SELECT 1 FROM keyctl.owner WHERE quota IS NOT NULL LIMIT 1".into(),
            &[],
            &mut |_| {
                any = true;
                Ok(())
            },
        )?;
        if !any {
            return Ok(limited);
        }
        let owners: BTreeSet<&Owner> = rows.iter().map(|(key, _)| &key.key().owner).collect();
        for page in owners.into_iter().collect::<Vec<_>>().chunks(LOOKED_UP) {
            let Some(values) = fill(page.iter().map(|owner| [owner.as_str().into()])) else { continue };
            session.query(LIMITED.as_str().into(), &values, &mut |row| {
                limited.insert(row.of("owner").parsed(0, |text| text.parse().ok())?);
                Ok(())
            })?;
        }
        Ok(limited)
    }

    /// Sends what is pending once it is worth it: its values take memory.
    fn flush_many(&mut self) -> Result<()> {
        if self.pending.len() < SENT_AT_ONCE { Ok(()) } else { self.flush() }
    }
}

/// In the order of their hashes, so that a page of the tokens is visited once.
fn by_hash<'r, 'k>(rows: &'r [(Allowed<'k>, &'k TokenHash)]) -> Vec<&'r (Allowed<'k>, &'k TokenHash)> {
    let mut rows: Vec<_> = rows.iter().collect();
    rows.sort_unstable_by(|(_, a), (_, b)| a.as_str().cmp(b.as_str()));
    rows
}
