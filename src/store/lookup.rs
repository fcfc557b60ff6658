//! Single keys, owners and roles, found inside a change and outside of one alike.

use super::error::Result;
use super::head;
use super::keys::{live_by_name, read_keys};
use super::owners::{self, roles};
use super::reading::Reads;
use super::session::{Sql, Value};
use crate::domain::id::KeyId;
use crate::domain::keys::key::Key;
use crate::domain::keys::token::{DisplayPrefix, TokenHash};
use crate::domain::owners::owner::{KeyName, Owner};
use crate::domain::owners::role::{Role, RoleName};
use crate::domain::owners::row::{OwnerHolder, OwnerRow, OwnerState};

/// Hashes looked for by one statement.
const HASHES: usize = 200;

/// Finding single keys, inside a change and outside of one alike.
pub trait Lookup: Reads {
    fn key_by_id(&mut self, id: KeyId) -> Result<Option<Key>> {
        let session = self.reading()?.0;
        Ok(read_keys(session, "WHERE k.id = $1", &[id.to_string().into()])?.pop())
    }

    /// The owner's unrevoked key of this name.
    fn live_key_by_name(&mut self, owner: &Owner, name: &KeyName) -> Result<Option<Key>> {
        let session = self.reading()?.0;
        live_by_name(session, &[owner.as_str().into(), name.as_str().into()])
    }

    /// The owner's unrevoked key of this name, else the newest revoked one.
    fn key_by_name(&mut self, owner: &Owner, name: &KeyName) -> Result<Option<Key>> {
        if let Some(key) = self.live_key_by_name(owner, name)? {
            return Ok(Some(key));
        }
        let session = self.reading()?.0;
        let newest = "WHERE k.owner = $1 AND k.name = $2 ORDER BY k.id DESC LIMIT 1";
        Ok(read_keys(session, newest, &[owner.as_str().into(), name.as_str().into()])?.pop())
    }

    /// The owner's unrevoked keys by name; where there is none, its revoked ones. At most 21.
    fn keys_by_owner(&mut self, owner: &Owner) -> Result<Vec<Key>> {
        let session = self.reading()?.0;
        let values = [owner.as_str().into()];
        let live = "WHERE k.owner = $1 AND k.revoked_at IS NULL ORDER BY k.name LIMIT 21";
        let keys = read_keys(session, live, &values)?;
        if !keys.is_empty() {
            return Ok(keys);
        }
        read_keys(session, "WHERE k.owner = $1 ORDER BY k.name, k.id LIMIT 21", &values)
    }

    /// The same without a bound.
    fn all_keys_by_owner(&mut self, owner: &Owner) -> Result<Vec<Key>> {
        let session = self.reading()?.0;
        let values = [owner.as_str().into()];
        let keys =
            read_keys(session, "WHERE k.owner = $1 AND k.revoked_at IS NULL ORDER BY k.name", &values)?;
        if !keys.is_empty() {
            return Ok(keys);
        }
        read_keys(session, "WHERE k.owner = $1 ORDER BY k.name, k.id", &values)
    }

    /// The key that a token belongs to, dead tokens included.
    fn key_by_token(&mut self, token: &DisplayPrefix) -> Result<Option<Key>> {
        let session = self.reading()?.0;
        let condition = "JOIN keyctl.token t ON t.key_id = k.id WHERE t.token_id = $1 AND t.prefix = $2";
        let values = [token.token_id().as_str().into(), token.as_str().into()];
        Ok(read_keys(session, condition, &values)?.pop())
    }

    /// The key that a token with this hash belongs to, dead tokens included.
    fn key_by_hash(&mut self, hash: &TokenHash) -> Result<Option<Key>> {
        let session = self.reading()?.0;
        let condition = "JOIN keyctl.token t ON t.key_id = k.id WHERE t.token_hash = $1";
        Ok(read_keys(session, condition, &[hash.as_str().into()])?.pop())
    }

    /// The key of the first of these hashes that a token has, dead tokens included.
    fn key_by_any_hash(&mut self, hashes: &[TokenHash]) -> Result<Option<KeyId>> {
        let session = self.reading()?.0;
        for hashes in hashes.chunks(HASHES) {
            let numbers: Vec<String> = (1..=hashes.len()).map(|number| format!("${number}")).collect();
            let sql = format!("SELECT key_id FROM keyctl.token WHERE token_hash IN ({})", numbers.join(", "));
            let values: Vec<Value> = hashes.iter().map(|hash| hash.as_str().into()).collect();
            let mut found = None;
            session.query(Sql::Built(sql), &values, &mut |row| {
                found = Some(row.of("token").parsed(0, |text| text.parse().ok())?);
                Ok(())
            })?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The salt of the store's slow hashes; `None` while it has none of them.
    fn foreign_salt(&mut self) -> Result<Option<[u8; 16]>> {
        Ok(head::read(self.reading()?.0)?.0.foreign_salt)
    }

    /// A key's unrevoked children, oldest first.
    fn live_children(&mut self, parent: KeyId) -> Result<Vec<Key>> {
        let session = self.reading()?.0;
        let condition = "WHERE k.parent = $1 AND k.revoked_at IS NULL ORDER BY k.id";
        read_keys(session, condition, &[parent.to_string().into()])
    }

    /// The keys that somebody made who had signed in with this key, or was invited with it; revoked ones among them, oldest first.
    fn keys_made_by(&mut self, key: KeyId) -> Result<Vec<Key>> {
        let session = self.reading()?.0;
        let condition = "WHERE k.made_by = $1 OR k.made_by IN
            (SELECT 'claim:' || c.id FROM keyctl.claim c WHERE c.made_by = $1) ORDER BY k.id";
        read_keys(session, condition, &[key.to_string().into()])
    }

    /// The owner's unrevoked keys, by name.
    fn live_keys_of(&mut self, owner: &Owner) -> Result<Vec<Key>> {
        let session = self.reading()?.0;
        let condition = "WHERE k.owner = $1 AND k.revoked_at IS NULL ORDER BY k.name";
        read_keys(session, condition, &[owner.as_str().into()])
    }

    /// The owner with its counts, unless there is none of this name or it was deleted.
    fn owner(&mut self, owner: &Owner) -> Result<Option<OwnerRow>> {
        owners::find(self.reading()?.0, owner)
    }

    /// The same without counting its keys.
    fn owner_state(&mut self, owner: &Owner) -> Result<Option<OwnerState>> {
        owners::state(self.reading()?.0, owner)
    }

    /// The owner whose name or subject this is, a deleted one, too.
    fn owner_holder(&mut self, word: &str) -> Result<Option<OwnerHolder>> {
        owners::holder(self.reading()?.0, word)
    }

    /// Every role, by name.
    fn roles(&mut self) -> Result<Vec<Role>> {
        roles::all(self.reading()?.0)
    }

    fn role(&mut self, name: &RoleName) -> Result<Option<Role>> {
        roles::find(self.reading()?.0, name)
    }
}

impl<R: Reads> Lookup for R {}
