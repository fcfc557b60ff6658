//! Claims, found by the hash of their code.

use super::{newest, one};
use crate::domain::id::KeyId;
use crate::domain::keys::scope::Scopes;
use crate::domain::keys::token::TokenHash;
use crate::domain::owners::owner::Owner;
use crate::domain::portal::claim::Claim;
use crate::domain::portal::ids::ClaimId;
use crate::domain::portal::url::PortalUrl;
use crate::domain::time::Span;
use crate::store::Lookup;
use crate::store::error::Result;
use crate::store::session::{Row, Statement, Value};
use crate::store::tx::Tx;

const COLUMNS: &str = "SELECT c.id, c.owner, c.key_id, c.scopes, c.max_expiry_seconds, c.made_by, c.created_at, \
     c.expires_at, c.redeemed_at, c.revoked_at, c.taken_at FROM keyctl.claim c";

fn read(row: &Row<'_>) -> Result<Claim> {
    let cells = row.of("claim");
    let max_expiry = match cells.opt_int(4)? {
        None => None,
        Some(seconds) => Some(Span::from_secs(seconds).ok_or_else(|| cells.corrupt(4))?),
    };
    Ok(Claim {
        id: cells.parsed(0, |text| text.parse().ok())?,
        owner: cells.parsed(1, |text| text.parse().ok())?,
        key: cells.opt_parsed(2, |text| text.parse().ok())?,
        scopes: cells.parsed(3, Scopes::from_json)?,
        max_expiry,
        made_by: cells.opt_parsed(5, |text| text.parse().ok())?,
        created_at: cells.time(6)?,
        expires_at: cells.time(7)?,
        redeemed_at: cells.opt_time(8)?,
        revoked_at: cells.opt_time(9)?,
        taken_at: cells.opt_time(10)?,
    })
}

/// Which claims to read.
#[derive(Clone, Debug, Default)]
pub struct ClaimFilter {
    pub owner: Option<Owner>,
    /// Those too whose code works no more.
    pub all: bool,
}

/// Finding claims, inside a change and outside of one alike.
pub trait ClaimLookup: Lookup {
    /// The claim whose code has this SHA-256 hash. What is compared is the hash, in the index: no time that it takes says
    /// anything of a code.
    fn claim_by_code(&mut self, hash: &TokenHash) -> Result<Option<Claim>> {
        one(self.reading()?.session(), COLUMNS, "WHERE c.code_hash = $1", hash.as_str().into(), read)
    }

    fn claim(&mut self, id: ClaimId) -> Result<Option<Claim>> {
        one(self.reading()?.session(), COLUMNS, "WHERE c.id = $1", id.to_string().into(), read)
    }

    /// The claim by which a key waits, or waited, for its first token.
    fn claim_of_key(&mut self, key: KeyId) -> Result<Option<Claim>> {
        one(self.reading()?.session(), COLUMNS, "WHERE c.key_id = $1", key.to_string().into(), read)
    }

    /// Up to 500 claims behind `after`, newest first; fewer than that mean the end.
    fn claims(&mut self, filter: &ClaimFilter, after: Option<ClaimId>) -> Result<Vec<Claim>> {
        let works = (!filter.all)
            .then_some("c.revoked_at IS NULL AND c.redeemed_at IS NULL AND c.expires_at > keyctl.now_ms()");
        let from = (filter.owner.as_ref(), after.map(|id| id.to_string()));
        let mut claims = Vec::new();
        newest(self.reading()?.session(), (COLUMNS, 'c'), from, works, &mut |row| {
            claims.push(read(row)?);
            Ok(())
        })?;
        Ok(claims)
    }
}

impl<L: Lookup + ?Sized> ClaimLookup for L {}

impl Tx<'_> {
    /// Stores a claim that is open, with the hash of its code. Its owner is there, and its key.
    pub fn insert_claim(&mut self, claim: &Claim, code: &TokenHash) {
        self.pending.push(Statement::new(
            "INSERT INTO keyctl.claim (id, code_hash, owner, key_id, scopes, max_expiry_seconds, made_by, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            [
                claim.id.to_string().into(),
                code.as_str().into(),
                claim.owner.as_str().into(),
                claim.key.map(|key| key.to_string()).into(),
                claim.scopes.to_json().into(),
                claim.max_expiry.map(Span::as_secs).into(),
                claim.made_by.as_ref().map(ToString::to_string).into(),
                claim.created_at.as_millis().into(),
                claim.expires_at.as_millis().into(),
            ],
        ));
    }

    /// From now on its code was used.
    pub fn redeem_claim(&mut self, claim: ClaimId) {
        let sql = "UPDATE keyctl.claim SET redeemed_at = $2 WHERE id = $1 AND redeemed_at IS NULL";
        self.mark_claim(sql, claim);
    }

    /// From now on it lets nobody in.
    pub fn revoke_claim(&mut self, claim: ClaimId) {
        let sql = "UPDATE keyctl.claim SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
        self.mark_claim(sql, claim);
    }

    /// From now on no token is made for it any more.
    pub fn take_claim(&mut self, claim: ClaimId) {
        let sql = "UPDATE keyctl.claim SET taken_at = $2 WHERE id = $1 AND taken_at IS NULL";
        self.mark_claim(sql, claim);
    }

    fn mark_claim(&mut self, sql: &'static str, claim: ClaimId) {
        let now = self.now().as_millis();
        self.pending.push(Statement::new(sql, [claim.to_string().into(), now.into()]));
    }

    /// Says where the portal is.
    pub(crate) fn set_portal(&mut self, portal: Option<&PortalUrl>) {
        let portal = portal.map(|url| url.as_str().to_owned());
        self.pending.push(Statement::new("UPDATE keyctl.head SET portal = $1 WHERE id = 1", [portal.into()]));
    }

    /// Takes back every claim whose code may still work, and ends every session, of people and of clients: of a state that went
    /// back nobody knows which were used, or ended, since.
    pub(crate) fn void_portal(&mut self) {
        let now: [Value; 1] = [self.now().as_millis().into()];
        for sql in [
            "UPDATE keyctl.claim SET revoked_at = $1 WHERE revoked_at IS NULL AND redeemed_at IS NULL",
            "UPDATE keyctl.portal_session SET ended_at = $1 WHERE ended_at IS NULL",
            "UPDATE keyctl.mcp_sign_in SET ended_at = $1 WHERE ended_at IS NULL",
            "UPDATE keyctl.mcp_device SET denied_at = $1 WHERE denied_at IS NULL",
        ] {
            self.pending.push(Statement::new(sql, now.clone()));
        }
    }
}
