//! Tokens that work and are not their key's yet: it gets one once that was delivered.
//!
//! Such a token has a row like any other, so all that decides about the key reaches it. What tells it apart is its number
//! among the key's tokens, which is above all that a key comes to: it gets the next one as it becomes the key's, and keeps
//! it, with its end, where it never does.

use std::sync::LazyLock;

use crate::domain::id::KeyId;
use crate::domain::keys::foreign::HashAlg;
use crate::domain::keys::key::{IssuedToken, Key};
use crate::domain::keys::rules::Allowed;
use crate::domain::keys::token::{DisplayPrefix, TokenHash};
use crate::domain::time::Timestamp;
use crate::store::error::Result;
use crate::store::many;
use crate::store::reading::Reads as _;
use crate::store::session::Statement;
use crate::store::tx::Tx;

/// What the numbers of pending tokens are above.
const ABOVE: i64 = 1 << 32;

/// The number of the first one of a key.
pub(super) const FIRST: i64 = ABOVE + 1;

const PROMOTE: &str = "UPDATE keyctl.token SET generation = $3 WHERE key_id = $1 AND token_id = $2";

/// `column1` to `column3` are what PostgreSQL calls the columns of a list of values.
static PROMOTE_MANY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "UPDATE keyctl.token SET generation = v.column3 FROM (VALUES {}) AS v
         WHERE token.key_id = v.column1 AND token.token_id = v.column2",
        many::groups(many::ROWS, 3)
    )
});

/// A pending token that becomes the current one of a key.
#[derive(Clone, Copy)]
pub(crate) struct Promoted<'p> {
    /// The key as it will be, and as it was.
    pub key: Allowed<'p>,
    pub before: &'p Key,
    pub token: &'p DisplayPrefix,
    /// Until when the token before works.
    pub grace_ends_at: Timestamp,
}

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
        self.insert_pending(key, token, hash, FIRST);
    }

    fn insert_pending(&mut self, key: &Key, token: &IssuedToken, hash: &TokenHash, generation: i64) {
        let row = Key { generation, token: Some(token.clone()), ..key.clone() };
        self.insert_token(&row, hash);
        self.touch(key.id);
    }

    /// Makes pending tokens the current ones of their keys, table by table, and ends all other pending ones of these. The row
    /// of each has all copies but that of another end of the key, which is up to [`Tx::refresh_key`].
    pub(crate) fn promote_tokens(&mut self, tokens: &[Promoted<'_>]) {
        for Promoted { before, .. } in tokens.iter().filter(|one| one.before.token.is_none()) {
            self.remove_no_token(before.id);
        }
        for Promoted { key, before, grace_ends_at, .. } in tokens {
            self.store_generation(key.key(), before, *grace_ends_at);
        }
        for Promoted { key, token, .. } in tokens {
            let key = key.key();
            self.pending.push(Statement::row(
                PROMOTE,
                &PROMOTE_MANY,
                [key.id.to_string().into(), token.token_id().as_str().into(), key.generation.into()],
            ));
        }
        for Promoted { before, .. } in tokens {
            if before.pending_tokens.len() > 1 {
                self.end_pending_tokens(before.id);
            }
            self.touch(before.id);
        }
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
