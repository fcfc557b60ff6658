//! Tokens that work and are not their key's yet: it gets one once that was delivered.
//!
//! Such a token has a row like any other, so all that decides about the key reaches it. What tells it apart is its number
//! among the key's tokens, which is above all that a key comes to: it gets the next one as it becomes the key's, and keeps
//! it, with its end, where it never does.

use crate::domain::id::KeyId;
use crate::domain::keys::foreign::HashAlg;
use crate::domain::keys::key::{IssuedToken, Key};
use crate::domain::keys::rules::Allowed;
use crate::domain::keys::token::{DisplayPrefix, TokenHash};
use crate::domain::time::Timestamp;
use crate::store::error::Result;
use crate::store::reading::Reads as _;
use crate::store::session::Statement;
use crate::store::tx::Tx;

/// What the numbers of pending tokens are above.
const ABOVE: i64 = 1 << 32;

/// Reads `4294967297 sks_4fTq9ZkPw2Xa 1764500000000,…`, in any order.
pub(super) fn read(text: &str) -> Option<Vec<IssuedToken>> {
    let mut tokens = Vec::new();
    for token in text.split(',') {
        let mut words = token.split(' ');
        let (number, prefix, created_at) = (words.next()?, words.next()?, words.next()?);
        let token = IssuedToken {
            prefix: prefix.parse().ok()?,
            created_at: Timestamp::from_millis(created_at.parse().ok()?)?,
            expires_at: None,
            hash_alg: HashAlg::Sha256,
        };
        tokens.push((number.parse::<i64>().ok()?, token));
    }
    tokens.sort_by_key(|(number, _)| *number);
    Some(tokens.into_iter().map(|(_, token)| token).collect())
}

impl Tx<'_> {
    /// Stores a token of a key that is not the key's yet. It works from the commit on.
    pub fn insert_pending_token(
        &mut self,
        key: Allowed<'_>,
        token: &IssuedToken,
        hash: &TokenHash,
    ) -> Result<()> {
        let key = key.key();
        let mut last = ABOVE;
        self.reading()?.session().query(
            "SELECT MAX(generation) FROM keyctl.token WHERE key_id = $1 AND generation > $2".into(),
            &[key.id.to_string().into(), ABOVE.into()],
            &mut |row| {
                last = row.of("token").opt_int(0)?.unwrap_or(ABOVE);
                Ok(())
            },
        )?;
        self.insert_pending(key, token, hash, last + 1);
        Ok(())
    }

    /// The same for a key that is new, and has no other.
    pub fn insert_first_pending_token(&mut self, key: &Key, token: &IssuedToken, hash: &TokenHash) {
        self.insert_pending(key, token, hash, ABOVE + 1);
    }

    fn insert_pending(&mut self, key: &Key, token: &IssuedToken, hash: &TokenHash, generation: i64) {
        let row = Key { generation, token: Some(token.clone()), ..key.clone() };
        self.insert_token(&row, hash);
        self.touch(key.id);
    }

    /// Makes a pending token the current one of a key, which was `before`, and ends all other pending ones. The token before
    /// works until `grace_ends_at`. Its row has all copies but that of another end of the key, which is up to
    /// [`Tx::refresh_key`].
    pub fn promote_token(
        &mut self,
        key: Allowed<'_>,
        before: &Key,
        token: &DisplayPrefix,
        grace_ends_at: Timestamp,
    ) {
        let key = key.key();
        self.store_generation(key, before, grace_ends_at);
        self.pending.push(Statement::new(
            "UPDATE keyctl.token SET generation = $3 WHERE key_id = $1 AND token_id = $2",
            [key.id.to_string().into(), token.token_id().as_str().into(), key.generation.into()],
        ));
        if before.pending_tokens.len() > 1 {
            self.end_pending_tokens(key.id);
        }
        self.touch(key.id);
    }

    /// Ends all tokens of a key that are not the key's yet.
    pub fn end_pending_tokens(&mut self, key: KeyId) {
        self.pending.push(Statement::new(
            "UPDATE keyctl.token SET grace_ends_at = 0
             WHERE key_id = $1 AND generation > $2 AND grace_ends_at IS NULL",
            [key.to_string().into(), ABOVE.into()],
        ));
        self.touch(key);
    }
}
