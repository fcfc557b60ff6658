//! Trusts: whose tokens are taken in place of a key.

use super::Lookup;
use super::error::Result;
use super::session::{Row, Statement};
use super::tx::Tx;
use crate::domain::trusts::terms::{RequiredClaims, Terms, Trust, TrustName, ttl_of};

const COLUMNS: &str = "SELECT t.name, t.issuer, t.audience, t.claims, t.any_ref, t.ttl_seconds, t.jwks, t.key_id, \
     t.created_at FROM keyctl.trust t ORDER BY t.name";

const BY_NAME: &str = "SELECT t.name, t.issuer, t.audience, t.claims, t.any_ref, t.ttl_seconds, t.jwks, t.key_id, \
     t.created_at FROM keyctl.trust t WHERE t.name = $1";

fn read(row: &Row<'_>) -> Result<Trust> {
    let cells = row.of("trust");
    let terms = Terms {
        issuer: cells.parsed(1, |text| text.parse().ok())?,
        audience: cells.parsed(2, |text| text.parse().ok())?,
        claims: cells.parsed(3, RequiredClaims::from_json)?,
        any_ref: cells.int(4)? != 0,
        ttl: ttl_of(cells.int(5)?).ok_or_else(|| cells.corrupt(5))?,
        keys: cells.opt_parsed(6, |text| text.parse().ok())?,
    };
    Ok(Trust {
        name: cells.parsed(0, |text| text.parse().ok())?,
        terms,
        key: cells.parsed(7, |text| text.parse().ok())?,
        created_at: cells.time(8)?,
    })
}

/// Finding trusts, inside a change and outside of one alike.
pub(crate) trait TrustLookup: Lookup {
    /// All, by name.
    fn trusts(&mut self) -> Result<Vec<Trust>> {
        let mut trusts = Vec::new();
        self.reading()?.session().query(COLUMNS.into(), &[], &mut |row| {
            trusts.push(read(row)?);
            Ok(())
        })?;
        Ok(trusts)
    }

    fn trust(&mut self, name: &TrustName) -> Result<Option<Trust>> {
        let mut found = None;
        self.reading()?.session().query(BY_NAME.into(), &[name.as_str().into()], &mut |row| {
            found = Some(read(row)?);
            Ok(())
        })?;
        Ok(found)
    }
}

impl<L: Lookup> TrustLookup for L {}

impl Tx<'_> {
    /// Stores a trust; its key is there.
    pub(crate) fn insert_trust(&mut self, trust: &Trust) {
        let Trust { name, terms, key, created_at } = trust;
        self.pending.push(Statement::new(
            "INSERT INTO keyctl.trust (name, issuer, audience, claims, any_ref, ttl_seconds, jwks, key_id, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            [
                name.as_str().into(),
                terms.issuer.as_str().into(),
                terms.audience.as_str().into(),
                terms.claims.to_json().into(),
                i64::from(terms.any_ref).into(),
                terms.ttl.span().as_secs().into(),
                terms.keys.as_ref().map(|keys| keys.as_str().to_owned()).into(),
                key.to_string().into(),
                created_at.as_millis().into(),
            ],
        ));
        self.touch(*key);
    }

    /// Forgets a trust. Its key stays, as whoever it was.
    pub(crate) fn delete_trust(&mut self, trust: &Trust) {
        let sql = "DELETE FROM keyctl.trust WHERE name = $1";
        self.pending.push(Statement::new(sql, [trust.name.as_str().into()]));
        self.touch(trust.key);
    }
}
