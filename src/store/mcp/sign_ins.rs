//! Sign-ins of clients, found by the hashes of what they present.

use crate::domain::id::KeyId;
use crate::domain::keys::token::TokenHash;
use crate::domain::mcp::ids::SignInId;
use crate::domain::mcp::pkce::Challenge;
use crate::domain::mcp::sign_in::SignIn;
use crate::domain::time::Timestamp;
use crate::store::Lookup;
use crate::store::error::Result;
use crate::store::session::{Row, Statement, Value};
use crate::store::tx::Tx;

/// Rows read at once.
const PAGE: usize = 500;

macro_rules! select {
    ($which:literal) => {
        concat!(
            "SELECT s.id, s.key_id, s.redirect_uri, s.challenge, s.created_at, s.redeemed_at, s.refreshed_at, s.expires_at, \
             s.ended_at, s.refresh_hash, s.refreshes FROM keyctl.mcp_sign_in s WHERE ",
            $which
        )
    };
}

const BY_CODE: &str = select!("s.code_hash = $1");
const BY_FAMILY: &str = select!("s.family_hash = $1");
const OF_KEY: &str = select!("s.key_id = $1 ORDER BY s.id DESC LIMIT 500");
const OVER: &str = select!("s.expires_at <= $1 ORDER BY s.expires_at LIMIT 20");
const BEHIND: &str = select!("s.id > $1 ORDER BY s.id LIMIT 500");

/// With the hash of the last refresh token.
fn read(row: &Row<'_>) -> Result<(SignIn, Option<String>)> {
    let cells = row.of("mcp_sign_in");
    let sign_in = SignIn {
        id: cells.parsed(0, |text| text.parse().ok())?,
        key: cells.parsed(1, |text| text.parse().ok())?,
        redirect_uri: cells.parsed(2, |text| text.parse().ok())?,
        challenge: cells.parsed(3, Challenge::parse)?,
        created_at: cells.time(4)?,
        redeemed_at: cells.opt_time(5)?,
        refreshed_at: cells.opt_time(6)?,
        expires_at: cells.time(7)?,
        ended_at: cells.opt_time(8)?,
        refreshes: cells.int(10)? != 0,
    };
    Ok((sign_in, cells.opt_text(9)?.map(str::to_owned)))
}

/// A sign-in that a refresh token is of, and the hash of the last one of it.
pub(crate) struct Redeemed {
    pub sign_in: SignIn,
    pub last: String,
}

/// Finding sign-ins, inside a change and outside of one alike. What is compared to look one up is a hash, in an index: no time that
/// it takes says anything of a code or a token.
pub(crate) trait SignInLookup: Lookup {
    fn mcp_sign_in_by_code(&mut self, hash: &TokenHash) -> Result<Option<SignIn>> {
        Ok(sign_ins(self, BY_CODE, &[hash.as_str().into()])?.pop().map(|(sign_in, _)| sign_in))
    }

    /// By the part that all refresh tokens of one have in common.
    fn mcp_sign_in_by_family(&mut self, hash: &TokenHash) -> Result<Option<Redeemed>> {
        let found = sign_ins(self, BY_FAMILY, &[hash.as_str().into()])?.pop();
        Ok(found.and_then(|(sign_in, last)| Some(Redeemed { sign_in, last: last? })))
    }

    /// The newest 500 of a grant, the newest first.
    fn mcp_sign_ins_of(&mut self, key: KeyId) -> Result<Vec<SignIn>> {
        let found = sign_ins(self, OF_KEY, &[key.to_string().into()])?;
        Ok(found.into_iter().map(|(sign_in, _)| sign_in).collect())
    }

    /// Up to 20 that came to their end by then.
    fn mcp_sign_ins_over(&mut self, by: Timestamp) -> Result<Vec<SignIn>> {
        let found = sign_ins(self, OVER, &[by.as_millis().into()])?;
        Ok(found.into_iter().map(|(sign_in, _)| sign_in).collect())
    }

    /// Calls `each` for all, in flat memory.
    fn each_mcp_sign_in(&mut self, each: &mut dyn FnMut(&SignIn)) -> Result<()> {
        let mut after = String::new();
        loop {
            let page = sign_ins(self, BEHIND, &[after.into()])?;
            for (sign_in, _) in &page {
                each(sign_in);
            }
            match page.last() {
                Some((last, _)) if page.len() == PAGE => after = last.id.to_string(),
                _ => return Ok(()),
            }
        }
    }
}

impl<L: Lookup + ?Sized> SignInLookup for L {}

fn sign_ins(
    store: &mut (impl Lookup + ?Sized),
    sql: &'static str,
    values: &[Value],
) -> Result<Vec<(SignIn, Option<String>)>> {
    let mut found = Vec::new();
    store.reading()?.session().query(sql.into(), values, &mut |row| {
        found.push(read(row)?);
        Ok(())
    })?;
    Ok(found)
}

impl Tx<'_> {
    /// Stores that a person said yes, with the hash of the code; its grant is there.
    pub(crate) fn insert_mcp_sign_in(&mut self, sign_in: &SignIn, code: &TokenHash) {
        self.pending.push(Statement::new(
            "INSERT INTO keyctl.mcp_sign_in (id, key_id, code_hash, redirect_uri, challenge, created_at, expires_at, refreshes)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            [
                sign_in.id.to_string().into(),
                sign_in.key.to_string().into(),
                code.as_str().into(),
                sign_in.redirect_uri.as_str().into(),
                sign_in.challenge.as_str().into(),
                sign_in.created_at.as_millis().into(),
                sign_in.expires_at.as_millis().into(),
                i64::from(sign_in.refreshes).into(),
            ],
        ));
    }

    /// From now on its code was used, and this is its refresh token, until then.
    pub(crate) fn redeem_mcp_sign_in(
        &mut self,
        id: SignInId,
        (family, token): (&TokenHash, &TokenHash),
        until: Timestamp,
    ) {
        let now = self.now().as_millis();
        self.pending.push(Statement::new(
            "UPDATE keyctl.mcp_sign_in SET redeemed_at = $2, family_hash = $3, refresh_hash = $4, expires_at = $5
             WHERE id = $1 AND redeemed_at IS NULL AND ended_at IS NULL",
            [
                id.to_string().into(),
                now.into(),
                family.as_str().into(),
                token.as_str().into(),
                until.as_millis().into(),
            ],
        ));
    }

    /// From now on this is its refresh token, until then.
    pub(crate) fn refresh_mcp_sign_in(&mut self, id: SignInId, token: &TokenHash, until: Timestamp) {
        let now = self.now().as_millis();
        self.pending.push(Statement::new(
            "UPDATE keyctl.mcp_sign_in SET refreshed_at = $2, refresh_hash = $3, expires_at = $4
             WHERE id = $1 AND redeemed_at IS NOT NULL AND ended_at IS NULL",
            [id.to_string().into(), now.into(), token.as_str().into(), until.as_millis().into()],
        ));
    }

    /// Nothing comes of it any more; an earlier end stays as it was.
    pub(crate) fn end_mcp_sign_in(&mut self, id: SignInId) {
        let now = self.now().as_millis();
        self.pending.push(Statement::new(
            "UPDATE keyctl.mcp_sign_in SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL",
            [id.to_string().into(), now.into()],
        ));
    }

    /// Forgets one that is over.
    pub(crate) fn forget_mcp_sign_in(&mut self, id: SignInId) {
        let sql = "DELETE FROM keyctl.mcp_sign_in WHERE id = $1";
        self.pending.push(Statement::new(sql, [id.to_string().into()]));
    }
}
