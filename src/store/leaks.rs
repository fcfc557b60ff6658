//! What is asked of a store about tokens that were found somewhere.

use super::Store;
use super::error::Result;
pub(crate) use super::keys::tokens::HashedToken;
use super::keys::tokens::by_hashes;
use super::reading::Reads;
use crate::domain::keys::token::{Prefix, TokenHash};
use crate::domain::time::Timestamp;

/// Finding tokens by their hashes, inside a change and outside of one alike.
pub(crate) trait FoundTokens: Reads {
    /// The rows of all tokens that have one of these hashes, dead ones included, and the store's time, if there is any.
    fn tokens_by_hash(&mut self, hashes: &[TokenHash]) -> Result<(Vec<HashedToken>, Option<Timestamp>)> {
        by_hashes(self.reading()?.session(), hashes)
    }
}

impl<R: Reads> FoundTokens for R {}

impl Store {
    /// The prefixes of all tokens, dead ones included. Reads the whole table.
    pub(crate) fn prefixes_of_tokens(&mut self) -> Result<Vec<Prefix>> {
        let mut found = Vec::new();
        // What stands before `_` and the id; a key that has no token has no hash there.
        let sql = "SELECT DISTINCT substr(prefix, 1, length(prefix) - 13) AS prefix FROM keyctl.token \
            WHERE token_hash < 'g'";
        self.session().query(sql.into(), &[], &mut |row| {
            found.push(row.of("token").parsed(0, |text| text.parse().ok())?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Calls `each` with the hash of every token that was made elsewhere and has a fast one, dead ones included.
    pub(crate) fn each_foreign_hash(&mut self, each: &mut dyn FnMut(&TokenHash)) -> Result<()> {
        // A backtick is behind `_`.
        let sql = "SELECT token_hash FROM keyctl.token WHERE hash_alg = 'sha256' AND prefix > 'foreign_' \
            AND prefix < 'foreign`' AND token_hash < 'g'";
        self.session().query(sql.into(), &[], &mut |row| {
            each(&row.of("token").parsed(0, TokenHash::parse)?);
            Ok(())
        })
    }
}
